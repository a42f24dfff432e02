import ApusChemistry
import ApusFiles

/// Reads the configurations of a data file one after the other, as they stand there.
protocol ConfigurationReader: AnyObject {
    /// The units of what it reads.
    var units: SourceUnits { get }
    /// Whether positions and forces are stored in 32 bits each, so that nothing is lost by keeping them so.
    var isSinglePrecision: Bool { get }
    /// What was taken from the file; complete after the last configuration.
    var interpretation: Interpretation { get }
    /// The energies of single atoms that the file states, in its unit of energy.
    var selfEnergies: [Int: Double]? { get }

    /// The next configuration; nil after the last.
    func next() throws -> SourceFrame?
}

extension ConfigurationReader {
    var isSinglePrecision: Bool { false }
    var selfEnergies: [Int: Double]? { nil }

    /// The energies of single atoms that the file states, which must be numbers that energies can be.
    ///
    /// - Throws: `ApusError`.
    func checkedSelfEnergies(file: String) throws -> [Int: Double]? {
        for (number, energy) in (selfEnergies ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard !Plausible.isPossible(selfEnergy: energy) else { continue }
            let name = Element.atomicNumbers.contains(number) ? Element.all[number - 1].symbol : "element \(number)"
            throw ApusError(
                .data, file: file, place: "self-energies",
                problem: "the energy of \(name) is \(energy), but must be a finite number up to "
                    + "\(Plausible.words(for: .energy)) in size", remedy: "correct or remove it")
        }
        return selfEnergies
    }
}

/// Opens a file or folder in any of the formats that are recognised by their content.
///
/// - Throws: `ApusError` when it cannot be opened, its format is not known, or its keys or units are not clear.
func openReader(_ path: String, options: ReadingOptions) throws -> any ConfigurationReader {
    switch try SourceFormat(of: path) {
    case .extendedXYZ: try ExtendedXYZReader(path: path, options: options)
    case .numpyArchive: try NumpyArchiveReader(path: path, options: options)
    case .hdf5: try HDF5Reader(path: path, options: options)
    case .aseDatabase: try ASEReader(try ASEDatabaseRows(path: path), path: path, options: options)
    case .aseTrajectory: try ASEReader(try ASETrajectoryRows(path: path), path: path, options: options)
    case .aseJSON: try ASEReader(try ASEJSONRows(path: path), path: path, options: options)
    case .qm9: try QM9Reader(path: path, options: options)
    case .deepMD: try DeePMDReader(path: path, options: options)
    case .modelforgeDescription:
        try ModelforgeDescription(path: path, version: options.version).openReader(options: options)
    case .store:
        throw ApusError(
            .data, file: path, problem: "this is a data set that was imported already", remedy: "use it as it is")
    }
}
