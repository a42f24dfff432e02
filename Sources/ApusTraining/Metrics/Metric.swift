import ApusChemistry
import ApusFiles

/// A figure of a part of the data that training can watch.
///
/// Its name, which tables and configurations use, is composed here and nowhere else.
public enum Metric: Hashable, Sendable {
    /// The weighted sum of the loss components, `loss`.
    case loss
    /// The mean of one loss component without its weight, such as `loss/per_atom_force`.
    case component(String)
    /// A measure of the errors of a quantity, such as `per_atom_force/rmse`.
    case errors(Quantity, Measure)

    /// What has errors.
    public enum Quantity: Hashable, Sendable {
        /// A property, over all its numbers.
        case property(Property)
        /// The energy divided by the number of atoms.
        case energyPerAtom
        /// The forces on the atoms of an element.
        case forces(on: Element)

        /// The name, such as `per_system_energy`, `per_atom_energy` or `per_atom_force/H`.
        public var name: String {
            switch self {
            case .property(let property): property.target
            case .energyPerAtom: "per_atom_energy"
            case .forces(let element): "\(Property.forces.target)/\(element.symbol)"
            }
        }

        /// What must be predicted and compared for it.
        public var property: Property {
            switch self {
            case .property(let property): property
            case .energyPerAtom: .energy
            case .forces: .forces
            }
        }
    }

    /// What is said about many errors in one number.
    public struct Measure: Hashable, Sendable {
        /// The name in tables.
        public let name: String
        /// Whether it is an error: better when smaller, and in the unit of the quantity. Otherwise it has none.
        public let isError: Bool
        private let number: @Sendable (ErrorStatistics) -> Double

        /// A measure of errors that were added up.
        public init(_ name: String, isError: Bool = true, _ value: @escaping @Sendable (ErrorStatistics) -> Double) {
            (self.name, self.isError, number) = (name, isError, value)
        }

        /// The number that stands for the errors.
        public func value(of errors: ErrorStatistics) -> Double { number(errors) }

        /// Whether both have the same name.
        public static func == (a: Measure, b: Measure) -> Bool { a.name == b.name }

        /// Hashes the name.
        public func hash(into hasher: inout Hasher) { hasher.combine(name) }

        /// The mean absolute error.
        public static let mae = Measure("mae") { $0.mae }
        /// The root of the mean squared error.
        public static let rmse = Measure("rmse") { $0.rmse }
        /// The largest absolute error.
        public static let max = Measure("max") { $0.largest }
        /// The coefficient of determination R².
        public static let r2 = Measure("r2", isError: false) { $0.determination }
    }

    /// The name in tables.
    public var name: String {
        switch self {
        case .loss: "loss"
        case .component(let component): "loss/\(component)"
        case .errors(let quantity, let measure): "\(quantity.name)/\(measure.name)"
        }
    }

    /// What must be predicted and compared for it; nil for the loss and its components.
    public var property: Property? {
        if case .errors(let quantity, _) = self { quantity.property } else { nil }
    }

    /// Whether smaller values are better.
    public var isBetterSmaller: Bool {
        if case .errors(_, let measure) = self { measure.isError } else { true }
    }
}

/// The measures that tables of epochs have.
public let standardMeasures: [Metric.Measure] = [.mae, .rmse, .max, .r2]

extension Metric: CustomStringConvertible {
    /// The name.
    public var description: String { name }
}

extension EvaluationErrors {
    /// The value of a metric; nil where nothing was compared for it.
    public func value(of metric: Metric, _ loss: Loss) -> Double? {
        switch metric {
        case .loss: return total(loss)
        case .component(let name): return lossComponents[name]
        case .errors(let quantity, let measure):
            guard let errors = errors(of: quantity), errors.count > 0 else { return nil }
            return measure.value(of: errors)
        }
    }

    private func errors(of quantity: Metric.Quantity) -> ErrorStatistics? {
        switch quantity {
        case .property(let property): byProperty[property]
        case .energyPerAtom: byProperty[.energy] == nil ? nil : energyPerAtom
        case .forces(let element): forceByElement[element.atomicNumber]
        }
    }
}

extension TrainingSettings {
    /// What the values of a metric can be compared with: values of the same text mean the same.
    ///
    /// - Parameter systems: How many systems are looked at.
    func criterion(_ metric: Metric, systems: Int) -> String {
        let terms = loss.terms.filter { metric == .loss || metric == .component($0.name) }.map { term in
            "\(metric == .loss ? "\(term.weight.target) " : "")\(term.name) \(term.form) N^-\(term.exponent)"
        }
        return ([metric.name, "\(systems) systems"] + terms).joined(separator: ", ")
    }

    /// Makes sure that the metrics that training watches will have values.
    ///
    /// - Throws: an `ApusError` that names the metric.
    func requireMetrics() throws {
        let compared = loss.properties + reported
        for metric in [monitor, earlyStopping?.monitor, metricOfSchedule].compactMap({ $0 }) {
            func refuse(_ problem: String, _ remedy: String) -> ApusError {
                ApusError(.configuration, problem: "the watched metric \(metric) \(problem)", remedy: remedy)
            }
            if case .component(let name) = metric, !loss.terms.contains(where: { $0.name == name }) {
                throw refuse("is no component of the loss", "watch another metric, or add the component")
            }
            if let property = metric.property, !compared.contains(property) {
                throw refuse("needs the \(property.name), which are not compared", "watch another metric")
            }
        }
        guard monitor.isBetterSmaller, earlyStopping?.monitor.isBetterSmaller != false else {
            throw ApusError(
                .configuration, problem: "the watched metric \(monitor) is better when larger",
                remedy: "watch an error instead")
        }
    }
}
