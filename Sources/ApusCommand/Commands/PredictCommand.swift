import ApusCPU
import ApusDatasets
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusReporting
import ApusRun
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
            let target = try OutputOption.extendedXYZ("predictions").targetSparingRuns(
                output, inputs: [RecordedRun.modelPath(model), data])
            let prediction = try FilePrediction(
                of: model, on: data, reading: dataOptions.readingOptions(into: .electronvoltAngstrom),
                observer: messages.observer)
            try prediction.write(to: target, on: try computing.device)
        }
    }
}
