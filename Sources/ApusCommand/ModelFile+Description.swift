import ApusChemistry
import ApusFiles
import ApusPotentials
import ApusReporting
import ApusRun

extension ModelFile {
    /// What is in the file, for machines.
    var json: JSONValue {
        let selfEnergies = model.elements.map { ($0.symbol, JSONValue.real(model.selfEnergies[$0.atomicNumber]!)) }
        return .object([
            "potential": .string(model.potential.name),
            "architecture": model.potential.json,
            "parameters": .integer(model.parameters.count),
            "precision": .string(precision.rawValue),
            "units": .string("\(model.units)"),
            "elements": .string(model.elements.map(\.symbol).joined(separator: " ")),
            "inputs": .array(inputs.map { .string($0.name) }),
            "self_energies": .object(Dictionary(uniqueKeysWithValues: selfEnergies)),
            "scale": .real(model.scale), "shift": .real(model.shift),
            "program": .string(program), "provenance": .object(provenance),
        ])
    }

    /// What is in the file, for people: a line for each fact, numbers with their units.
    var text: String {
        let energy = model.units.energy.symbol
        let selfEnergies = model.elements.map {
            "\($0) \(numberText(model.selfEnergies[$0.atomicNumber]!, significantDigits: 8))"
        }
        let facts =
            [("potential", model.potential.name)] + hyperparameters + [
                ("parameters", "\(model.parameters.count)"), ("precision", precision.rawValue),
                ("units", "\(model.units)"),
                ("elements", model.elements.map(\.symbol).joined(separator: " ")),
                ("inputs", inputs.map(\.text).joined(separator: ", ")),
                ("self_energies", "\(selfEnergies.joined(separator: ", ")) \(energy)"),
                ("scale", "\(numberText(model.scale, significantDigits: 8)) \(energy)"),
                ("shift", "\(numberText(model.shift, significantDigits: 8)) \(energy)"),
                ("program", program),
            ] + provenance.sorted { $0.key < $1.key }.map { ($0.key, $0.value.plainText) }
        return aligned(facts.map { [$0.0, $0.1] }, textColumns: 2)
    }

    /// What predictions depend on beside the geometry, for machines and for people.
    private var inputs: [(name: String, text: String)] {
        let featurization = model.featurization
        let states = [
            (SystemInput.totalCharges, "total charge", featurization.totalCharge),
            (.spinMultiplicities, "spin multiplicity", featurization.spinMultiplicity),
        ].filter { model.inputs.contains($0.0) }
        return [("element", "element")]
            + states.map { input, name, isFeature in
                (input.rawValue, isFeature ? name : "\(name) (of what heads predict, not of energies)")
            }
    }

    /// The architecture, whose members are hyper-parameters; of the radial basis only its extent.
    private var hyperparameters: [(String, String)] {
        let length = model.units.length.symbol
        return (model.potential.json.object ?? [:]).sorted { $0.key < $1.key }.compactMap { name, value in
            switch name {
            case "name": return nil
            case "cutoff": return (name, "\(value.plainText) \(length)")
            case "radialBasis":
                guard let centers = value["centers"]?.array, let first = centers.first, let last = centers.last else {
                    return (name, value.plainText)
                }
                return (name, "\(centers.count) Gaussians at \(first.plainText) to \(last.plainText) \(length)")
            default: return (name, value.plainText)
            }
        }
    }
}

extension JSONValue {
    /// The value without quotes.
    fileprivate var plainText: String {
        if case .string(let text) = self { text } else { description }
    }
}
