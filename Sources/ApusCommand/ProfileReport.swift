import ApusCPU
import ApusFiles
import ApusGraph
import ApusReporting
import ApusRun
import ApusSystem
import ApusTraining

/// The profile of a step beside the bounds of the machine, as text and as JSON.
struct ProfileReport {
    let profile: StepProfile
    let roofline: Roofline
    /// The median time of a step that was not profiled.
    let stepSeconds: Double

    private static let threadCounts = [1, 2, 4, 8, 16, 32]
    private var bound: Double { roofline.seconds(for: profile) }

    // MARK: Text

    var text: String {
        ([""] + operationLines + [""] + phaseLines + [""] + rooflineLines + [""] + scalingLines).joined(separator: "\n")
    }

    private var operationLines: [String] {
        let header = [
            "operation", "rows", "ms", "share", "calls", "GFLOP", "GFLOP/s", "MB", "GB/s", "bound ms", "of bound",
        ]
        let rows = profile.entries.map { entry in
            let seconds = entry.seconds / Double(profile.threads)
            let (cost, least) = (entry.cost, roofline.seconds(for: entry))
            let known = cost.operations > 0 || cost.bytes > 0
            return [
                entry.kind, entry.rows, number(1e3 * seconds), percent(profile.share(of: entry)),
                entry.calls > 0 ? "\(Int(saturating: entry.calls.rounded()))" : "",
                cost.operations > 0 ? number(1e-9 * cost.operations) : "",
                cost.operations > 0 ? number(1e-9 * cost.operations / seconds) : "",
                known ? number(1e-6 * cost.bytes) : "", known ? number(1e-9 * cost.bytes / seconds) : "",
                known ? number(1e3 * least) : "", known ? percent(least / seconds) : "",
            ]
        }
        let title =
            "fastest of \(profile.steps) profiled steps, \(number(1e3 * profile.seconds)) ms; "
            + "times are those of \(profile.threads) threads, divided by their number"
        return [title] + aligned([header] + rows, textColumns: 2)
    }

    private var phaseLines: [String] {
        let rows = profile.phases.map {
            [$0.name, number(1e3 * $0.seconds), percent($0.seconds / profile.seconds)]
        }
        return aligned([["phase", "ms", "share"]] + rows, textColumns: 1)
    }

    private var rooflineLines: [String] {
        [
            "roofline: FMA peak \(number(1e-9 * roofline.peak)) GFLOP/s; bandwidth "
                + "\(number(1e-9 * roofline.bandwidth)) GB/s (size of the arena), "
                + "\(number(1e-9 * roofline.blockBandwidth)) GB/s (size of a block of pairs)",
            "bound of the step \(number(1e3 * bound)) ms, \(percent(bound / stepSeconds)) of its median "
                + "\(number(1e3 * stepSeconds)) ms",
        ]
    }

    private var scalingLines: [String] {
        let rows = Self.threadCounts.map {
            ["\($0)", number(profile.amdahlSpeedup(threads: $0)), number(profile.speedup(threads: $0))]
        }
        return ["serial part \(number(1e3 * profile.serialSeconds)) ms of a step"]
            + aligned([["threads", "Amdahl's law", "as this batch divides"]] + rows, textColumns: 0)
    }

    private func number(_ value: Double) -> String { numberText(value, significantDigits: 3) }

    private func percent(_ part: Double) -> String { "\((1000 * part).rounded() / 10) %" }

    /// Columns as wide as their longest text, numbers to the right.
    private func aligned(_ rows: [[String]], textColumns: Int) -> [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max()! }
        return rows.map { row in
            let cells = zip(row, widths).enumerated().map { column, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return column < textColumns ? cell.0 + space : space + cell.0
            }
            let line = cells.joined(separator: "  ")
            return String(line[..<(line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex)])
        }
    }

    // MARK: JSON

    var json: JSONValue {
        .object([
            "threads": .integer(profile.threads), "steps": .integer(profile.steps),
            "step [ms]": .real(1e3 * profile.seconds),
            "operations": .array(profile.entries.map(json)),
            "phases": .array(
                profile.phases.map {
                    .object([
                        "phase": .string($0.name), "time [ms]": .real(1e3 * $0.seconds),
                        "share": .real($0.seconds / profile.seconds),
                    ])
                }),
            "roofline": .object([
                "fma_peak [GFLOP/s]": .real(1e-9 * roofline.peak),
                "arena_bandwidth [GB/s]": .real(1e-9 * roofline.bandwidth),
                "block_bandwidth [GB/s]": .real(1e-9 * roofline.blockBandwidth),
                "bound [ms]": .real(1e3 * bound), "bound_share": .real(bound / stepSeconds),
            ]),
            "serial_part [ms]": .real(1e3 * profile.serialSeconds),
            "speedups": .array(
                Self.threadCounts.map {
                    .object([
                        "threads": .integer($0), "amdahl": .real(profile.amdahlSpeedup(threads: $0)),
                        "as_batch_divides": .real(profile.speedup(threads: $0)),
                    ])
                }),
        ])
    }

    private func json(_ entry: ExecutionProfile.Entry) -> JSONValue {
        .object([
            "operation": .string(entry.kind), "rows": .string(entry.rows),
            "time [ms]": .real(1e3 * entry.seconds / Double(profile.threads)),
            "share": .real(profile.share(of: entry)), "calls": .real(entry.calls), "row_count": .real(entry.rowCount),
            "operations [GFLOP]": .real(1e-9 * entry.cost.operations), "traffic [MB]": .real(1e-6 * entry.cost.bytes),
            "bound [ms]": .real(1e3 * roofline.seconds(for: entry)),
        ])
    }
}
