import ApusChemistry
import ApusFiles
import ApusFormats

/// Reads the folders of DeePMD-kit: `type.raw`, `type_map.raw`, `set.*/coord.npy` and so on, in eV and Å.
///
/// A folder is a system, or holds systems at any depth. `nopbc` or the absence of `box.npy` marks isolated systems. In
/// the mixed form `real_atom_types.npy` gives the elements frame by frame, −1 for no atom.
/// Zeng et al., J. Chem. Phys. 159, 054801 (2023), doi:10.1063/5.0155600.
final class DeePMDReader: ConfigurationReader {
    let units: SourceUnits
    let isSinglePrecision: Bool
    private let path: String
    private let options: ReadingOptions
    private var systems: [String]
    private var sets: [DeePMDSet] = []
    private var found: [Property: String] = [:]
    private var unused: Set<String> = []
    private var count = 0
    private var queue = FrameQueue()

    static let usualKeys: [Property: [String]] = [
        .positions: ["coord"], .energy: ["energy"], .forces: ["force"], .virial: ["virial"], .dipole: ["dipole"],
        .charges: ["atomic_charge"], .atomicEnergies: ["atom_ener"],
    ]

    init(path: String, options: ReadingOptions) throws {
        (self.path, self.options) = (path, options)
        systems = try Self.systems(below: path).reversed()
        units = try SourceUnits(
            statements: [:], options: options, convention: ("DeePMD convention", .electronvoltAngstrom), file: path)
        isSinglePrecision = try systems.allSatisfy { system in
            try Self.sets(of: system).allSatisfy { set in
                try ["coord", "force"].allSatisfy { name in
                    let file = "\(set)/\(name).npy"
                    return try !fileExists(file) || NumpyRows(path: file).elementType == .real(width: 4)
                }
            }
        }
    }

    /// The folders with `type.raw` below a folder, itself included.
    static func systems(below folder: String, depth: Int = 0) throws -> [String] {
        if fileExists(folder + "/type.raw") { return [folder] }
        guard depth < 8 else { return [] }
        return try namesInFolder(folder).map { "\(folder)/\($0)" }.filter(isFolder)
            .flatMap { try systems(below: $0, depth: depth + 1) }
    }

    fileprivate static func sets(of system: String) throws -> [String] {
        try namesInFolder(system).filter { $0.hasPrefix("set.") }.map { "\(system)/\($0)" }.filter(isFolder)
    }

    func next() throws -> SourceFrame? { try queue.next(block) }

    private func block() throws -> FrameBlock? {
        while true {
            if let set = sets.last {
                if let block = try set.block(start: count) {
                    count += block.count
                    return block
                }
                sets.removeLast()
            } else if let system = systems.popLast() {
                let description = try DeePMDSystem(system)
                sets = try Self.sets(of: system).map {
                    try DeePMDSet($0, of: description, root: path, options: options)
                }.reversed()
                guard !sets.isEmpty else {
                    throw ApusError(
                        .data, file: system, problem: "there is no folder set.000", remedy: "name a complete system")
                }
                for set in sets {
                    found.merge(set.keys.keys) { first, _ in first }
                    unused.formUnion(set.keys.unused(except: ["real_atom_types", "box"]))
                }
            } else {
                return nil
            }
        }
    }

    var interpretation: Interpretation {
        var found = found
        found[.atomicNumbers] = "type.raw"
        return Interpretation(
            format: "DeePMD", count: queue.count,
            entries: options.properties.compactMap { property in
                found[property].map { units.entry(property, key: $0, count: queue.count(of: property)) }
            }, unusedKeys: unused.sorted())
    }
}

/// The atoms of a system of DeePMD.
private struct DeePMDSystem {
    let folder: String
    let record: String?
    /// The type of each atom.
    let types: [Int]
    /// The atomic number of each type.
    let numbers: [Int]
    let isIsolated: Bool

    init(_ folder: String) throws {
        self.folder = folder
        func words(_ name: String) throws -> [String] {
            String(decoding: try readFile(path: "\(folder)/\(name)"), as: UTF8.self)
                .split(whereSeparator: \.isWhitespace).map { String($0) }
        }
        guard fileExists(folder + "/type_map.raw") else {
            throw ApusError(
                .data, file: folder, problem: "there is no type_map.raw, so the elements are not known",
                remedy: "write the symbols of the types into it, one a line")
        }
        numbers = try words("type_map.raw").enumerated().map { index, symbol in
            do { return try Element(symbol: symbol).atomicNumber } catch {
                throw ApusError(.data, file: folder + "/type_map.raw", place: "line \(index + 1)", problem: "\(error)")
            }
        }
        let known = numbers.indices
        types = try words("type.raw").enumerated().map { index, text in
            guard let type = Int(text), known.contains(type) else {
                throw ApusError(
                    .data, file: folder + "/type.raw", place: "line \(index + 1)",
                    problem: "'\(text)' is not a type from 0 to \(known.upperBound - 1)",
                    remedy: "correct it or complete type_map.raw")
            }
            return type
        }
        guard !types.isEmpty else {
            throw ApusError(.data, file: folder + "/type.raw", problem: "the file names no atom")
        }
        isIsolated = fileExists(folder + "/nopbc")
        record = folder.split(separator: "/").last.map { String($0) }
    }
}

/// A folder `set.*` of a system of DeePMD.
private final class DeePMDSet {
    let keys: ArrayKeys
    private let folder: String
    private let root: String
    private let system: DeePMDSystem
    private let arrays: [Property: NumpyRows]
    private let leftOut: [Property: ApusError]
    private let cells: NumpyRows?
    private let types: NumpyRows?
    private let count: Int
    private var position = 0

    init(_ folder: String, of system: DeePMDSystem, root: String, options: ReadingOptions) throws {
        (self.folder, self.system, self.root) = (folder, system, root)
        let names = try namesInFolder(folder).filter { $0.hasSuffix(".npy") }.map { String($0.dropLast(4)) }
        var options = options
        options.assignment[.atomicNumbers] = nil
        keys = try ArrayKeys(names, usual: DeePMDReader.usualKeys, options: options, file: folder)
        let atoms = system.types.count
        func rows(_ name: String) throws -> NumpyRows { try NumpyRows(path: "\(folder)/\(name).npy") }
        let positions = try rows(keys.required(.positions, file: folder))
        count = positions.shape.first ?? 0
        var arrays: [Property: NumpyRows] = [:]
        var leftOut: [Property: ApusError] = [:]
        for property in keys.properties {
            let array = try rows(keys[property] ?? "")
            let width = property.count(atoms: atoms)
            guard array.shape.first == count, array.shape.dropFirst().reduce(1, *) == width else {
                let reason = ApusError.wrongShape(
                    property, array: keys[property] ?? "", found: array.shape, wanted: "[\(count), \(width)]",
                    file: folder)
                guard !options.needs(property) else { throw reason }
                leftOut[property] = reason
                continue
            }
            arrays[property] = array
        }
        self.arrays = arrays
        self.leftOut = leftOut
        cells = !system.isIsolated && names.contains("box") ? try rows("box") : nil
        types = names.contains("real_atom_types") ? try rows("real_atom_types") : nil
        for (name, array, width) in [("box", cells, 9), ("real_atom_types", types, atoms)] {
            guard let array, array.shape.reduce(1, *) != count * width || array.shape.first != count else { continue }
            throw ApusError(
                .data, file: "\(folder)/\(name).npy",
                problem: "the shape must be [\(count), \(width)], not \(array.shape)",
                remedy: "write all arrays of the set with as many frames")
        }
    }

    func block(start: Int) throws -> FrameBlock? {
        let atoms = system.types.count
        let rows = min(count - position, FrameBlock.rows(atoms: atoms))
        guard rows > 0 else { return nil }
        position += rows
        var values: [Property: [Double]] = [:]
        for (property, array) in arrays {
            values[property] = property.expanded(try array.next(rows).doubles(), systems: rows)
        }
        let numbers: FrameBlock.Numbers
        if let types {
            numbers = .byRow(
                try types.next(rows).integers().map { type in
                    guard type >= 0 else { return -1 }
                    guard type < system.numbers.count else {
                        throw ApusError(
                            .data, file: folder + "/real_atom_types.npy",
                            problem: "there is no type \(type) in type_map.raw", remedy: "complete type_map.raw")
                    }
                    return system.numbers[type]
                })
        } else {
            numbers = .shared(system.types.map { system.numbers[$0] })
        }
        var block = FrameBlock(
            file: root, start: start, count: rows, atoms: atoms, numbers: numbers,
            positions: values.removeValue(forKey: .positions) ?? [], labels: values,
            cells: try cells?.next(rows).doubles())
        block.leftOut = leftOut
        block.marksFilling = true
        if types == nil {
            let record = system.record
            block.record = { _ in record }
        }
        return block
    }
}
