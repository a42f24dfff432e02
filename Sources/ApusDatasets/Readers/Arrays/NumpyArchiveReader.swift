import ApusChemistry
import ApusFiles
import ApusFormats

/// Reads the arrays of an npz file: geometries of one molecule, or of several in one of the layouts of ``Layout``.
///
/// | | positions | elements | energies | forces | units |
/// |---|---|---|---|---|---|
/// | MD17, sGDML | `R` | `z` | `E` | `F` | `r_unit`, `e_unit`, `stress_unit` …; without them kcal/mol and Å |
/// | rMD17 | `coords` | `nuclear_charges` | `energies` | `forces` | kcal/mol and Å |
/// | PhysNet and others | `R` | `Z` | `E` | `F` | to be stated |
///
/// Cells are read as ``ArrayCells`` says. Where an array `missing_labels` says `NaN`, a label that is not a number is one that
/// the configuration lacks, as Apus writes it.
///
/// MD17: Chmiela et al., Sci. Adv. 3, e1603015 (2017), doi:10.1126/sciadv.1603015. rMD17: Christensen and von
/// Lilienfeld, Mach. Learn.: Sci. Technol. 1, 045018 (2020), doi:10.1088/2632-2153/abba6f.
final class NumpyArchiveReader: ConfigurationReader {
    let units: SourceUnits
    private let archive: NumpyArchive
    private let path: String
    private let keys: ArrayKeys
    private let layout: Layout
    private let count: Int
    private let record: String?
    private let marksMissingLabels: Bool
    private let arrays: [Property: NumpyRows]
    private let leftOut: [Property: ApusError]
    private let cells: ArrayCells?
    private var position = 0
    private var queue = FrameQueue()

    /// The array that says how labels are marked that some configurations lack, and what it says: by numbers that are none.
    static let (missingLabelsName, missingLabelsText) = ("missing_labels", "NaN")

    private static let usualKeys: [Property: [String]] = [
        .positions: ["R", "coords", "positions", "coordinates"],
        .atomicNumbers: ["z", "nuclear_charges", "Z", "atomic_numbers", "numbers"],
        .energy: ["E", "energies", "energy"], .forces: ["F", "forces"], .stress: ["stress", "stresses"],
        .virial: ["virial", "virials"], .dipole: ["D", "dipole", "dipoles"], .atomicEnergies: ["atomic_energies"],
        .atomicSpinMultiplicities: ["per_atom_spin_multiplicity"],
        .charges: ["Q", "charges"], .totalCharge: ["total_charge", "Q"], .quadrupole: ["quadrupole", "quadrupoles"],
        .spinMultiplicity: ["spin_multiplicity", "multiplicity", "mult"], .forceMask: ["force_mask", "move_mask"],
        .configurationWeight: ["config_weight"],
    ]

    convenience init(path: String, options: ReadingOptions) throws {
        try self.init(try NumpyArchive.read(path), path: path, options: options)
    }

    init(_ archive: NumpyArchive, path: String, options: ReadingOptions) throws {
        (self.archive, self.path) = (archive, path)
        if archive.names.contains("type"), let type = try? archive["type"].strings(), type == ["m"] {
            throw ApusError(
                .data, file: path, problem: "this is a model of sGDML, not its data", remedy: "name the data")
        }
        var usual = Self.usualKeys
        let isOfSystems = try Self.isOfSystems("Q", archive)
        usual[isOfSystems ? .charges : .totalCharge]?.removeAll { $0 == "Q" }
        keys = try ArrayKeys(archive.names, usual: usual, options: options, file: path)
        let elementsName = try keys.required(.atomicNumbers, file: path)
        let names = [try keys.required(.positions, file: path), elementsName]
        let positions = try archive.rows(of: names[0])
        layout = try Layout(archive, numbers: names[1], positions: positions, named: names[0], file: path)
        let convention =
            names == ["R", "z"] ? "MD17 convention" : names == ["coords", "nuclear_charges"] ? "rMD17 convention" : nil
        let unitStatements = try Self.unitStatements(archive)
        units = try SourceUnits(
            statements: unitStatements,
            propertyStatements: SourceUnits.statements(inNamesOf: keys.keys, except: unitStatements, options),
            options: options,
            convention: convention.map { ($0, .kilocaloriePerMoleAngstrom) }, file: path)
        count = layout.count(positions.shape[0])
        guard count > 0 else { throw ApusError(.data, file: path, problem: "the file has no configuration") }
        var arrays = [Property.positions: positions]
        var leftOut: [Property: ApusError] = [:]
        for property in keys.labels {
            let array = try archive.rows(of: keys[property] ?? "")
            guard layout.fits(property, array.shape, count: count) else {
                let reason = ApusError.wrongShape(
                    property, array: keys[property] ?? "", found: array.shape,
                    wanted: "\(layout.extents(property, count))", file: path)
                guard !options.needs(property) else { throw reason }
                leftOut[property] = reason
                continue
            }
            arrays[property] = array
        }
        self.arrays = arrays
        self.leftOut = leftOut
        cells = try ArrayCells(archive, count: count, file: path)
        record = archive.names.contains("name") ? try archive["name"].strings().first : nil
        marksMissingLabels =
            archive.names.contains(Self.missingLabelsName)
            ? try archive[Self.missingLabelsName].strings() == [Self.missingLabelsText] : false
    }

    var isSinglePrecision: Bool {
        [Property.positions, .forces].compactMap { arrays[$0] }.allSatisfy { $0.elementType == .real(width: 4) }
    }

    func next() throws -> SourceFrame? { try queue.next(block) }

    /// Whether an array has a number for each configuration, as PhysNet's total charge `Q`, and none for each atom.
    private static func isOfSystems(_ name: String, _ archive: NumpyArchive) throws -> Bool {
        guard archive.names.contains(name) else { return false }
        let shape = try archive.rows(of: name).shape
        let energies = try usualKeys[.energy]?.first(where: archive.names.contains).map {
            try archive.rows(of: $0).shape
        }
        return shape.filter { $0 != 1 }.count <= 1 && shape.first == energies?.first
    }

    private func block() throws -> FrameBlock? {
        let rows: Int
        let elements: FrameBlock.Numbers
        let atoms: Int
        switch layout {
        case .shared(let numbers):
            atoms = numbers.count
            rows = min(count - position, FrameBlock.rows(atoms: atoms))
            elements = .shared(numbers)
        case .padded(let numbers, let width, let counts):
            atoms = width
            rows = min(count - position, FrameBlock.rows(atoms: atoms))
            let values = try numbers.next(rows).integers()
            try requireCounts(counts, values, rows, atoms)
            elements = .byRow(values)
        case .concatenated(let numbers, let counts):
            rows = min(count - position, 1)
            atoms = rows > 0 ? counts[position] : 0
            elements = .shared(try numbers.next(atoms).integers())
        }
        guard rows > 0 else { return nil }
        var values: [Property: [Double]] = [:]
        for (property, array) in arrays {
            let isOfAtoms = property.owner == .atom && layout.atoms == nil
            values[property] = property.expanded(try array.next(isOfAtoms ? atoms : rows).doubles(), systems: rows)
        }
        let record = record
        var block = FrameBlock(
            file: path, start: position, count: rows, atoms: atoms, numbers: elements,
            positions: values.removeValue(forKey: .positions) ?? [], labels: values)
        block.record = { _ in record }
        block.leftOut = leftOut
        block.marksMissingLabels = marksMissingLabels
        (block.cells, block.periodic) = cells?.rows(position..<position + rows) ?? (nil, nil)
        position += rows
        return block
    }

    /// The counts of atoms, where there are some beside numbers that fill up rows.
    private func requireCounts(_ counts: [Int]?, _ numbers: [Int], _ rows: Int, _ atoms: Int) throws {
        guard let counts else { return }
        for row in 0..<rows {
            let found = numbers[(row * atoms)..<((row + 1) * atoms)].count { $0 > 0 }
            guard found != counts[position + row] else { continue }
            throw Configuration.Place(file: path, frame: position + row + 1).error(
                "the count of atoms is \(counts[position + row]), but \(found) atomic numbers are above 0",
                remedy: "correct the file")
        }
    }

    /// sGDML's names, and those of extended XYZ.
    private static let unitKeys: [(key: String, dimension: Dimension)] =
        [("r_unit", .length), ("e_unit", .energy)] + SourceUnits.keys

    private static func unitStatements(_ archive: NumpyArchive) throws -> [Dimension: SourceUnits.Statement] {
        var statements: [Dimension: SourceUnits.Statement] = [:]
        for (key, dimension) in unitKeys where archive.names.contains(key) {
            guard let text = try archive[key].strings().first else { continue }
            statements[dimension] = SourceUnits.Statement(key: key, text: text, place: "array '\(key)'")
        }
        return statements
    }

    var interpretation: Interpretation {
        Interpretation(
            format: "NumPy archive", count: queue.count,
            entries: keys.properties.map {
                units.entry($0, key: keys[$0] ?? "", count: queue.count(of: $0))
            },
            unusedKeys: keys.unused(
                except: ["name", "type", "theory", Self.missingLabelsName] + Self.unitKeys.map(\.key)
                    + Layout.countNames + ArrayCells.names))
    }
}
