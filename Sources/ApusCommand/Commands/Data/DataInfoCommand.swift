import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusReporting
import ApusRun
import ArgumentParser

/// `apus data info`.
struct DataInfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "What is in a data file: counts, elements, units, ranges, missing labels, duplicates.",
        discussion: "Numbers are in eV and angstrom unless another unit is chosen.")

    @Argument(help: "Data in any format that can be read.", completion: .file())
    var data: String

    @OptionGroup var dataOptions: DataOptions

    @Option(help: ArgumentHelp("Units of the report, an energy and a length.", valueName: "eV,angstrom"))
    var units: UnitSystem = .electronvoltAngstrom

    @OptionGroup var results: ResultOptions

    func run() throws {
        try reportingErrors {
            var options = dataOptions.readingOptions(into: units)
            options.marksMissingLabels = true
            let dataset = try Dataset.read(path: data, options: options)
            let summary = DatasetSummary(dataset)
            try dataset.configurations.requireUnchanged()
            printResult(results.json ? summary.json(dataset).description : summary.text(dataset))
            FindingLog(RunLog(TerminalObserver(Log(minimum: .warning), isQuiet: true))).report(try dataset.findings())
        }
    }
}

extension UnitSystem: ExpressibleByArgument {
    /// Reads the text of an option.
    public init?(argument: String) {
        do { try self.init(argument) } catch { return nil }
    }
}

extension Interpretation {
    /// How many labels of each property are not a number, for machines.
    var missingCounts: JSONValue {
        .object(Dictionary(uniqueKeysWithValues: missing.map { ($0.key.key, .integer($0.value)) }))
    }
}

extension DatasetSummary {
    /// Name, values and unit in lines.
    func text(_ dataset: Dataset) -> String {
        func number(_ value: Double) -> String { numberText(value, significantDigits: 6) }
        let units = dataset.units
        var lines = [
            ("configurations", "\(configurations) of \(counted(records, "molecule"))"),
            (
                "atoms",
                atoms.minimum == atoms.maximum
                    ? "\(atoms.minimum) a system"
                    : "\(atoms.minimum) to \(atoms.maximum) a system, \(number(atoms.mean)) on average"
            ),
            ("elements", elements.map { "\($0.element) (\($0.atoms) in \($0.systems))" }.joined(separator: ", ")),
        ]
        if !cells.isEmpty { lines += cells.lines(units) }
        if !charges.isEmpty {
            lines.append(("total charges", charges.map { "\($0.charge) e: \($0.systems)" }.joined(separator: ", ")))
        }
        if let shortestDistance {
            lines.append(("shortest distance", "\(number(shortestDistance)) \(units.length.symbol)"))
        }
        for entry in dataset.interpretation.entries { lines.append(("read", "\(entry)")) }
        if !dataset.interpretation.unusedKeys.isEmpty {
            lines.append(("not used", dataset.interpretation.unusedKeys.joined(separator: ", ")))
        }
        for line in dataset.interpretation.leftOut { lines.append(("not read", line)) }
        for line in dataset.interpretation.notes { lines.append(("note", line)) }
        for range in ranges {
            let unit = range.property.dimension == .dimensionless ? "" : " " + units.unit(of: range.property).symbol
            let missing = configurations - range.configurations
            lines.append(
                (
                    range.property.name,
                    "\(number(range.minimum)) to \(number(range.maximum))\(unit), mean \(number(range.mean)), "
                        + "standard deviation \(number(range.deviation))"
                        + (missing > 0 ? "; missing in \(counted(missing, "configuration"))" : "")
                ))
        }
        if let spreads = energySpreads {
            let unit = units.energy.symbol
            lines.append(
                (
                    "energy spread",
                    "\(number(spreads.total)) \(unit), \(number(spreads.withoutSelfEnergies)) \(unit) without fitted "
                        + "self-energies"
                ))
        }
        lines.append(("duplicates", "\(duplicates), and \(otherStates) geometries in another charge or spin state"))
        if let consistency = forceConsistency {
            lines.append(
                (
                    "forces and energies",
                    consistency.isConclusive
                        ? "slope \(number(consistency.slope)) (1 is right), \(consistency.pairs) near pairs"
                        : "geometries too far apart to tell"
                ))
        }
        return aligned(lines.map { [$0.0, $0.1] }, textColumns: 2)
    }

    /// The same for machines.
    func json(_ dataset: Dataset) -> JSONValue {
        let units = dataset.units
        var members: [String: JSONValue] = [
            "format": .string(dataset.interpretation.format), "configurations": .integer(configurations),
            "molecules": .integer(records), "units": .string("\(units)"), "duplicates": .integer(duplicates),
            "other_states": .integer(otherStates),
            "atoms": .object([
                "min": .integer(atoms.minimum), "max": .integer(atoms.maximum), "mean": .real(atoms.mean),
            ]),
            "elements": .object(
                Dictionary(
                    uniqueKeysWithValues: elements.map {
                        ($0.element.symbol, .object(["systems": .integer($0.systems), "atoms": .integer($0.atoms)]))
                    })),
            "labels": .object(
                Dictionary(
                    uniqueKeysWithValues: ranges.map { range in
                        (
                            range.property.key,
                            .object([
                                "configurations": .integer(range.configurations), "min": .real(range.minimum),
                                "max": .real(range.maximum), "mean": .real(range.mean),
                                "standard_deviation": .real(range.deviation),
                                "unit": .string(units.unit(of: range.property).symbol),
                            ])
                        )
                    })),
        ]
        if !cells.isEmpty { members["cells"] = cells.json }
        members["shortest_distance"] = shortestDistance.map { .real($0) }
        if !dataset.interpretation.missing.isEmpty {
            members["not_a_number"] = dataset.interpretation.missingCounts
        }
        if let spreads = energySpreads {
            members["energy_spread"] = .real(spreads.total)
            members["energy_spread_without_self_energies"] = .real(spreads.withoutSelfEnergies)
        }
        if let consistency = forceConsistency {
            members["force_consistency"] = .object([
                "slope": .real(consistency.slope),
                "pairs": .integer(consistency.pairs), "conclusive": .logical(consistency.isConclusive),
            ])
        }
        return .object(members)
    }
}
