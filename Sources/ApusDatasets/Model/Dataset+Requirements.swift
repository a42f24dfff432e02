import ApusChemistry
import ApusFiles
import ApusSystem

extension Dataset {
    /// Makes sure that every configuration has the labels that are needed.
    ///
    /// - Parameter mayBeMissing: Whether the user can say that configurations may lack them, which is then offered.
    /// - Throws: `ApusError` that names the first configuration without such a label.
    public func require(_ properties: [Property], mayBeMissing: Bool = false) throws {
        for property in properties { try require(property, mayBeMissing) }
    }

    private func require(_ property: Property, _ mayBeMissing: Bool) throws {
        let positions = configurations.indices
        let isKnown = configurations.hasLabel(property)
        guard let missing = positions.first(where: { !isKnown($0) }) else { return }
        let names = interpretation.names
        guard let labelled = positions.first(where: isKnown),
            let key = (interpretation[property] ?? property.counterpart.flatMap { interpretation[$0] })?.key
        else {
            throw ApusError(
                .data, file: path, problem: "the file has no \(property.name) under a usual name",
                remedy: remedy(property, names))
        }
        throw configurations.place(missing).error(
            "the \(property.name) '\(key)' is missing, although frame \(configurations.place(labelled).frame) has it",
            remedy: "complete or remove the frame"
                + (mayBeMissing ? names.missing(property).map { ", or \($0)" } ?? "" : ""))
    }

    /// Makes sure that quadrupole moments are without trace, if they are among the labels that are used.
    ///
    /// - Throws: `ApusError` that names the first with one.
    public func requireTracelessQuadrupoles(ifIn labels: [Property]) throws {
        guard labels.contains(.quadrupole) else { return }
        for position in configurations.indices {
            guard let tensor = configurations.label(.quadrupole, position) else { continue }
            let trace = tensor[0] + tensor[4] + tensor[8]
            guard abs(trace) > max(1e-4, 1e-3 * tensor.reduce(0) { max($0, abs($1)) }) else { continue }
            throw configurations.place(position).error(
                "the quadrupole moment has the trace \(shortNumber(trace)), but those of a model are "
                    + "Σ q (3 r rᵀ − r² 1), without one",
                remedy: "write second moments M = Σ q r rᵀ as 3 M − tr(M) 1")
        }
    }

    /// Where a property that was not found may stand.
    private func remedy(_ property: Property, _ names: SettingNames) -> String {
        let statement = SourceFormat.statement(of: property, in: configurations.place(0).file)
        // An imported file does not know which of its source's keys are of atoms.
        let isKnown = statement == nil || interpretation.format != DatasetStore.formatName
        let keys = interpretation.unusedKeys.filter { key in
            key != CommentEnergy.key && isKnown && (property.isColumn || !interpretation.columns.contains(key))
        }
        var remedies = statement.map { [$0] } ?? []
        if property == .energy, interpretation.unusedKeys.contains(CommentEnergy.key) {
            remedies.append(
                names.areOptions
                    ? "if it is the number in the comment lines, write --assign E=\(CommentEnergy.key) and --energy-unit"
                    : "if it is the number in the comment lines, set \(names.assignment(property)) to "
                        + "\"\(CommentEnergy.key)\" and state its unit"
            )
        }
        if !keys.isEmpty {
            remedies.append(
                "name the key with \(names.assignment(property)) (the file has \(keys.joined(separator: ", ")))")
        }
        return remedies.isEmpty ? "use a file with this label" : remedies.joined(separator: "; ")
    }

    /// Makes sure that the training part has all elements of the validation and test parts.
    ///
    /// - Throws: `ApusError` that names the element and the first configuration with it.
    public func requireElements(of split: Split) throws {
        let known = Set(configurations[split.training].chemicalElements)
        for (part, indices) in [("validation", split.validation), ("test", split.test)] {
            let unknown = configurations[indices].chemicalElements.first { !known.contains($0) }
            guard let element = unknown else { continue }
            let first = indices.first { configurations[$0].system.elements.contains(element) }
            throw configurations.place(first ?? 0).error(
                "the \(part) part has the element \(element) here, which no training configuration has",
                remedy: "use another split, or remove the configurations with \(element)")
        }
    }
}
