import ApusCPU
import ApusChemistry
import ApusGraph
import ApusPotentials
import ApusTraining

// What the program does not have, each in a few lines.

/// The error of |p|² for data that have no directions, over N².
struct DipoleSquare: LossComponent {
    let name = "dipole_square"
    let properties = [Property.dipole]
    let divisor = 1.0
    let exponent = 2
    let dimension = Property.dipole.dimension * Property.dipole.dimension

    func errors(predicted: (Property) -> Tensor, label: (Property) -> Tensor) -> Tensor {
        let (p, reference) = (predicted(.dipole), label(.dipole))
        return contract(p, p, to: .scalar) - contract(reference, reference, to: .scalar)
    }
}

extension Property {
    /// A volume of each atom.
    static let volumes = Property(
        key: "volumes", target: "per_atom_volume", name: "volumes", owner: .atom, dimension: Dimension(length: 3))
}

/// Volumes of atoms, v_i = dense(silu dense(x_i)).
struct VolumeHead: Head {
    static let name = "per_atom_volume"
    var properties: [Property] { [.volumes] }
    var inputs: [SystemInput] { [] }

    func outputs(of atoms: AtomFeatures, _ layers: Layers) -> [Property: Tensor] {
        [.volumes: layers.readout(atoms.values, atoms.count)]
    }
}

/// Repulsion E = ½ Σ_ij A exp(−d_ij²/2w²) f_c(d_ij) q_i q_j of atoms with charges of the same sign, on pairs of its own.
struct ChargeRepulsion: EnergyTerm {
    static let name = "charge_repulsion"
    static let hyperparameters: [Hyperparameter<ChargeRepulsion>] = [
        .cutoff(\.cutoff), .real("strength", \.strength, .positive, key: "strength", "Strength A.").needed,
    ]
    var cutoff = 6.0
    var strength = 1.0
    var usesCharges: Bool { true }
    var pairLists: [PairRequest] { [PairRequest(PairList("charges"), cutoff: cutoff)] }

    func energy(of atoms: TermInput, _ layers: Layers) -> Tensor {
        let distances = atoms.geometry.distances
        let screened = RadialBasis(centers: [0], widths: [1.5])(distances) * cosineCutoff(distances, radius: cutoff)
        let field = pairConvolution(atoms.charges!, filter: screened)
        return 0.5 * strength * segmentSum(atoms.charges! * field, by: .systemOfAtom, into: .systems)
    }
}

/// Descent with a momentum, at a part of the learning rate.
struct SlowDescent: Optimizer {
    static let name = "SlowSGD"
    static let hyperparameters: [Hyperparameter<SlowDescent>] = [
        .real("part", \.part, .positive, key: "part", "Part of the learning rate.")
    ]
    var part = 0.5
    private var descent: GradientDescent { GradientDescent(momentum: 0.5) }
    var momentNames: [String] { descent.momentNames }
    var hasMomentum: Bool { true }
    var operations: Double { descent.operations }

    func step(
        _ executor: Executor, _ parameters: Numbers, moments: [Numbers], spans: [TrainedSpan], _ step: OptimizerStep
    ) -> Bool {
        var slower = step
        slower.rate *= part
        return descent.step(executor, parameters, moments: moments, spans: spans, slower)
    }
}

/// r₀/(1 + n/s), lowered by a tenth after every second epoch, whatever the metric is.
struct Hyperbola: LearningRateSchedule {
    static let name = "Hyperbola"
    static let watchesMetric = true
    static let hyperparameters: [Hyperparameter<Hyperbola>] = [
        .integer("scale", \.scale, 1...1000, key: "scale", "Epochs after which the rate is half.").needed
    ]
    static let intervals = [ScheduleInterval.epoch]
    var scale = 1

    func rate(after count: Int, of course: ScheduleCourse) -> Double {
        course.rate / (1 + Double(count) / Double(scale))
    }

    func rate(_ rate: Double, after metric: Double, _ memory: inout [String: Double]) -> Double {
        memory["epochs", default: 0] += 1
        return memory["epochs"]!.truncatingRemainder(dividingBy: 2) == 0 ? 0.9 * rate : rate
    }
}

extension Metric.Measure {
    /// The size of the mean signed error.
    static let bias = Metric.Measure("bias") { abs($0.meanSigned) }
}
