/// Errors of a property, added up in float64 in any order and batching: mean absolute error, root mean square error,
/// largest error and coefficient of determination.
public struct ErrorStatistics: Sendable, Equatable {
    /// Numbers compared.
    public private(set) var count = 0
    /// The largest absolute error.
    public private(set) var largest = 0.0
    private var absolute = 0.0
    private var square = 0.0

    /// Nothing compared yet.
    public init() {}

    /// Compares one number with its reference.
    public mutating func add(_ predicted: Double, reference: Double) {
        let error = predicted - reference
        count += 1
        absolute += abs(error)
        square += error * error
        // A NaN must stay visible; max would lose it.
        largest = error.isNaN ? .nan : max(largest, abs(error))
    }

    /// The mean absolute error Σ|e|/n.
    public var mae: Double { absolute / Double(count) }
    /// The root mean square error √(Σe²/n).
    public var rmse: Double { (square / Double(count)).squareRoot() }
}

/// The errors of a model on a part of the data.
public struct EvaluationErrors: Sendable, Equatable {
    /// Errors of the energies of systems.
    public var energy = ErrorStatistics()
    /// Errors of the energies divided by the number of atoms.
    public var energyPerAtom = ErrorStatistics()
    /// Errors of force components.
    public var force = ErrorStatistics()
    /// The mean of each loss component.
    public private(set) var lossComponents: [LossComponent: Double] = [:]
    private var systems = 0
    private var sums: [LossComponent: Double] = [:]

    /// Nothing compared yet.
    public init() {}

    /// Compares the prediction for a sample with its labels.
    public mutating func add(energy predicted: Double, forces: ArraySlice<Double>?, _ sample: Sample) {
        let atoms = Double(sample.system.count)
        systems += 1
        if let reference = sample.energy {
            energy.add(predicted, reference: reference)
            energyPerAtom.add(predicted / atoms, reference: reference / atoms)
            let square = (predicted - reference) * (predicted - reference)
            sums[.perSystemEnergy, default: 0] += square
            sums[.perAtomEnergy, default: 0] += square / atoms
        }
        if let forces, let reference = sample.forces {
            var square = 0.0
            var k = forces.startIndex
            for vector in reference {
                for axis in 0..<3 {
                    force.add(forces[k], reference: vector[axis])
                    square += (forces[k] - vector[axis]) * (forces[k] - vector[axis])
                    k += 1
                }
            }
            sums[.perAtomForce, default: 0] += square / (3 * atoms)
        }
        lossComponents = sums.mapValues { $0 / Double(systems) }
    }

    /// The weighted sum of the components of a loss.
    public func total(_ loss: Loss) -> Double {
        loss.weights.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value * lossComponents[$1.key, default: 0] }
    }

    /// A number by the name that configurations use, such as `per_atom_force/rmse` or `loss`.
    public func value(of metric: String, _ loss: Loss) -> Double? {
        switch metric {
        case "loss": total(loss)
        case "per_system_energy/mae": energy.mae
        case "per_system_energy/rmse": energy.rmse
        case "per_atom_energy/mae": energyPerAtom.mae
        case "per_atom_energy/rmse": energyPerAtom.rmse
        case "per_atom_force/mae": force.mae
        case "per_atom_force/rmse": force.rmse
        default: nil
        }
    }

    /// The names that ``value(of:_:)`` knows.
    public static let metricNames =
        ["loss"] + ["per_system_energy", "per_atom_energy", "per_atom_force"].flatMap { ["\($0)/mae", "\($0)/rmse"] }
}
