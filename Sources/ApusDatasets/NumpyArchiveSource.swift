import ApusChemistry
import ApusFiles

/// Makes a data set of the arrays of an npz file: one molecule, many geometries.
///
/// | | positions | elements | energies | forces | units |
/// |---|---|---|---|---|---|
/// | MD17, sGDML | `R` | `z` | `E` | `F` | `r_unit`, `e_unit`; without them kcal/mol and Å |
/// | rMD17 | `coords` | `nuclear_charges` | `energies` | `forces` | kcal/mol and Å |
///
/// MD17: Chmiela et al., Sci. Adv. 3, e1603015 (2017), doi:10.1126/sciadv.1603015. rMD17: Christensen and von
/// Lilienfeld, Mach. Learn.: Sci. Technol. 1, 045018 (2020), doi:10.1088/2632-2153/abba6f.
struct NumpyArchiveSource {
    private let archive: NumpyArchive
    private let path: String
    private let options: ReadingOptions
    private let keys: [Property: String]
    private let units: SourceUnits

    private static let usualKeys: [Property: [String]] = [
        .positions: ["R", "coords"], .atomicNumbers: ["z", "nuclear_charges"], .energy: ["E", "energies"],
        .forces: ["F", "forces"],
    ]

    init(path: String, options: ReadingOptions) throws {
        archive = try NumpyArchive.read(path)
        self.path = path
        self.options = options
        keys = try NumpyArchiveSource.keys(archive, path: path, options: options)

        let names = [keys[.positions], keys[.atomicNumbers]]
        let convention =
            names == ["R", "z"] ? "MD17 convention" : names == ["coords", "nuclear_charges"] ? "rMD17 convention" : nil
        units = try SourceUnits(
            statements: try NumpyArchiveSource.unitStatements(archive), options: options,
            convention: convention.map { ($0, .kilocaloriePerMoleAngstrom) }, file: path)
    }

    func dataset() throws -> Dataset {
        let numbers = try array(.atomicNumbers, "[atoms]") { $0.count == 1 && $0[0] > 0 }.integers()
        let atoms = numbers.count
        let positions = try array(.positions, "[configurations, \(atoms), 3]") {
            $0.count == 3 && $0[1...] == [atoms, 3]
        }
        let count = positions.shape[0]
        guard count > 0 else {
            throw ApusError(.data, file: path, problem: "the file has no configuration")
        }
        let coordinates = try vectors(positions.doubles())
        var labels: [Property: [Double]] = [:]
        for property in keys.keys where property != .positions && property != .atomicNumbers {
            labels[property] = try self.labels(property, count: count, atoms: atoms)
        }

        var builder = ConfigurationBuilder(from: units, to: options.units)
        let name = try moleculeName()
        let configurations = try (0..<count).map { index in
            let rows = (index * atoms)..<((index + 1) * atoms)
            var frame = SourceFrame(
                numbers: numbers, positions: Array(coordinates[rows]), record: name,
                place: Configuration.Place(file: path, frame: index + 1))
            for (property, values) in labels {
                let width = property.count(atoms: atoms)
                frame.labels[property] = Array(values[(index * width)..<((index + 1) * width)])
            }
            return try builder.configuration(frame)
        }
        return Dataset(
            configurations: configurations, units: options.units, path: path,
            interpretation: interpretation(count: count))
    }

    // MARK: Keys and units

    private static func keys(
        _ archive: NumpyArchive, path: String, options: ReadingOptions
    ) throws -> [Property: String] {
        let names = Set(archive.names)
        let listing = "the arrays are \(archive.names.joined(separator: ", "))"
        var keys: [Property: String] = [:]
        for property in options.properties {
            let option = "properties_assignment.\(property.key)"
            if let assigned = options.assignment[property] {
                guard names.contains(assigned) else {
                    throw ApusError(
                        .configuration, file: path, place: option, problem: "there is no array '\(assigned)'",
                        remedy: listing)
                }
                keys[property] = assigned
                continue
            }
            let found = usualKeys[property, default: []].filter(names.contains)
            guard found.count <= 1 else {
                throw ApusError(
                    .data, file: path,
                    problem: "both '\(found[0])' and '\(found[1])' could be the \(property.name)",
                    remedy: "choose one with the option \(option)")
            }
            keys[property] = found.first
        }
        for property in [Property.atomicNumbers, .positions] where keys[property] == nil {
            throw ApusError(
                .data, file: path, problem: "no array has the usual name of the \(property.name)",
                remedy: "\(listing); choose one with the option properties_assignment.\(property.key)")
        }
        return keys
    }

    private static func unitStatements(_ archive: NumpyArchive) throws -> [Dimension: SourceUnits.Statement] {
        var statements: [Dimension: SourceUnits.Statement] = [:]
        for (key, dimension) in [("r_unit", Dimension.length), ("e_unit", .energy)] where archive.names.contains(key) {
            guard let text = try archive[key].strings().first else { continue }
            statements[dimension] = SourceUnits.Statement(key: key, text: text, place: "array '\(key)'")
        }
        return statements
    }

    // MARK: Arrays

    /// The array of a property, if its shape is right.
    private func array(_ property: Property, _ wanted: String, _ isRight: ([Int]) -> Bool) throws -> NumpyArray {
        let key = keys[property] ?? ""
        let array = try archive[key]
        guard isRight(array.shape) else {
            throw ApusError(
                .data, file: path, place: "array '\(key)'",
                problem: "the \(property.name) must have the shape \(wanted), but it is \(array.shape)",
                remedy: "correct the file, or choose another array with properties_assignment")
        }
        return array
    }

    /// The numbers of a label of all configurations: one value a configuration, or one for each of its atoms. An axis
    /// of extent one is the same as none.
    private func labels(_ property: Property, count: Int, atoms: Int) throws -> [Double] {
        let shape =
            [count] + (property.owner == .atom ? [atoms] : []) + (property.components > 1 ? [3] : [])
            + (property.components == 9 ? [3] : [])
        return try array(property, "\(shape)") { found in
            found.first == count && found.filter { $0 != 1 } == shape.filter { $0 != 1 }
        }.doubles()
    }

    /// The molecule as MD17 and sGDML name it.
    private func moleculeName() throws -> String? {
        guard archive.names.contains("name") else { return nil }
        return try archive["name"].strings().first
    }

    private func interpretation(count: Int) -> Interpretation {
        let entries = options.properties.compactMap { property -> Interpretation.Entry? in
            guard let key = keys[property] else { return nil }
            return units.entry(property, key: key, count: count)
        }
        let isUsed = Set(keys.values).union(["name", "r_unit", "e_unit"])
        return Interpretation(
            format: "NumPy archive", count: count, entries: entries,
            unusedKeys: archive.names.filter { !isUsed.contains($0) })
    }
}
