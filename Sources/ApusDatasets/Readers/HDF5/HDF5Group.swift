import ApusChemistry
import ApusFiles
import ApusFormats

/// A group of an HDF5 file with configurations: one molecule, or several with as many atoms.
struct HDF5Group {
    /// Conformations in the group.
    let count: Int
    /// Atoms of each.
    let atoms: Int
    /// The arrays of positions and labels.
    let arrays: [Property: HDF5Dataset]
    private let leftOut: [Property: ApusError]
    /// The lattice vectors and flags of periodicity of each conformation.
    private let cells: (vectors: HDF5Dataset, periodic: HDF5Dataset?)?
    private let positions: HDF5Dataset
    private let numbers: Numbers
    private let totalCharge: Double?
    /// Whether the arrays are those of a single geometry, without an axis of geometries.
    private let isSingle: Bool
    private let record: (Int) -> String?
    private let file: String

    private enum Numbers {
        case shared([Int])
        case byRow(HDF5Dataset)
        /// modelforge's grouped records: the elements of each record, and which record a row belongs to.
        case byRecord([Int], recordOfRow: [Int])
    }

    /// Opens the arrays of a group and compares their shapes.
    ///
    /// - Throws: `ApusError` that names the array.
    init(
        _ group: String, names: [String], file: HDF5File, keys: [Property: String], layout: HDF5Layout,
        options: ReadingOptions
    ) throws {
        func array(_ name: String) throws -> HDF5Dataset {
            try file.dataset(group == "/" ? "/" + name : "\(group)/\(name)")
        }
        positions = try array(keys[.positions] ?? layout.positions)
        isSingle = positions.shape.count == 2 && layout.name == HDF5Layout.qm7x.name
        let extents = (isSingle ? [1] : []) + positions.shape
        guard extents.count == 3, extents[2] == 3, extents[1] > 0 else {
            throw ApusError.wrongShape(
                .positions, array: positions.name, found: positions.shape, wanted: "[configurations, atoms, 3]",
                file: file.path)
        }
        (count, atoms) = (extents[0], extents[1])
        var arrays = [Property.positions: positions]
        var leftOut: [Property: ApusError] = [:]
        for (property, key) in keys where property != .positions && property != .atomicNumbers && names.contains(key) {
            let array = try array(key)
            guard property.fits((isSingle ? [1] : []) + array.shape, count: count, atoms: atoms) else {
                let reason = ApusError.wrongShape(
                    property, array: array.name, found: array.shape,
                    wanted: property.shapeText(count: count, atoms: atoms), file: file.path)
                guard !options.needs(property) else { throw reason }
                leftOut[property] = reason
                continue
            }
            arrays[property] = array
        }
        self.arrays = arrays
        self.file = file.path
        self.leftOut = leftOut
        cells = try Self.cells(names, positions, count, unitAttribute: layout.unitAttribute, file: file.path, array)

        guard let name = layout.numbers.first(where: names.contains) else {
            throw file.missing(layout.numbers[0], in: group)
        }
        let elements = try array(name)
        let title = group.split(separator: "/").last.map { String($0) }
        if names.contains("grouped_indices") {
            let rows = try array("grouped_indices").integers()
            let titles = try array("grouped_names").strings()
            let all = try elements.integers()
            guard rows.count == count, all.count == titles.count * atoms, rows.allSatisfy(titles.indices.contains)
            else {
                throw ApusError.wrongShape(
                    .atomicNumbers, array: elements.name, found: elements.shape,
                    wanted: "[\(titles.count), \(atoms), 1], with \(count) grouped_indices below \(titles.count)",
                    file: file.path)
            }
            numbers = .byRecord(all, recordOfRow: rows)
            record = { titles[rows[$0]] }
        } else {
            let molecule = title.flatMap { layout.molecule(ofGroup: $0) }
            record = { _ in molecule }
            if elements.elementType == .text {
                numbers = .shared(
                    try elements.strings().map { symbol in
                        do { return try Element(symbol: symbol).atomicNumber } catch {
                            throw ApusError(
                                .data, file: file.path, place: "'\(elements.name)'", problem: "\(error)")
                        }
                    })
            } else if elements.count == atoms, elements.shape.first == atoms {
                numbers = .shared(try elements.integers())
            } else {
                numbers = .byRow(elements)
            }
        }
        switch numbers {
        case .shared(let numbers) where numbers.count != atoms:
            throw ApusError.wrongShape(
                .atomicNumbers, array: elements.name, found: elements.shape, wanted: "[\(atoms)]", file: file.path)
        case .byRow where elements.shape != [count, atoms]:
            throw ApusError.wrongShape(
                .atomicNumbers, array: elements.name, found: elements.shape,
                wanted: "[\(atoms)] or [\(count), \(atoms)]", file: file.path)
        default: break
        }
        totalCharge =
            layout.name == "SPICE" && arrays[.totalCharge] == nil && names.contains("smiles")
            ? try array("smiles").strings().first.map { Double(formalCharge(ofSMILES: $0)) } : nil
    }

    /// Some rows as they stand in the file.
    func block(_ rows: Range<Int>, start: Int, path: String) throws -> FrameBlock {
        let elements: FrameBlock.Numbers =
            switch numbers {
            case .shared(let numbers): .shared(numbers)
            case .byRow(let array): .byRow(try array.integers(rows: rows))
            case .byRecord(let all, let records):
                .byRow(rows.flatMap { all[(records[$0] * atoms)..<((records[$0] + 1) * atoms)] })
            }
        var labels: [Property: [Double]] = [:]
        for (property, array) in arrays where property != .positions {
            labels[property] = property.expanded(
                try array.doubles(rows: isSingle ? nil : rows), systems: rows.count)
        }
        if let totalCharge { labels[.totalCharge] = [Double](repeating: totalCharge, count: rows.count) }
        var block = FrameBlock(
            file: path, start: start, count: rows.count, atoms: atoms, numbers: elements,
            positions: try positions.doubles(rows: isSingle ? nil : rows), labels: labels)
        let (record, first) = (record, rows.lowerBound)
        block.record = { record(first + $0) }
        block.marksMissingLabels = true
        block.leftOut = leftOut
        block.cells = try cells?.vectors.doubles(rows: rows)
        block.periodic = try cells?.periodic.map {
            try periodicFlags(try $0.doubles(rows: rows), array: $0.name, file: file)
        }
        return block
    }

    /// The arrays `cell`, with lattice vectors as rows in the unit of the positions, and `pbc`.
    private static func cells(
        _ names: [String], _ positions: HDF5Dataset, _ count: Int, unitAttribute: String, file: String,
        _ array: (String) throws -> HDF5Dataset
    ) throws -> (vectors: HDF5Dataset, periodic: HDF5Dataset?)? {
        guard names.contains("cell") else { return nil }
        let (vectors, periodic) = (try array("cell"), names.contains("pbc") ? try array("pbc") : nil)
        func failure(_ array: HDF5Dataset, _ problem: String) -> ApusError {
            ApusError(
                .data, file: file, place: "'\(array.name)'", problem: problem, remedy: "correct or remove the array")
        }
        guard [[count, 3, 3], [count, 9]].contains(vectors.shape) else {
            throw failure(vectors, "the cells must have the shape \([count, 3, 3]), but it is \(vectors.shape)")
        }
        if let periodic, periodic.shape != [count, 3] {
            throw failure(periodic, "the flags must have the shape \([count, 3]), but it is \(periodic.shape)")
        }
        if let text = vectors.text(attribute: unitAttribute), let unit = positions.text(attribute: unitAttribute),
            text != unit
        {
            throw failure(vectors, "the unit of the cells is '\(text)', but that of the positions '\(unit)'")
        }
        return (vectors, periodic)
    }
}

extension HDF5File {
    fileprivate func missing(_ name: String, in group: String) -> ApusError {
        ApusError(
            .data, file: path, place: "'\(group)'", problem: "the group has no array '\(name)' with the elements",
            remedy: "the file is damaged")
    }
}

/// The total charge of a molecule by its SMILES: the sum of the charges that stand in brackets, as in `[NH4+]`,
/// `[O-:2]` or `[Ca+2]`.
func formalCharge(ofSMILES text: String) -> Int {
    var total = 0
    for atom in text.split(separator: "[", omittingEmptySubsequences: false).dropFirst() {
        // After the colon comes the number of the atom in a map.
        let content = atom.prefix { $0 != "]" }.prefix { $0 != ":" }
        guard let sign = content.firstIndex(where: { $0 == "+" || $0 == "-" }) else { continue }
        let signs = content[sign...].prefix { $0 == content[sign] }
        // No atom has a charge of more than two digits.
        let magnitude = Int(content[signs.endIndex...].prefix { $0.isWholeNumber }.prefix(2)) ?? signs.count
        total += content[sign] == "+" ? magnitude : -magnitude
    }
    return total
}
