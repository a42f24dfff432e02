import ApusChemistry
import ApusFiles

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Architecture {
    /// The hyper-parameters by name, and the name of the network under `name`.
    public var json: JSONValue {
        let hyperparameters: any Encodable =
            switch self {
            case .schNet(let schNet): schNet
            case .paiNN(let paiNN): paiNN
            }
        guard let bytes = try? JSONEncoder().encode(hyperparameters),
            var members = (try? JSONValue(parsing: Array(bytes)))?.object
        else { fatalError("hyper-parameters are numbers that JSON can hold") }
        members["name"] = .string(name)
        return .object(members)
    }

    /// A text that describes no architecture of this program.
    struct JSONError: Error {
        let problem: String
        var remedy = "the file is damaged or was written by another program"
    }

    /// Reads hyper-parameters; their rules are checked by `fault`.
    init(json text: String) throws(JSONError) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: text)
        } catch {
            throw JSONError(problem: "the text is no JSON: \(error)")
        }
        guard let name = value["name"]?.string else { throw JSONError(problem: "the name is missing") }
        switch name {
        case "SchNet": self = .schNet(try Self.decode(text, value))
        case "PaiNN": self = .paiNN(try Self.decode(text, value))
        default:
            throw JSONError(
                problem: "the architecture '\(name)' is unknown (SchNet and PaiNN are known)", remedy: "update apus")
        }
        // A hyper-parameter that this program does not know would change what the network computes.
        if let key = Set(value.object!.keys).subtracting(json.object!.keys).min() {
            throw JSONError(problem: "the hyper-parameter '\(key)' of \(name) is unknown", remedy: "update apus")
        }
    }

    private static func decode<Network: Decodable>(_ text: String, _ value: JSONValue) throws(JSONError) -> Network {
        do {
            return try JSONDecoder().decode(Network.self, from: Data(text.utf8))
        } catch DecodingError.keyNotFound(let key, let context) {
            let path = (context.codingPath + [key]).map(\.stringValue).joined(separator: ".")
            throw JSONError(problem: "the hyper-parameter '\(path)' is missing")
        } catch DecodingError.typeMismatch(_, let context), DecodingError.dataCorrupted(let context),
            DecodingError.valueNotFound(_, let context)
        {
            let path = context.codingPath.map(\.stringValue)
            let found = path.reduce(value as JSONValue?) { $0?[$1] }.map { "\($0)" } ?? "unusable"
            throw JSONError(
                problem: "the hyper-parameter '\(path.joined(separator: "."))' is \(found), which does not fit")
        } catch {
            throw JSONError(problem: "the hyper-parameters cannot be read: \(error)")
        }
    }

    /// The first rule that the hyper-parameters break, in words; such a network cannot be built.
    var fault: String? {
        switch self {
        case .schNet(let schNet):
            fault(schNet.radialBasis, interactions: schNet.interactions, filters: schNet.filters)
        case .paiNN(let paiNN):
            paiNN.epsilon > 0 && paiNN.epsilon.isFinite
                ? fault(paiNN.radialBasis, interactions: paiNN.interactions)
                : "epsilon is \(paiNN.epsilon), but must be positive"
        }
    }

    private func fault(_ basis: RadialBasis, interactions: Int, filters: Int = 1) -> String? {
        let network = representation
        let minimum = NeighborPairs.defaultMinimumDistance
        // The limits are those of the configuration; they keep a damaged number from exhausting time or memory.
        let sizes = [
            ("features", network.features, 4096), ("filters", filters, 4096), ("interactions", interactions, 64),
            ("embeddingRows", network.embeddingRows, Element.all.count + 1),
        ]
        for (name, size, limit) in sizes where !(1...limit).contains(size) {
            return "\(name) is \(size), but must be from 1 to \(limit)"
        }
        guard network.cutoff > minimum, network.cutoff <= Self.largestCutoff else {
            return "the cutoff is \(network.cutoff), but must be above \(minimum) and at most \(Self.largestCutoff)"
        }
        guard (1...4096).contains(basis.centers.count), basis.centers.count == basis.widths.count else {
            return "the radial basis has \(basis.centers.count) centres and \(basis.widths.count) widths, "
                + "but must have as many of both, from 1 to 4096"
        }
        // Narrower functions would need longer tables, wider ones are constant.
        let (narrowest, farthest) = (network.cutoff / 4096, network.cutoff * 4096)
        if let center = basis.centers.first(where: { !(abs($0) <= farthest) }) {
            return "the radial basis has a centre at \(center), but it must be from \(-farthest) to \(farthest)"
        }
        if let width = basis.widths.first(where: { !($0 >= narrowest && $0 <= farthest) }) {
            return "the radial basis has the width \(width), but it must be from \(narrowest) to \(farthest)"
        }
        return nil
    }

    /// The largest cutoff, in any unit: 100 nm are 10⁵ pm.
    private static let largestCutoff = 1e5
}
