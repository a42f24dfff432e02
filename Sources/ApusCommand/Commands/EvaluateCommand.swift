import ApusCPU
import ApusDatasets
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusReporting
import ApusRun
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

            The folder of a run stands for its model. Without data the test part of the run is evaluated, the same \
            configurations, precision and baseline as at the end of training; run.json in the folder tells whether the \
            data are still those.

            --per-configuration writes reference and prediction of each configuration side by side: as a table (.csv) \
            with energies, errors of the force components and everything else that is compared, or as geometries (.extxyz) with \
            keys and columns that begin with reference_ and predicted_. Indices count from 0, as those of a split do.
            """)

    @Argument(help: "Model file, or folder of a run.", completion: .file())
    var model: String

    @Argument(
        help: "Data in any format that can be read; the test part of the run unless given.", completion: .file())
    var data: String?

    @Option(help: "Part of the run to evaluate where no data are given: training, validation or test.")
    var part: Evaluation.Part?

    @Option(
        help: ArgumentHelp("File for the comparison of each configuration.", valueName: "file.csv|file.extxyz"),
        completion: .file(extensions: ["csv", "extxyz"]))
    var perConfiguration: String?

    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var computing: ComputingOptions

    @OptionGroup var results: ResultOptions
    @OptionGroup var messages: MessageOptions

    func validate() throws {
        if part != nil && data != nil {
            throw ValidationError("--part chooses among the parts of a run, so it goes without data.")
        }
        if data == nil, let option = dataOptions.firstGiven {
            throw ValidationError(
                "\(option) is about data that are named; those of a run are read as its configuration says.")
        }
    }

    func run() throws {
        try reportingErrors {
            let observer = messages.observer
            let run = isFolder(model) ? try RecordedRun(model) : nil
            let inputs = [data].compactMap { $0 } + (run?.inputs ?? [model])
            let target = try perConfiguration.map { try OutputOption.comparison.targetSparingRuns($0, inputs: inputs) }
            let comparison: Evaluation
            if let data {
                comparison = try Evaluation(
                    of: model, on: data, reading: dataOptions.readingOptions(into: .electronvoltAngstrom),
                    momentOrigin: dataOptions.multipoleOrigin, observer: observer)
            } else if let run {
                comparison = try Evaluation(ofRun: run.path, part: part ?? .test, observer: observer)
            } else {
                throw ApusError(
                    .usage, file: model, problem: "a model file says nothing about data to compare it with",
                    remedy: "name data, as in 'apus evaluate \(shellWord(model)) DATA', or the folder of a run")
            }
            let device = try Device(
                precision: computing.chosenPrecision ?? comparison.precision, threads: computing.threadCount)
            let table = try comparison.table(on: device)
            if let target {
                try comparison.write(to: target, on: device)
                let count = counted(comparison.samples.count, "configuration")
                messages.log.info("\(target.name): \(count), \(comparison.model.units)")
            }
            printResult(results.json ? table.json.description : table.text)
        }
    }
}

extension Evaluation.Part: ExpressibleByArgument {}
