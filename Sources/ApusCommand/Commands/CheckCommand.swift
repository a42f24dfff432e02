import ApusCPU
import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusReporting
import ApusRun
import ArgumentParser

/// `apus check`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks what must hold for every potential, on a model and molecules.",
        discussion: """
            In float64: forces and parameter gradients against central differences, rotation, translation, \
            permutation, batches, the cutoff. Of cells: stresses against central differences of strained cells, \
            supercells, atoms moved by lattice vectors (wrapping), and a molecule in a large box against the isolated one; \
            where there is none of up to 500 atoms, of up to eight neighbouring atoms in a cell that is made for them. Then \
            float32 against float64. Without data the examples in the model file are used; configurations whose atoms \
            overlap are left out. The exit code is 1 when a check fails.
            """)

    @Argument(help: "Model file, or folder of a run.", completion: .file())
    var model: String

    @Argument(help: "Molecules in any format that can be read.", completion: .file())
    var data: String?

    @Option(help: "Molecules to check, evenly from the file.")
    var count = 8

    @OptionGroup var dataOptions: DataOptions

    @OptionGroup var results: ResultOptions
    @OptionGroup var messages: MessageOptions

    func validate() throws {
        if count < 1 { throw ValidationError("--count must be at least 1, not \(count).") }
    }

    func run() throws {
        try reportingErrors {
            let examination = try ModelExamination(
                of: model, on: data, count: count, reading: dataOptions.readingOptions(into: .electronvoltAngstrom),
                observer: messages.observer)
            let systems = examination.systems
            messages.log.info(
                "\(examination.model.potential.name) on \(systems.count) systems of "
                    + (data ?? "the model file") + " (\(Set(systems.map(\.formula)).sorted().joined(separator: ", ")))")
            let checks = try examination.run()
            printResult(results.json ? Self.json(checks).description : Self.text(checks))
            if !checks.allSatisfy(\.passed) { throw ExitCode(1) }
        }
    }

    private static func text(_ results: [CheckResult]) -> String {
        let width = results.map(\.name.count).max() ?? 0
        return results.map { result in
            let name = result.name + String(repeating: " ", count: width - result.name.count)
            let unit = result.unit.isEmpty ? "" : " \(result.unit)"
            return printable(
                "\(result.passed ? "passed" : "FAILED")  \(name)  "
                    + "\(numberText(result.worst, significantDigits: 3))\(unit) "
                    + "(allowed \(numberText(result.bound, significantDigits: 3))\(unit)): \(result.what)")
        }.joined(separator: "\n")
    }

    private static func json(_ results: [CheckResult]) -> JSONValue {
        .array(
            results.map { result in
                .object([
                    "check": .string(result.name), "worst": .real(result.worst), "allowed": .real(result.bound),
                    "unit": .string(result.unit), "passed": .logical(result.passed), "what": .string(result.what),
                ])
            })
    }
}
