import ApusFiles

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension EnergyModel {
    /// The metadata of what not every model has.
    var optionalMetadata: [String: String] {
        var metadata: [String: String] = [:]
        if !heads.isEmpty { metadata["heads"] = "\(JSONValue.array(heads.map { $0.json }))" }
        if featurization != .element { metadata["featurization"] = "\(json(of: featurization))" }
        if energyOffset != 0 { metadata["energy_offset"] = "\(energyOffset)" }
        if energyReference != .absolute { metadata["energy_reference"] = energyReference.rawValue }
        if keepsAtomicEnergies { metadata["keeps_atomic_energies"] = "true" }
        return metadata
    }
}

extension Head {
    /// The settings of the head, and its name under `name`.
    fileprivate var json: JSONValue {
        var members = ApusPotentials.json(of: self).object ?? [:]
        members["name"] = .string(Self.name)
        return .object(members)
    }
}

private func json(of settings: some Encodable) -> JSONValue {
    guard let bytes = try? JSONEncoder().encode(settings), let value = try? JSONValue(parsing: Array(bytes)) else {
        fatalError("settings of networks can be written as JSON")
    }
    return value
}

extension ModelReader {
    /// The heads, of the types that are known.
    func heads(_ known: [any Head.Type]) throws -> [any Head] {
        guard contents.metadata["heads"] != nil else { return [] }
        guard case .array(let elements) = try json("heads") else {
            throw failure(key: "heads", "the JSON text is not a list")
        }
        var names: Set<String> = []
        return try elements.map { element in
            guard let name = element["name"]?.string else {
                throw failure(key: "heads", "the name of a head is missing")
            }
            guard names.insert(name).inserted else {
                throw failure(key: "heads", "the head '\(name)' occurs twice")
            }
            guard let type = known.first(where: { $0.name == name }) else {
                let names = known.map { $0.name }.joined(separator: ", ")
                throw failure(
                    key: "heads", "the head '\(name)' is unknown (\(names) are known)", remedy: "update apus")
            }
            return try decode(type, element, key: "heads")
        }
    }

    /// What the first features of an atom are made of.
    func featurization() throws -> Featurization {
        guard contents.metadata["featurization"] != nil else { return .element }
        let featurization = try decode(Featurization.self, try json("featurization"), key: "featurization")
        for (name, count) in [
            ("periodFeatures", featurization.periodFeatures), ("groupFeatures", featurization.groupFeatures),
        ] {
            guard let count, !(1...4096).contains(count) else { continue }
            throw failure(key: "featurization", "\(name) is \(count), but must be from 1 to 4096")
        }
        return featurization
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ value: JSONValue, key: String) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data("\(value)".utf8))
        } catch {
            throw failure(key: key, "'\(value)' does not fit what this program knows", remedy: "update apus")
        }
    }

    /// The JSON value of a key.
    func json(_ key: String) throws -> JSONValue {
        do {
            return try JSONValue(parsing: try text(key))
        } catch let error as JSONValue.SyntaxError {
            throw failure(key: key, "the text is no JSON: \(error)")
        }
    }
}
