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
        if !terms.isEmpty { metadata["terms"] = "\(JSONValue.array(terms.map { $0.json }))" }
        if featurization != .element { metadata["featurization"] = "\(JSONValue(encoding: featurization))" }
        if energyOffset != 0 { metadata["energy_offset"] = "\(energyOffset)" }
        if energyReference != .absolute { metadata["energy_reference"] = energyReference.rawValue }
        if keepsAtomicEnergies { metadata["keeps_atomic_energies"] = "true" }
        return metadata
    }
}

extension Head {
    /// The settings of the head, and its name under `name`.
    fileprivate var json: JSONValue {
        var members = JSONValue(encoding: self).object ?? [:]
        members["name"] = .string(Self.name)
        return .object(members)
    }
}

extension ModelReader {
    /// The heads, of the types that are known.
    func heads(_ known: [any Head.Type]) throws -> [any Head] {
        try named("heads", "head", known.map { $0.name }).map { element, index in
            try decode(known[index], element, key: "heads")
        }
    }

    /// The energy terms, of the types that are known.
    func terms(_ known: [any EnergyTerm.Type]) throws -> [any EnergyTerm] {
        try named("terms", "energy term", known.map { $0.name }).map { element, index in
            do throws(HyperparameterFault) {
                return try known[index].init(json: element)
            } catch {
                throw failure(key: "terms", error.problem, remedy: error.remedy)
            }
        }
    }

    /// The members of a list of objects, with the position of the name of each among those that are known.
    private func named(_ key: String, _ what: String, _ known: [String]) throws -> [(JSONValue, Int)] {
        guard contents.metadata[key] != nil else { return [] }
        guard case .array(let elements) = try json(key) else { throw failure(key: key, "the JSON text is not a list") }
        var names: Set<String> = []
        return try elements.map { element in
            guard let name = element["name"]?.string else {
                throw failure(key: key, "the name of \(what == "head" ? "a" : "an") \(what) is missing")
            }
            guard names.insert(name).inserted else {
                throw failure(key: key, "the \(what) '\(name)' occurs twice")
            }
            guard let index = known.firstIndex(of: name) else {
                let words = known.isEmpty ? "none is known" : "\(known.joined(separator: ", ")) are known"
                throw failure(key: key, "the \(what) '\(name)' is unknown (\(words))", remedy: "update apus")
            }
            return (element, index)
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
