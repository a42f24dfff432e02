import ApusChemistry
import ApusFiles
import ApusFormats

/// Reads HDF5 files of molecules in groups: modelforge's curated files, SPICE, ANI-1, ANI-1x, ANI-2x, TorchANI, AIMNet,
/// Transition1x, QM7-X.
///
/// A label that is not a number is one that is not known, as in ANI-1x.
final class HDF5Reader: ConfigurationReader {
    let units: SourceUnits
    let isSinglePrecision: Bool
    /// What a description beside the file states.
    var selfEnergies: [Int: Double]?
    private let file: HDF5File
    private let path: String
    private let layout: HDF5Layout
    private let options: ReadingOptions
    /// The array of each property.
    private let keys: [Property: String]
    private var names: [String] = []
    private var isKnownName: Set<String> = []
    /// Groups that are still to be looked into, the next one last.
    private var pending: [String]
    private let walk: HDF5Walk
    private var group: HDF5Group?
    private var row = 0
    private var count = 0
    private var queue = FrameQueue()
    private var unitTexts: [String: Bool] = [:]

    init(path: String, options: ReadingOptions) throws {
        (self.path, self.options) = (path, options)
        file = try HDF5File(reading: path)
        // The first group with configurations stands for all.
        var pending = ["/"]
        let search = HDF5Walk(file)
        var start: (group: String, names: [String], layout: HDF5Layout)?
        while start == nil, let group = pending.popLast() {
            let names = try file.names(in: group)
            if names.contains("n_configs"), names.contains("atomic_numbers") {
                start = (group, names, HDF5Layout(modelforge: file, group: group, names: names))
            } else if let layout = HDF5Layout(arrays: Set(names)) {
                start = (group, names, layout)
            } else {
                pending += try Self.subgroups(names, of: group, search)
            }
        }
        try file.requireSound()
        guard let start else {
            throw ApusError(
                .data, file: path, problem: "no group has configurations in a layout that is known",
                remedy: "modelforge, SPICE, ANI, TorchANI, AIMNet, Transition1x and QM7-X are read")
        }
        layout = start.layout
        var keys: [Property: String] = [.positions: layout.positions, .atomicNumbers: layout.numbers[0]]
        for property in options.properties {
            if let assigned = options.assignment[property] {
                keys[property] = assigned.isEmpty ? nil : assigned
            } else if let usual = layout.usual[property] {
                keys[property] = usual
            }
        }
        self.keys = keys
        var statements: [Property: SourceUnits.Statement] = [:]
        for (property, key) in keys where property != .atomicNumbers {
            let array = start.group == "/" ? "/" + key : "\(start.group)/\(key)"
            guard let text = file.text(attribute: layout.unitAttribute, of: array) else { continue }
            statements[property] = SourceUnits.Statement(
                key: layout.unitAttribute, text: text, place: "'\(array)'")
        }
        units = try SourceUnits(
            statements: [:], propertyStatements: statements, options: options,
            convention: ("\(layout.name) convention", layout.units), file: path,
            forcesAreGradients: layout.hasGradients && options.assignment[.forces] == nil
                || options.assignment[.forces]?.contains("gradient") == true)
        isSinglePrecision = [Property.positions, .forces].allSatisfy { [file] property in
            guard let key = keys[property], let array = try? file.dataset("\(start.group)/\(key)") else { return true }
            return array.elementType == .real(width: 4)
        }
        self.pending = ["/"]
        walk = HDF5Walk(file)
    }

    private static func subgroups(_ names: [String], of group: String, _ walk: HDF5Walk) throws -> [String] {
        let parent = group == "/" ? "/" : group + "/"
        // What TorchANI writes about itself, and what is in another group too.
        let ignored = HDF5Layout.repeated(names).union(["_created", "_meta"])
        return try names.reversed().filter { !ignored.contains($0) }.map { parent + $0 }
            .filter(walk.enters)
    }

    func next() throws -> SourceFrame? {
        let frame = try queue.next(block)
        if frame == nil {
            try file.requireSound()
            try requireAssignedArrays()
        }
        return frame
    }

    private func block() throws -> FrameBlock? {
        while group.map({ row >= $0.count }) ?? true {
            guard let next = pending.popLast() else { return nil }
            let names = try file.names(in: next)
            guard names.contains(layout.positions) else {
                pending += try Self.subgroups(names, of: next, walk)
                continue
            }
            for name in names where isKnownName.insert(name).inserted { self.names.append(name) }
            let group = try HDF5Group(next, names: names, file: file, keys: keys, layout: layout, options: options)
            try requireUnits(of: group)
            (self.group, row) = (group, 0)
        }
        guard let group else { return nil }
        let rows = row..<min(group.count, row + FrameBlock.rows(atoms: group.atoms))
        defer {
            row = rows.upperBound
            count += rows.count
        }
        return try group.block(rows, start: count, path: path)
    }

    /// The units of all groups must be those of the first.
    private func requireUnits(of group: HDF5Group) throws {
        for (property, array) in group.arrays {
            guard let text = array.text(attribute: layout.unitAttribute) else { continue }
            let key = "\(property.key) \(text)"
            if unitTexts[key] == true { continue }
            let unit = try? Unit(text)
            guard let unit, unit == units.unit(of: property) else {
                throw ApusError(
                    .data, file: path, place: "'\(array.name)'",
                    problem: "the unit of the \(property.name) is '\(text)' here, but "
                        + "'\(units.unit(of: property))' in the first group or by convention",
                    remedy: "write all groups in the same units")
            }
            unitTexts[key] = true
        }
    }

    private func requireAssignedArrays() throws {
        for (property, key) in options.assignment where !key.isEmpty && !isKnownName.contains(key) {
            throw options.names.error(
                assigning: property, file: path, "there is no array '\(key)'",
                remedy: "the arrays are \(names.joined(separator: ", "))")
        }
    }

    var interpretation: Interpretation {
        var entries: [Interpretation.Entry] = []
        for property in options.properties {
            guard let key = keys[property] ?? (property == .totalCharge && layout.name == "SPICE" ? "smiles" : nil),
                queue.count(of: property) > 0
            else { continue }
            entries.append(units.entry(property, key: key, count: queue.count(of: property)))
        }
        let used = Set(entries.map(\.key)).union(layout.numbers).union([
            "n_configs", "grouped_indices", "grouped_n_configs", "grouped_names", "subset", "smiles", "cell", "pbc",
        ])
        return Interpretation(
            format: "HDF5 of \(layout.name)", count: queue.count, entries: entries,
            unusedKeys: names.filter { !used.contains($0) })
    }
}
