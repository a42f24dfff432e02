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
        abstract: "Compares a model with reference values.",
        discussion: """
            Everything that the model predicts and the file has is compared, in the units of the model; the baseline \
            predicts the mean energy per atom, no forces, and the mean of everything else.
            """)

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
            let compared = model.properties.filter { property in
                property == .energy || dataset.configurations.contains { $0[property] != nil }
            }
            try dataset.require(compared + model.featurizationLabels)
            let comparable = try dataset.momentsFromCenterOfMass(
                given: dataOptions.multipoleOrigin, for: [.dipole, .quadrupole].filter(compared.contains))
            let selfEnergies = SelfEnergies(model.selfEnergies, unit: model.units.energy)
            let samples = try Samples(
                comparable.configurations, selfEnergies: selfEnergies, offset: model.energyOffset)
            let evaluator = Evaluator(
                model, properties: compared, precision: computing.precision, threads: computing.threadCount,
                instructionSet: try InstructionSet.preferred())
            let errors = try evaluator.errors(
                on: samples, parameters: Numbers(model.parameters, precision: computing.precision))
            let table = MetricsTable(errors.rows("data", model.units, samples))
            printResult(json ? table.json.description : table.text)
        }
    }
}
