extension RunReport {
    /// The number of configurations that are shown: three rows of three.
    private static let worstCount = 9

    /// The configurations of some parts with the largest errors, with pictures.
    func worst(_ parts: [Part]) -> Markup {
        let hasForces = hasForces(parts)
        let cards = worstConfigurations(parts).map { part, configuration in
            (title: configuration.formula, content: card(configuration, part: part))
        }
        let arrows =
            hasForces
            ? " Arrows are errors of forces, prediction − reference; the bar in a picture is their scale." : ""
        return .section(
            "Worst configurations",
            note:
                "Ordered by the largest error \(hasForces ? "of a force" : "of the energy per atom"); the index counts "
                + "from 0, as the index files of the split do, a frame from 1." + arrows,
            cards.isEmpty ? [] : [.cards(cards)])
    }

    /// The configurations with the largest errors and the names of their parts, the worst first.
    func worstConfigurations(_ parts: [Part]) -> [(part: String, configuration: Configuration)] {
        let isByForce = hasForces(parts)
        let all = parts.flatMap { part in
            part.configurations.compactMap { configuration -> (String, Configuration, Double)? in
                guard let error = isByForce ? configuration.largestForceError : configuration.energyError else {
                    return nil
                }
                return (part.name, configuration, error.isNaN ? .infinity : error)
            }
        }
        return all.sorted { $0.2 > $1.2 }.prefix(Self.worstCount).map { ($0.0, $0.1) }
    }

    private func hasForces(_ parts: [Part]) -> Bool {
        parts.contains { $0.configurations.contains { $0.forces != nil } }
    }

    private func card(_ configuration: Configuration, part: String) -> [Markup] {
        func text(_ value: Double, _ unit: String) -> String { "\(numberText(value, significantDigits: 4)) \(unit)" }
        let errors = configuration.forceErrors
        let titles = configuration.elements.enumerated().map { atom, element in
            guard let forces = configuration.forces else { return "\(element.symbol), atom \(atom)" }
            return "\(element.symbol), atom \(atom)\nforce \(text(forces.reference[atom].norm, forceUnit))\nerror "
                + text(errors[atom].norm, forceUnit)
        }
        let picture = MoleculePicture(
            elements: configuration.elements, positions: configuration.positions, arrows: errors, arrowUnit: forceUnit,
            titles: titles)
        var lines = ["\(part), index \(configuration.position), \(configuration.name)"]
        if let error = configuration.largestForceError { lines.append("largest force error \(text(error, forceUnit))") }
        if let energy = configuration.energy {
            lines.append(
                "energy per atom: reference \(text(energy.reference, energyUnit)), error "
                    + text(energy.prediction - energy.reference, energyUnit))
        }
        return [picture.drawing] + lines.map { .element("div", ["class": "note wide"], $0) }
    }
}

extension RunReport.Configuration {
    /// The error of each force; empty where there are no forces.
    var forceErrors: [SIMD3<Double>] { forces.map { zip($0.prediction, $0.reference).map { $0 - $1 } } ?? [] }

    /// The norm of the largest error of a force; not a number where one is none.
    var largestForceError: Double? {
        guard forces != nil else { return nil }
        return forceErrors.map(\.norm).reduce(0) { $1.isNaN ? $1 : $0.isNaN ? $0 : max($0, $1) }
    }

    /// The absolute error of the energy per atom.
    var energyError: Double? { energy.map { abs($0.prediction - $0.reference) } }
}

extension SIMD3<Double> {
    fileprivate var norm: Double { (self * self).sum().squareRoot() }
}
