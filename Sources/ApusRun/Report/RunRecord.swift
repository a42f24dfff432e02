import ApusCPU
import ApusFiles
import ApusGraph
import ApusSystem
import ApusTraining

/// On which data, when and where a run was trained: `run.json` in its folder.
///
/// It is no part of the model, whose file has the same bytes wherever it is trained.
package struct RunRecord: Equatable {
    /// A start of the training: the first, or one that went on after an interruption.
    struct Start: Equatable {
        /// Steps that were done before.
        package let steps: Int
        /// The time, such as `2025-03-01 14:05 UTC`.
        let date: String
        /// The name of the machine, its processor and the number of its cores.
        package let machine: String
        /// The program with its version.
        package let program: String
        /// Threads, kernels and precision.
        let computation: String

        private static let keys = ["date", "machine", "program", "computation"]

        /// A start now, on this machine.
        init(steps: Int, on device: Device) {
            self.steps = steps
            date = localTime()
            machine = "\(hostName()), \(processorName()), \(coreCount()) cores"
            program = Release.program
            computation = "\(device.threads) threads, \(device.instructionSet) kernels, \(device.precision)"
        }

        /// Nil where something is missing.
        fileprivate init?(_ value: JSONValue) {
            let texts = Self.keys.compactMap { value[$0]?.string }
            guard let steps = value["steps"]?.integer, texts.count == Self.keys.count else { return nil }
            self.steps = steps
            (date, machine, program, computation) = (texts[0], texts[1], texts[2], texts[3])
        }

        fileprivate var json: JSONValue {
            let texts = zip(Self.keys, [date, machine, program, computation]).map { ($0, JSONValue.string($1)) }
            return .object(Dictionary(uniqueKeysWithValues: texts + [("steps", .integer(steps))]))
        }
    }

    package static let name = "run.json"

    /// The SHA-256 digest of the training and the validation part.
    let dataDigest: String
    /// The same of the test part, with which the final errors were computed; nil in runs of earlier versions.
    var testDigest: String?
    /// All starts, the first one first.
    var starts: [Start] = []

    /// A run that has not started yet.
    init(dataDigest: String) { self.dataDigest = dataDigest }

    /// Reads `run.json`; nil where it is missing or damaged, because no number of the run depends on it.
    init?(folder: String) throws {
        let path = folder + "/" + Self.name
        guard fileExists(path), let value = try? JSONValue(parsing: try readFile(path: path)),
            let digest = value["data_sha256"]?.string
        else { return nil }
        dataDigest = digest
        testDigest = value["test_sha256"]?.string
        starts = (value["starts"]?.array ?? []).compactMap(Start.init)
    }

    /// Writes `run.json`.
    package func write(to folder: String) throws {
        var members: [String: JSONValue] = [
            "data_sha256": .string(dataDigest), "starts": .array(starts.map(\.json)),
        ]
        members["test_sha256"] = testDigest.map { .string($0) }
        let text = JSONValue.object(members).description + "\n"
        try writeFileAtomically(path: folder + "/" + Self.name, bytes: Array(text.utf8))
    }

    /// What a report says of it.
    package var facts: [(name: String, value: String)] {
        var facts = [(name: "digest of the data (SHA-256)", value: dataDigest)]
        for start in starts {
            facts.append(
                (
                    start.steps == 0 ? "trained from" : "went on from step \(start.steps)",
                    "\(start.date), on \(start.machine), by \(start.program), \(start.computation)"
                ))
        }
        return facts
    }
}
