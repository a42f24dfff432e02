import ApusCPU
import ApusChemistry
import ApusGraph

/// A term of the loss: the errors that it looks at, and how they are brought to one number for a system.
///
///     L_c = 1/M Σ_s 1/(d N_s^p) Σ φ(e)        over the errors e of system s
///
/// with N_s atoms, M systems in the batch, the form φ (``LossForm``), the divisor d and the exponent p. To add a
/// component, write a type like ``PropertyLoss`` in one file; see Documentation/Losses.md.
public protocol LossComponent: Sendable {
    /// The name in configurations, logs and files.
    var name: String { get }
    /// The properties whose predictions and labels are read.
    var properties: [Property] { get }
    /// d, usually the numbers that an atom or a system has.
    var divisor: Double { get }
    /// p, unless the user chooses another one.
    var exponent: Int { get }
    /// The dimension of the errors.
    var dimension: Dimension { get }
    /// The errors: rows of systems or of atoms, of any shape.
    func errors(predicted: (Property) -> Tensor, label: (Property) -> Tensor) -> Tensor
}

/// The difference of the prediction of a property and its label.
public struct PropertyLoss: LossComponent, Hashable {
    /// The name in configurations, logs and files.
    public let name: String
    /// The property that is compared.
    public let property: Property
    /// d, the numbers that an atom or a system has.
    public let divisor: Double
    /// p, the exponent of the number of atoms.
    public let exponent: Int

    /// A component that compares one property.
    public init(_ name: String, _ property: Property, divisor: Double = 1, exponent: Int) {
        self.name = name
        self.property = property
        self.divisor = divisor
        self.exponent = exponent
    }

    /// The property that is compared.
    public var properties: [Property] { [property] }
    /// The dimension of the property.
    public var dimension: Dimension { property.dimension }

    /// x̂ − x.
    public func errors(predicted: (Property) -> Tensor, label: (Property) -> Tensor) -> Tensor {
        predicted(property) - label(property)
    }

    /// ΔE².
    public static let perSystemEnergy = PropertyLoss("per_system_energy", .energy, exponent: 0)
    /// ΔE²/N.
    public static let perAtomEnergy = PropertyLoss("per_atom_energy", .energy, exponent: 1)
    /// Σ_iα ΔF²/(3N).
    public static let perAtomForce = PropertyLoss("per_atom_force", .forces, divisor: 3, exponent: 1)
    /// Σ_αβ Δσ²/9.
    public static let stress = PropertyLoss("per_system_stress", .stress, divisor: 9, exponent: 0)
    /// Σ_αβ ΔW²/(9N).
    public static let virial = PropertyLoss("per_system_virial", .virial, divisor: 9, exponent: 1)
    /// ΔQ².
    public static let totalCharge = PropertyLoss("per_system_total_charge", .totalCharge, exponent: 0)
    /// Σ_α Δp².
    public static let dipole = PropertyLoss("per_system_dipole_moment", .dipole, exponent: 0)
    /// Σ_αβ ΔΘ².
    public static let quadrupole = PropertyLoss("per_system_quadrupole_moment", .quadrupole, exponent: 0)
    /// Σ_i Δq²/N.
    public static let charge = PropertyLoss("per_atom_charge", .charges, exponent: 1)
    /// Σ_i Δs²/N.
    public static let spinMultiplicity = PropertyLoss(
        "per_atom_spin_multiplicity", .atomicSpinMultiplicities, exponent: 1)
}

/// The components that configurations can name.
public let standardLossComponents: [any LossComponent] = [
    PropertyLoss.perSystemEnergy, PropertyLoss.perAtomEnergy, PropertyLoss.perAtomForce, PropertyLoss.stress,
    PropertyLoss.virial, PropertyLoss.totalCharge, PropertyLoss.dipole, PropertyLoss.quadrupole, PropertyLoss.charge,
    PropertyLoss.spinMultiplicity,
]

/// How an error counts.
public enum LossForm: Sendable, Equatable {
    /// φ(e) = e².
    case squared
    /// φ(e) = |e|.
    case absolute
    /// φ(e) = e² for |e| ≤ δ, 2δ|e| − δ² beyond: the square with slopes of at most 2δ, twice the function of Huber,
    /// Ann. Math. Stat. 35, 73 (1964), doi:10.1214/aoms/1177703732.
    case huber(threshold: Double)

    /// Σ φ(e) over the numbers of each row, `[1]`.
    func sum(_ error: Tensor) -> Tensor {
        switch self {
        case .squared: return contract(error, error, to: .scalar)
        case .absolute:
            // A plain sum over a row is a product with ones.
            let size = ApusGraph.absolute(error)
            let ones = broadcast(
                error.graph.constant([Double](repeating: 1, count: error.shape.count), shape: error.shape),
                over: error.rows)
            return contract(size, ones, to: .scalar)
        case .huber(let threshold):
            // With u = e/δ and c = u limited to ±1, φ = δ² c (2u − c).
            let u = (1 / threshold) * error
            let c = clamp(u)
            return threshold * threshold * contract(c, 2 * u - c, to: .scalar)
        }
    }

}
