import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusReporting
import ApusRun
import ArgumentParser

/// `apus data self-energies`.
struct SelfEnergiesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "self-energies",
        abstract: "Fits an energy of each element to total energies.",
        discussion: """
            Least squares of all energies in the file on the numbers of atoms, in float64 by orthogonal transformations. \
            Training does the same on the training part alone. The energies can go into a configuration, under \
            [dataset.atomic_self_energies].
            """)

    @Argument(help: "Data in any format that can be read.", completion: .file())
    var data: String

    @OptionGroup var dataOptions: DataOptions

    @Option(help: ArgumentHelp("Unit of the result.", valueName: "unit"))
    var unit: Unit = .electronvolt

    @Flag(help: "Takes the energies of single atoms in the file.")
    var isolatedAtoms = false

    @OptionGroup var results: ResultOptions
    @OptionGroup var messages: MessageOptions

    func validate() throws {
        if unit.dimension != .energy { throw ValidationError("--unit takes a unit of energy, not \(unit).") }
    }

    func run() throws {
        try reportingErrors {
            let units = try UnitSystem(energy: unit, length: .angstrom)
            let dataset = try Dataset.read(path: data, options: dataOptions.readingOptions(into: units))
            let log = messages.log
            for line in dataset.interpretation.lines { log.info("\(data): \(line)") }
            try dataset.require([.energy])
            if isolatedAtoms {
                do {
                    report(
                        try SelfEnergies.isolatedAtoms(
                            in: dataset.configurations, for: dataset.elements, unit: unit), nil)
                } catch let error as ApusError {
                    throw ApusError(
                        error.kind, file: error.file, place: error.place, problem: error.problem,
                        remedy: "add one, or leave out --isolated-atoms")
                }
                return
            }
            let fit = try SelfEnergies.fit(dataset.configurations, unit: unit)
            if let warning = fit.warning { log.warning(warning) }
            report(fit.selfEnergies, fit)
        }
    }

    private func report(_ selfEnergies: SelfEnergies, _ fit: SelfEnergies.Fit?) {
        let elements = selfEnergies.elements
        if results.json {
            let values = elements.map { ($0.symbol, JSONValue.real(selfEnergies.values[$0.atomicNumber]!)) }
            var members: [String: JSONValue] = [
                "unit": .string(unit.symbol), "self_energies": .object(Dictionary(uniqueKeysWithValues: values)),
            ]
            if let fit {
                members["residual_rms"] = .real(fit.rootMeanSquareResidual)
                members["residual_max"] = .real(fit.largestResidual)
                members["condition_number"] = .real(fit.conditionNumber)
                members["undetermined"] = .array(fit.undetermined.map { .string($0.symbol) })
            }
            printResult(JSONValue.object(members).description)
            return
        }
        for element in elements {
            let isOpen = fit?.undetermined.contains(element) == true
            printResult(
                "\(element.symbol)  \(numberText(selfEnergies.values[element.atomicNumber]!, significantDigits: 12)) "
                    + unit.symbol + (isOpen ? "  (not determined)" : ""))
        }
        guard let fit else { return }
        func text(_ value: Double) -> String { numberText(value, significantDigits: 5) }
        printResult(
            "residual  \(text(fit.rootMeanSquareResidual)) \(unit.symbol) (RMS), "
                + "\(text(fit.largestResidual)) \(unit.symbol) (largest, \(printable("\(fit.placeOfLargestResidual)")))"
        )
        printResult("condition number  \(text(fit.conditionNumber))")
    }
}
