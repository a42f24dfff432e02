import ApusDatasets
import ApusGraph
import ApusPotentials
import ApusReporting
import ApusTraining
import ArgumentParser

/// `apus evaluate`.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Compares a model with reference energies and forces.",
        discussion: "Errors are in the units of the model; the baseline predicts the mean energy and no forces.")

    @Argument(help: "Model file.")
    var model: String

    @Argument(help: "Data: extended XYZ or npz.")
    var data: String

    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var computing: ComputingOptions

    @Flag(help: "Prints the errors as JSON.")
    var json = false

    func run() throws {
        try reportingErrors {
            let model = try ModelFile.read(model).model
            let dataset = try Dataset.read(path: data, options: dataOptions.readingOptions(into: model.units))
            let log = Log()
            for line in dataset.interpretation.lines { log.info("\(data): \(line)") }
            let hasForces = dataset.configurations.contains { $0.forces != nil }
            try dataset.require(hasForces ? [.energy, .forces] : [.energy])
            let selfEnergies = SelfEnergies(model.selfEnergies, unit: model.units.energy)
            let samples = try dataset.configurations.map { try Sample($0, selfEnergies: selfEnergies) }
            let evaluator = Evaluator(
                model, withForces: hasForces, precision: computing.precision, threads: computing.threadCount,
                instructionSet: try InstructionSet.preferred())
            let errors = try evaluator.errors(
                on: samples, parameters: Numbers(model.parameters, precision: computing.precision))
            let table = MetricsTable(errors.rows("data", model.units, samples))
            print(json ? table.json.description : table.text)
        }
    }
}
