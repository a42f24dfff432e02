import ApusChemistry
import ApusFiles

extension Dataset {
    /// The formats that can be written, by the end of the file's name.
    public enum OutputFormat: String, CaseIterable, Sendable {
        /// Extended XYZ.
        case extendedXYZ = "extxyz"
        /// NumPy arrays of one molecule, with the keys of MD17 and sGDML.
        case numpyArchive = "npz"
        /// A database of ASE, with SchNetPack's units in its metadata.
        case aseDatabase = "db"
        /// modelforge's curated HDF5, schema 2.
        case modelforge = "hdf5"

        /// The ends of names of files that can be written.
        public static let endings = [".extxyz", ".xyz", ".npz", ".db", ".hdf5", ".h5"]

        /// Chooses by the name of a file; standard output takes extended XYZ.
        ///
        /// - Throws: `ApusError` of kind `usage`.
        public init(_ target: OutputTarget) throws {
            switch target {
            case .file(let path): try self.init(path: path)
            case .standardOutput: self = .extendedXYZ
            }
        }

        /// Chooses by the name of a file.
        ///
        /// - Throws: `ApusError` of kind `usage`.
        public init(path: String) throws {
            let suffix = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
            let aliases = ["xyz": "extxyz", "h5": "hdf5"]
            guard let format = OutputFormat(rawValue: aliases[suffix] ?? suffix) else {
                throw ApusError(
                    .usage, file: path, problem: "the end of the name says no format that can be written",
                    remedy: "use .extxyz, .npz, .db or .hdf5")
            }
            self = format
        }
    }

    /// Writes the configurations to a file in a format, or to standard output, which takes extended XYZ alone.
    ///
    /// - Throws: `ApusError` when the format cannot hold the data, or writing fails.
    public func write(to target: OutputTarget, as format: OutputFormat) throws {
        switch target {
        case .file(let path): try write(to: path, as: format)
        case .standardOutput:
            guard format == .extendedXYZ else {
                throw ApusError(.usage, problem: "\(format.rawValue) cannot be written to standard output")
            }
            try write(to: target)
        }
    }

    /// Writes the configurations in a format, in the units of the data set, one after the other.
    ///
    /// Energies, positions and forces read back with the same bits. modelforge's files are in kJ/mol and nm, whatever
    /// the units of the data set: bits then stay if these are the same. A label that a configuration lacks it lacks when it
    /// is read back; in formats of whole arrays, NaN stands in its place.
    ///
    /// - Throws: `ApusError` when the format cannot hold the data, or writing fails.
    public func write(to path: String, as format: OutputFormat) throws {
        switch format {
        case .extendedXYZ: try write(to: path)
        case .numpyArchive: try writeNumpyArchive(path)
        case .aseDatabase: try writeASEDatabase(path)
        case .modelforge: try writeModelforge(path)
        }
    }

    /// The labels that some configurations have, in the order of their keys.
    var presentLabels: [Property] {
        configurations.reduce(into: Set<Property>()) { $0.formUnion($1.labels.keys) }.sorted { $0.key < $1.key }
    }

    /// The numbers of a label of some configurations, one after the other; NaN for those that lack it.
    func numbers(_ property: Property, _ positions: some Sequence<Int>) -> [Double] {
        positions.flatMap { position in
            configurations.label(property, position)
                ?? [Double](repeating: .nan, count: property.count(atoms: configurations.atomCount(position)))
        }
    }

    /// The lattice vectors of some configurations, zeros for none, and along which they repeat; nil where none has a cell.
    func cells(_ positions: some Sequence<Int>) -> (vectors: [Double], periodic: [Int])? {
        let cells = positions.map { configurations[$0].system.cell }
        guard cells.contains(where: { $0 != nil }) else { return nil }
        return (
            cells.flatMap { ($0?.vectors ?? [.zero, .zero, .zero]).flatMap { [$0.x, $0.y, $0.z] } },
            cells.flatMap { ($0?.isPeriodicAlong ?? [false, false, false]).map { $0 ? 1 : 0 } }
        )
    }
}
