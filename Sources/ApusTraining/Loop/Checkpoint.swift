import ApusCPU
import ApusFiles
import ApusGraph

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A training state on disk, with what must be the same for training to go on.
///
/// A safetensors file with the tensors `parameters`, `best`, what the optimiser remembers (`moments.exp_avg` ...) and,
/// where there is one, `average`, in the precision of training. The metadata are `format` (`apus-checkpoint`), `format_version`, `progress`
/// (JSON), the identities of ``Identity``, and `checksum`, the CRC-32 of all the others. It is written to a temporary file, synced and
/// renamed, so a crash leaves the previous one whole.
public struct Checkpoint: Sendable, Equatable {
    /// What must be the same when training goes on.
    public struct Identity: Sendable, Equatable {
        /// The network and everything else that predictions depend on beside the parameters, as text.
        public var model: String
        /// A digest of the data and their division.
        public var data: String

        /// Joins the two.
        public init(model: String, data: String) { (self.model, self.data) = (model, data) }
    }

    /// Where training stood.
    public let state: TrainingState
    /// The precision of the numbers.
    public let precision: Precision
    /// What training stood there with.
    public let identity: Identity
    private static let version = "3"
    private static let momentPrefix = "moments."

    /// Joins a state and what it belongs to.
    public init(_ state: TrainingState, precision: Precision, identity: Identity) {
        (self.state, self.precision, self.identity) = (state, precision, identity)
    }

    /// Writes the file so that the path holds the old content or the new, whatever happens.
    ///
    /// - Throws: `ApusError` of kind `io` when writing fails.
    public func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let progress = String(decoding: try encoder.encode(state.progress), as: UTF8.self)
        var file = Safetensors(metadata: [
            "format": "apus-checkpoint", "format_version": Self.version, "progress": progress,
            "model": identity.model, "data": identity.data,
        ])
        func add(_ name: String, _ values: [Double]) {
            file.tensors[name] =
                precision == .float32
                ? Safetensors.Tensor(values.map { Float($0) }, shape: [values.count])
                : Safetensors.Tensor(values, shape: [values.count])
        }
        add("parameters", state.parameters)
        for (name, values) in state.moments { add(Self.momentPrefix + name, values) }
        add("best", state.best)
        if let average = state.average { add("average", average) }
        file.metadata["checksum"] = String(file.checksum(), radix: 16)
        try file.write(to: path)
    }

    /// Reads a file and checks that nothing in it has changed.
    ///
    /// - Throws: `ApusError` when it cannot be read, is damaged, or is of a newer version.
    public static func read(_ path: String) throws -> Checkpoint {
        try Checkpoint(bytes: try readFile(path: path), file: path)
    }

    /// Reads the bytes of a file whose name is used in messages.
    init(bytes: [UInt8], file path: String) throws {
        var file = try Safetensors(bytes: bytes, file: path)
        func damaged(_ problem: String) -> ApusError {
            ApusError(.data, file: path, problem: problem, remedy: "go on from an earlier checkpoint")
        }
        guard file.metadata["format"] == "apus-checkpoint" else { throw damaged("this is no checkpoint of apus") }
        guard file.metadata["format_version"] == Self.version else {
            throw ApusError(
                .data, file: path,
                problem: "the checkpoint has the format version \(file.metadata["format_version"] ?? "none"), but this "
                    + "program knows \(Self.version)", remedy: "use the program that wrote it")
        }
        let checksum = file.metadata.removeValue(forKey: "checksum")
        guard checksum == String(file.checksum(), radix: 16) else { throw damaged("the checksum is wrong") }
        guard
            let progress = try? JSONDecoder().decode(
                TrainingState.Progress.self, from: Data((file.metadata["progress"] ?? "").utf8)),
            let model = file.metadata["model"], let data = file.metadata["data"]
        else { throw damaged("the metadata are incomplete") }
        let parameters = try file.tensor("parameters")
        let state = TrainingState(
            progress: progress, parameters: try file.doubles("parameters"),
            moments: try Self.moments(in: file),
            average: file.tensors["average"] == nil ? nil : try file.doubles("average"),
            best: try file.doubles("best"))
        let arrays = state.moments.values + [state.best] + (state.average.map { [$0] } ?? [])
        guard arrays.allSatisfy({ $0.count == state.parameters.count }) else {
            throw damaged("its arrays have different sizes")
        }
        self.init(
            state, precision: parameters.elementType == .f64 ? .float64 : .float32,
            identity: Identity(model: model, data: data))
    }

    private static func moments(in file: Safetensors) throws -> [String: [Double]] {
        var moments: [String: [Double]] = [:]
        for name in file.tensors.keys where name.hasPrefix(momentPrefix) {
            moments[String(name.dropFirst(momentPrefix.count))] = try file.doubles(name)
        }
        return moments
    }
}
