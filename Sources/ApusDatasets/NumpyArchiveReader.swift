import ApusChemistry
import ApusFiles

/// Reads the arrays of an npz file: one molecule, many geometries.
///
/// | | positions | elements | energies | forces | units |
/// |---|---|---|---|---|---|
/// | MD17, sGDML | `R` | `z` | `E` | `F` | `r_unit`, `e_unit`; without them kcal/mol and Å |
/// | rMD17 | `coords` | `nuclear_charges` | `energies` | `forces` | kcal/mol and Å |
///
/// MD17: Chmiela et al., Sci. Adv. 3, e1603015 (2017), doi:10.1126/sciadv.1603015. rMD17: Christensen and von
/// Lilienfeld, Mach. Learn.: Sci. Technol. 1, 045018 (2020), doi:10.1088/2632-2153/abba6f.
final class NumpyArchiveReader: ConfigurationReader {
    let units: SourceUnits
    private let archive: NumpyArchive
    private let path: String
    private let keys: ArrayKeys
    private let numbers: [Int]
    private let count: Int
    private let record: String?
    private let arrays: [Property: NumpyRows]
    private let leftOut: [Property: ApusError]
    private var position = 0
    private var queue = FrameQueue()

    private static let usualKeys: [Property: [String]] = [
        .positions: ["R", "coords"], .atomicNumbers: ["z", "nuclear_charges"], .energy: ["E", "energies"],
        .forces: ["F", "forces"], .dipole: ["D", "dipole", "dipoles"], .charges: ["Q", "charges"],
        .totalCharge: ["total_charge"], .quadrupole: ["quadrupole", "quadrupoles"],
        .spinMultiplicity: ["spin_multiplicity"],
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
        keys = try ArrayKeys(archive.names, usual: Self.usualKeys, options: options, file: path)
        let elementsName = try keys.required(.atomicNumbers, file: path)
        let names = [try keys.required(.positions, file: path), elementsName]
        let convention =
            names == ["R", "z"] ? "MD17 convention" : names == ["coords", "nuclear_charges"] ? "rMD17 convention" : nil
        let unitStatements = try Self.unitStatements(archive)
        units = try SourceUnits(
            statements: unitStatements,
            propertyStatements: SourceUnits.statements(inNamesOf: keys.keys, except: unitStatements, options),
            options: options,
            convention: convention.map { ($0, .kilocaloriePerMoleAngstrom) }, file: path)

        let elements = try archive[names[1]]
        guard elements.shape.count == 1, elements.shape[0] > 0 else {
            throw ApusError.wrongShape(
                .atomicNumbers, array: names[1], found: elements.shape, wanted: "[atoms]", file: path)
        }
        numbers = try elements.integers()
        let atoms = numbers.count
        let positions = try archive.rows(of: names[0])
        guard positions.shape.count == 3, positions.shape[1...] == [atoms, 3] else {
            throw ApusError.wrongShape(
                .positions, array: names[0], found: positions.shape, wanted: "[configurations, \(atoms), 3]",
                file: path)
        }
        count = positions.shape[0]
        guard count > 0 else { throw ApusError(.data, file: path, problem: "the file has no configuration") }
        var arrays = [Property.positions: positions]
        var leftOut: [Property: ApusError] = [:]
        for property in keys.labels {
            let array = try archive.rows(of: keys[property] ?? "")
            guard property.fits(array.shape, count: count, atoms: atoms) else {
                let reason = ApusError.wrongShape(
                    property, array: keys[property] ?? "", found: array.shape,
                    wanted: "\(property.shape(count: count, atoms: atoms))", file: path)
                guard !options.needs(property) else { throw reason }
                leftOut[property] = reason
                continue
            }
            arrays[property] = array
        }
        self.arrays = arrays
        self.leftOut = leftOut
        record = archive.names.contains("name") ? try archive["name"].strings().first : nil
    }

    var isSinglePrecision: Bool {
        [Property.positions, .forces].compactMap { arrays[$0] }.allSatisfy { $0.elementType == .real(width: 4) }
    }

    func next() throws -> SourceFrame? { try queue.next(block) }

    private func block() throws -> FrameBlock? {
        let rows = min(count - position, FrameBlock.rows(atoms: numbers.count))
        guard rows > 0 else { return nil }
        var values: [Property: [Double]] = [:]
        for (property, array) in arrays { values[property] = try array.next(rows).doubles() }
        let record = record
        var block = FrameBlock(
            file: path, start: position, count: rows, atoms: numbers.count, numbers: .shared(numbers),
            positions: values.removeValue(forKey: .positions) ?? [], labels: values)
        block.record = { _ in record }
        block.leftOut = leftOut
        position += rows
        return block
    }

    private static func unitStatements(_ archive: NumpyArchive) throws -> [Dimension: SourceUnits.Statement] {
        var statements: [Dimension: SourceUnits.Statement] = [:]
        for (key, dimension) in [("r_unit", Dimension.length), ("e_unit", .energy)] where archive.names.contains(key) {
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
            }, unusedKeys: keys.unused(except: ["name", "r_unit", "e_unit", "type", "theory"]))
    }
}
