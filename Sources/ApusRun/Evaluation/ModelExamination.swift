import ApusCPU
import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusPotentials
import ApusTraining

/// What must hold for every potential, looked at for a model on some molecules.
public struct ModelExamination {
    /// The model.
    public let model: EnergyModel
    /// The molecules.
    public let systems: [AtomicSystem]

    /// Reads a model and molecules.
    ///
    /// - Parameters:
    ///   - model: A model file, or the folder of a run.
    ///   - file: Molecules in any format that can be read; nil for the examples in the model file.
    ///   - count: So many of the file, evenly spaced.
    ///   - reading: What the file does not say; its units are replaced by those of the model.
    ///   - registry: The types that the model can name.
    ///   - observer: Receives what is told.
    /// - Throws: `ApusError`, also when the model does not know an element, or atoms overlap in all configurations.
    public init(
        of model: String, on file: String? = nil, count: Int = 8, reading: ReadingOptions = ReadingOptions(),
        registry: Registry = .standard, observer: (any RunObserver)? = nil
    ) throws {
        let read = try RecordedRun.model(model, registry: registry)
        self.model = read.model
        guard let file else {
            systems = read.examples.map(\.system)
            return
        }
        var options = reading
        options.units = read.model.units
        options.marksMissingLabels = true
        let dataset = try Dataset.read(path: file, options: options)
        // No potential is meant for atoms that overlap, and in cells as small as that they have no end of neighbours.
        let findings = FindingLog(RunLog(observer))
        findings.report(try [dataset.overlapFinding()].compactMap { $0?.located(file: file) })
        let sound = try dataset.positionsWithoutOverlap(among: Array(dataset.configurations.indices))
        guard !sound.isEmpty else {
            throw ApusError(
                .data, file: file, problem: "there is no configuration to check, because atoms overlap in all",
                remedy: "name other structures, or none to use the examples in the model file")
        }
        let selfEnergies = SelfEnergies(read.model.selfEnergies, unit: read.model.units.energy)
        let stride = max(1, sound.count / count)
        systems = try (0..<min(count, sound.count)).map { k in
            let configuration = dataset.configurations[sound[k * stride]]
            _ = try selfEnergies.total(of: configuration.system, place: configuration.place)
            return configuration.system
        }
    }

    /// Compares derivatives with differences, and predictions with those that symmetry says are equal, in float64.
    public func run() throws -> [CheckResult] {
        try ModelChecks(model, on: systems, instructionSet: try InstructionSet.preferred()).run()
    }
}
