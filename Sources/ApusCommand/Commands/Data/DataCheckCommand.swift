import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusReporting
import ApusRun
import ArgumentParser

/// `apus data check`.
struct DataCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Looks for what is wrong or unlikely in data: clashes, copies, outliers, net forces, wrong units.",
        discussion: """
            Infinite numbers, unknown elements and atoms on one point end reading with an error that names the \
            configuration; labels that are not a number (NaN) are counted. Exit code 1 when atoms overlap, units are \
            implausible, or forces do not fit energies.
            """)

    @Argument(help: "Data in any format that can be read.", completion: .file())
    var data: String

    @OptionGroup var dataOptions: DataOptions

    @OptionGroup var results: ResultOptions

    func run() throws {
        try reportingErrors {
            var options = dataOptions.readingOptions(into: .electronvoltAngstrom)
            options.marksMissingLabels = true
            let dataset = try Dataset.read(path: data, options: options)
            let check = try DatasetCheck(dataset)
            try dataset.configurations.requireUnchanged()
            printResult(results.json ? check.json(dataset).description : check.text(dataset))
            if check.hasFailed { throw ExitCode(1) }
        }
    }
}

extension DatasetCheck {
    /// One finding a line, with its first configurations.
    func text(_ dataset: Dataset) -> String {
        let interpretation = dataset.interpretation
        var lines = [
            "\(counted(dataset.count, "configuration")): \(interpretation.missing.isEmpty ? "all numbers finite, " : "")"
                + "elements known, no atoms on one point"
        ]
        if let note = interpretation.missingNote { lines.append("warn  \(note)") }
        for finding in findings {
            let mark = finding.count == 0 ? "ok  " : finding.isSevere ? "FAIL" : "note"
            lines.append("\(mark)  \(finding.name): \(finding.count == 0 ? "none" : String(finding.count))")
            for example in finding.examples {
                lines.append(
                    "        frame \(dataset.configurations.place(example.position).frame) (\(example.record)): "
                        + example.detail)
            }
        }
        if let forceConsistency, forceConsistency.warning == nil {
            let slope = numberText(forceConsistency.slope, significantDigits: 4)
            lines.append(
                forceConsistency.isConclusive
                    ? "ok    forces and energies belong together (slope \(slope), \(forceConsistency.pairs) pairs)"
                    : "note  forces and energies cannot be compared: near geometries are too few or too far apart to tell"
            )
        }
        let absent = [Property.energy, .forces].filter { interpretation[$0] == nil }
        if !absent.isEmpty {
            let keys = interpretation.unusedKeys
            lines.append(
                "note  nothing was looked for in \(absent.map(\.name).joined(separator: " and ")), which the file has not under a "
                    + "usual name" + (keys.isEmpty ? "" : "; keys that were not read: \(keys.joined(separator: ", "))"))
        }
        let notes = interpretation.notes.filter { $0 != interpretation.missingNote }
        lines += (notes + interpretation.leftOut).map { "note  \($0)" }
        for finding in labelFindings {
            let mark = finding.severity == .fault ? "FAIL" : finding.severity == .warning ? "warn" : "note"
            lines.append("\(mark)  \(finding.message)")
        }
        return lines.map { printable($0) }.joined(separator: "\n")
    }

    /// The same for machines.
    func json(_ dataset: Dataset) -> JSONValue {
        .object([
            "configurations": .integer(dataset.count),
            "not_a_number": dataset.interpretation.missingCounts, "failed": .logical(hasFailed),
            "forces": forceConsistency?.warning.map { .string($0) } ?? .null,
            "labels": .array(
                labelFindings.map { finding in
                    .object([
                        "kind": .string(finding.kind.rawValue), "severity": .string(finding.severity.rawValue),
                        "message": .string(finding.message),
                    ])
                }),
            "findings": .array(
                findings.map { finding in
                    .object([
                        "name": .string(finding.name), "severe": .logical(finding.isSevere),
                        "count": .integer(finding.count),
                        "examples": .array(
                            finding.examples.map { example in
                                .object([
                                    "index": .integer(example.position), "molecule": .string(example.record),
                                    "detail": .string(example.detail),
                                ])
                            }),
                    ])
                }),
        ])
    }
}
