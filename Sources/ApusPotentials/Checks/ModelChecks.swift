import ApusCPU
import ApusChemistry
import ApusGraph
import ApusSystem

/// Checks of what must hold for every potential, on a model and on molecules of the user.
///
/// | check | bound, relative to the size of energies and forces |
/// |---|---|
/// | forces are the slope of the energy | 10⁻⁶ |
/// | gradients by parameters are slopes | 10⁻⁶ |
/// | rotation and reflection, translation, permutation, batches change nothing | 10⁻⁹ |
/// | stresses are the slope of the energy with the strain | 10⁻⁶ |
/// | supercells, atoms moved by lattice vectors, molecules in large boxes change nothing | 10⁻⁹ |
/// | nothing jumps at the cutoff | 10⁻⁵ for energies, 10⁻⁴ for forces |
/// | float32 is close to float64 | 10⁻⁴ |
///
/// All but the last run in float64, which rounds to 10⁻¹⁶; a potential of some hundred operations in a row keeps 13
/// digits, and 10⁻⁹ leaves a margin for ill-conditioned ones. Each check explains its own bound. Where coordinates are large,
/// what their rounding changes is allowed beside.
public struct ModelChecks {
    /// The model, without self-energies: they cancel in every comparison and would only hide digits.
    let model: EnergyModel
    let systems: [AtomicSystem]
    /// Predictions in float64.
    let predict: ([AtomicSystem]) throws -> [Prediction]
    /// One thread, in float64.
    let device: Device
    let seed: UInt64

    /// Prepares checks of a model.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - systems: Molecules to check it on; a few small ones suffice.
    ///   - instructionSet: The kernels to use.
    ///   - seed: Chooses directions, rotations and permutations.
    /// - Precondition: There is a system, and the model knows all elements.
    public init(_ model: EnergyModel, on systems: [AtomicSystem], instructionSet: InstructionSet, seed: UInt64 = 1) {
        var bare = model
        bare.selfEnergies = model.selfEnergies.mapValues { _ in 0 }
        bare.energyOffset = 0
        let predictor = Predictor(
            bare, withHeads: false, on: Device(precision: .float64, threads: 1, instructionSet: instructionSet))
        self.init(bare, on: systems, instructionSet: instructionSet, seed: seed, predict: predictor.predict)
    }

    init(
        _ model: EnergyModel, on systems: [AtomicSystem], instructionSet: InstructionSet, seed: UInt64,
        predict: @escaping ([AtomicSystem]) throws -> [Prediction]
    ) {
        require(systems.contains { $0.count > 0 }, "a check needs atoms")
        self.model = model
        // Far from the origin coordinates round more, which would be taken for errors of the model. Atoms that are too far away
        // for this are refused when pairs are made.
        self.systems = systems.filter { $0.count > 0 }.map { (try? $0.gathered()) ?? $0 }
        device = Device(precision: .float64, threads: 1, instructionSet: instructionSet)
        self.seed = seed
        self.predict = predict
    }

    /// Runs all checks.
    ///
    /// - Throws: `AtomicSystemError` when two atoms of a system stand on one point.
    public func run() throws -> [CheckResult] {
        var results = [try forces(), try parameterGradients()]
        results += try rotation()
        results += try translation()
        results += try permutation()
        results += try batches()
        results += [try stress()] + (try supercells()) + (try wrapping())
        results += try largeBox()
        results += try cutoff()
        results += try singlePrecision()
        return results
    }

    var cutoffRadius: Double { model.cutoff }
}
