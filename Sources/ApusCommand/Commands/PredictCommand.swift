import ApusCPU
import ApusDatasets
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusReporting
import ApusTraining
import ArgumentParser

/// `apus predict`.
struct PredictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Computes energies, forces and what else a model knows.",
        discussion: """
            The output is extended XYZ with total energies, forces, stresses and virials of periodic systems, and charges \
            and moments where the model has them, in the units of the model, which its header states. Stresses are \
            positive under tension. Moments refer to the centre of mass. Labels in the input \
            are not used, but the total charge and the spin multiplicity are where the model depends on them.
            """)

    @Argument(help: "Model file, or folder of a run.", completion: .file())
    var model: String

    @Argument(help: "Structures in any format that can be read.", completion: .file())
    var data: String

    @Option(
        name: .shortAndLong, help: ArgumentHelp("File to write; - is standard output.", valueName: "out.extxyz"),
        completion: .file(extensions: ["extxyz", "xyz"]))
    var output: String

    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var computing: ComputingOptions
    @OptionGroup var messages: MessageOptions

    func run() throws {
        try reportingErrors {
            let file = try RunFolder.model(model)
            let target = try OutputOption.extendedXYZ("predictions").targetSparingRuns(output, inputs: [file, data])
            let model = try ModelFile.read(file).model
            var options = dataOptions.readingOptions(into: model.units)
            options.labels = [.totalCharge, .spinMultiplicity]
            options.needed = Set(model.requiredLabels)
            let dataset = try Dataset.read(path: data, options: options)
            let log = messages.log
            if let warning = model.energyReference.warning { log.warning(warning) }
            for line in dataset.interpretation.leftOut { log.warning("\(data): \(line)") }
            let selfEnergies = SelfEnergies(model.selfEnergies, unit: model.units.energy)
            for configuration in dataset.configurations {
                _ = try selfEnergies.total(of: configuration.system, place: configuration.place)
            }
            try dataset.require(model.featurizationLabels)
            FindingLog(log).report(
                model.findings(predicting: [
                    try PartCensus(
                        "", Samples(dataset.configurations, selfEnergies: selfEnergies),
                        cutoff: model.cutoff, offset: 0)
                ]))
            let predictor = Predictor(model, on: try computing.device)
            let predictions = try predictor.predict(dataset.configurations.map(\.system))
            try dataset.configurations.requireUnchanged()
            let labelled = zip(dataset.configurations, predictions).map { configuration, prediction in
                // The total charge is what was stated, not what the charges sum to.
                configuration.labelled(
                    prediction.labels.filter { property, _ in
                        property != .totalCharge
                            && (model.energyReference != .untrained || ![.energy, .forces, .stress, .virial].contains(property))
                    })
            }
            try Dataset.write(
                labelled, units: model.units, to: target,
                stating: model.energyReference == .absolute
                    ? [] : [("energy_reference", model.energyReference.rawValue)])
            log.info("\(target.name): \(counted(labelled.count, "configuration")), \(model.units)")
        }
    }
}
