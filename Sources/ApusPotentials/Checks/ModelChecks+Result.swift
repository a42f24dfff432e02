import ApusChemistry
import ApusSystem

/// What a check of a model found: the worst error and the error that is allowed.
public struct CheckResult: Sendable, Equatable {
    /// The property, such as `rotation, forces`.
    public let name: String
    /// One sentence on what the error is.
    public let what: String
    /// The error that is largest compared to what is allowed.
    public let worst: Double
    /// What is allowed there.
    public let bound: Double
    /// The unit of both, empty for ratios.
    public let unit: String

    /// Whether the property holds; an error that is not a number is none that is allowed.
    public var passed: Bool { worst <= bound }
}

/// Collects errors and keeps the one that is largest compared to its bound.
struct WorstError {
    private(set) var error = 0.0
    private(set) var bound = 0.0
    private var ratio = -1.0

    mutating func record(_ error: Double, allowed bound: Double) {
        let ratio = error == 0 ? 0 : error / bound
        guard ratio > self.ratio || ratio.isNaN else { return }
        self.ratio = ratio.isNaN ? .infinity : ratio
        self.error = error
        self.bound = bound
    }

    func result(_ name: String, _ what: String, unit: String) -> CheckResult {
        require(ratio >= 0, "the check '\(name)' compared nothing")
        return CheckResult(name: name, what: what, worst: error, bound: bound, unit: unit)
    }
}

/// The worst errors of energies, of forces, and of stresses where there are some.
struct WorstErrors {
    private var energy = WorstError()
    private var force = WorstError()
    private var stress: WorstError?

    /// Compares two predictions; bounds are multiples of the scale of the first.
    mutating func compare(
        _ system: AtomicSystem, _ model: EnergyModel, _ expected: Prediction, _ found: Prediction,
        energyBound: Double, forceBound: Double
    ) {
        let scale = PredictionScale(model, system, expected)
        let rounding = PredictionScale.rounding(system)
        energy.record(
            abs(found.energy - expected.energy),
            allowed: energyBound * scale.energy + rounding * Double(system.count) * scale.force)
        let differences = zip(found.forces, expected.forces).map { $0 - $1 }
        let forceBound = forceBound + rounding * 20 / model.cutoff
        force.record(differences.largestComponent, allowed: forceBound * scale.force)
        guard let volume = system.volume, let wanted = expected.stress else { return }
        let difference = found.stress.map { zip($0, wanted).map { abs($0 - $1) } } ?? [.nan]
        let bound = forceBound * (scale.energy + Double(system.count) * scale.force * model.cutoff) / volume
        stress = stress ?? WorstError()
        for value in difference { stress?.record(value, allowed: bound) }
    }

    func results(_ name: String, _ what: String, units: UnitSystem) -> [CheckResult] {
        [
            energy.result("\(name), energy", "largest change of an energy \(what)", unit: units.energy.symbol),
            force.result("\(name), forces", "largest change of a force component \(what)", unit: units.force.symbol),
        ]
            + (stress.map {
                [
                    $0.result(
                        "\(name), stress", "largest change of a stress component \(what)", unit: units.stress.symbol)
                ]
            } ?? [])
    }
}
