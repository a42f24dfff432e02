import ApusFiles

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A text of a file that describes nothing that this program knows.
struct HyperparameterFault: Error {
    let problem: String
    var remedy = "the file is damaged or was written by another program"
}

extension Configurable {
    /// The hyper-parameters by name, and the name of the type under `name`.
    public var json: JSONValue {
        var members = Dictionary(uniqueKeysWithValues: Self.hyperparameters.map { ($0.name, $0.json(self)) })
        members["name"] = .string(Self.name)
        return .object(members)
    }

    /// Reads hyper-parameters; their rules are checked by ``fault``.
    init(json: JSONValue) throws(HyperparameterFault) {
        self.init()
        var members = json.object ?? [:]
        members["name"] = nil
        for hyperparameter in Self.hyperparameters {
            guard let value = members.removeValue(forKey: hyperparameter.name) else {
                throw HyperparameterFault(problem: "the hyper-parameter '\(hyperparameter.name)' is missing")
            }
            try hyperparameter.load(value, &self)
        }
        // A hyper-parameter that this program does not know would change what is computed.
        if let name = members.keys.min() {
            throw HyperparameterFault(
                problem: "the hyper-parameter '\(name)' of \(Self.name) is unknown", remedy: "update apus")
        }
    }
}

extension JSONValue {
    /// The JSON of a value that has one.
    init(encoding value: some Encodable) {
        guard let bytes = try? JSONEncoder().encode(value), let parsed = try? JSONValue(parsing: Array(bytes)) else {
            fatalError("hyper-parameters are numbers that JSON can hold")
        }
        self = parsed
    }

    /// The hyper-parameter of a type that this value describes.
    func decoded<Value: Decodable>(_ type: Value.Type, named name: String) throws(HyperparameterFault) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data("\(self)".utf8))
        } catch DecodingError.keyNotFound(let key, let context) {
            let path = ([name] + (context.codingPath + [key]).map(\.stringValue)).joined(separator: ".")
            throw HyperparameterFault(problem: "the hyper-parameter '\(path)' is missing")
        } catch DecodingError.typeMismatch(_, let context), DecodingError.dataCorrupted(let context),
            DecodingError.valueNotFound(_, let context)
        {
            let path = context.codingPath.map(\.stringValue)
            let found = path.reduce(self as JSONValue?) { $0?[$1] }.map { "\($0)" } ?? "unusable"
            throw HyperparameterFault(
                problem:
                    "the hyper-parameter '\(([name] + path).joined(separator: "."))' is \(found), which does not fit"
            )
        } catch {
            throw HyperparameterFault(problem: "the hyper-parameters cannot be read: \(error)")
        }
    }
}
