import ApusChemistry
import ApusSystem

/// One component of a loss with its weight and form.
public struct LossTerm: Sendable {
    /// What is compared.
    public let component: any LossComponent
    /// How an error counts.
    public let form: LossForm
    /// p: the term of a system is divided by N^p.
    public let exponent: Int
    /// The weight.
    public let weight: WeightSchedule

    /// A component with its weight.
    public init(
        _ component: any LossComponent, weight: WeightSchedule, form: LossForm = .squared, exponent: Int? = nil
    ) {
        self.component = component
        self.form = form
        self.exponent = exponent ?? component.exponent
        self.weight = weight
    }

    /// The name of the component.
    public var name: String { component.name }

    /// 1/(d N^p): what φ of an error in a system counts.
    func factor(atoms: Int) -> Double {
        var factor = 1 / component.divisor
        for _ in 0..<exponent { factor /= Double(atoms) }
        return factor
    }

    /// The factor from the value of the term in some units to that in eV, Å and e.
    func factor(from units: UnitSystem) -> Double {
        guard let factor = try? unit(in: units).factor(to: unit(in: .electronvoltAngstrom)) else {
            fatalError("units of one dimension can be converted")
        }
        return factor
    }

    /// The unit of the term without its weight.
    public func unit(in units: UnitSystem) -> Unit {
        let unit = units.unit(of: component.dimension)
        return form == .absolute ? unit : unit * unit
    }
}

/// The weighted sum of loss components, a number that does not depend on units.
///
/// Errors are taken in eV, Å and e before they are weighed, in whatever units predictions and labels are. So the same
/// weights mean the same in every unit, and so do gradients and where they are clipped.
public struct Loss: Sendable {
    /// The components in use.
    public let terms: [LossTerm]
    /// The units of predictions and labels; a ``Trainer`` sets those of its model.
    public var units: UnitSystem

    /// A loss of the given components.
    ///
    /// - Parameters:
    ///   - terms: The components, each once.
    ///   - units: The units of predictions and labels.
    public init(_ terms: [LossTerm], units: UnitSystem = .electronvoltAngstrom) {
        require(!terms.isEmpty, "a loss needs a component")
        require(Set(terms.map(\.name)).count == terms.count, "a loss names a component twice")
        self.terms = terms
        self.units = units
    }

    /// Squared errors with constant weights.
    public init(weights: [PropertyLoss: Double]) {
        self.init(
            weights.sorted { $0.key.name < $1.key.name }.map { LossTerm($0.key, weight: WeightSchedule($0.value)) })
    }

    /// The properties that are compared, each once.
    public var properties: [Property] {
        var properties: [Property] = []
        for property in terms.flatMap(\.component.properties) where !properties.contains(property) {
            properties.append(property)
        }
        return properties
    }

    /// Whether forces are compared.
    public var usesForces: Bool { properties.contains(.forces) }

    /// What the terms in ``units`` are multiplied by in an epoch, counted from one, or at the end of training: the weights,
    /// with the factors to eV, Å and e.
    func weights(epoch: Int?) -> [Double] {
        terms.map { term in
            let weight = epoch.map { term.weight.weight(epoch: $0) } ?? term.weight.target
            return weight * term.factor(from: units)
        }
    }
}
