import ApusDatasets
import ApusFiles
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
            predicts the mean energy per atom of these data, no forces, and their mean of everything else.
            """)

    @Argument(help: "Model file.")
    var model: String

    @Argument(help: "Data in any format that can be read.")
    var data: String

    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var computing: ComputingOptions

    @Flag(help: "Prints the errors as JSON.")
    var json = false

    func run() throws {
        try reportingErrors {
            let model = try ModelFile.read(model).model
            var options = dataOptions.readingOptions(into: model.units)
            options.marksMissingLabels = true
            let everything = try Dataset.read(path: data, options: options)
            let dataset = everything.restricted(to: everything.molecules)
            let log = Log()
            if let warning = model.energyReference.warning { log.warning(warning) }
            if dataset.count < everything.count {
                log.info("\(data): \(everything.count - dataset.count) configurations of single atoms are left out")
            }
            for line in dataset.interpretation.lines { log.info("\(data): \(line)") }
            let compared = model.properties.filter { property in
                (model.energyReference != .untrained || ![.energy, .forces].contains(property))
                    && dataset.configurations.contains { $0[property] != nil }
            }
            guard !compared.isEmpty else {
                throw ApusError(
                    .data, file: data, problem: "the file has nothing that the model predicts",
                    remedy: "name a file with reference values, or the key with --assign")
            }
            for property in compared {
                let count = dataset.configurations.indices.count(where: dataset.configurations.hasLabel(property))
                if count < dataset.count {
                    log.info("\(data): \(count) of \(dataset.count) configurations have \(property.name)")
                }
            }
            try dataset.require(model.featurizationLabels)
            let comparable = try dataset.momentsFromCenterOfMass(
                given: dataOptions.multipoleOrigin, for: [.dipole, .quadrupole].filter(compared.contains))
            let selfEnergies = SelfEnergies(model.selfEnergies, unit: model.units.energy)
            let findings = FindingLog(log)
            findings.report(try dataset.findings(about: compared).map { $0.located(file: data) })
            let samples = try Samples(
                comparable.configurations, selfEnergies: selfEnergies, offset: model.energyOffset)
            findings.report(
                model.findings(predicting: [
                    try PartCensus(
                        "", samples, cutoff: model.architecture.representation.cutoff, offset: model.energyOffset)
                ]))
            let evaluator = Evaluator(
                model, properties: compared, precision: computing.precision, threads: computing.threadCount,
                instructionSet: try InstructionSet.preferred())
            let errors = try evaluator.errors(
                on: samples, parameters: Numbers(model.parameters, precision: computing.precision))
            let table = MetricsTable(errors.rows("data", model.units, samples, baseline: BaselineMeans(samples)))
            printResult(json ? table.json.description : table.text)
        }
    }
}
