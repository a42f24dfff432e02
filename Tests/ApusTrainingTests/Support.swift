import ApusCPU
import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusSystem
import ApusTestSupport

@testable import ApusTraining

/// The kernels of this machine that come first.
let bestInstructionSet = InstructionSet.available[0]

/// Those kernels on one thread.
func bestDevice(_ precision: Precision = .float32, threads: Int = 1) -> Device {
    Device(precision: precision, threads: threads, instructionSet: bestInstructionSet)
}

/// Numbers that PyTorch computed; `Tools/make_optimizer_golden.py` writes them.
func optimizerGolden() throws -> JSONValue { try golden("optimizers") }

/// Numbers that PyTorch computed; `Tools/make_schedule_golden.py` writes them.
func scheduleGolden() throws -> JSONValue { try golden("schedules") }

private func golden(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: readFile(path: "\(goldenFolder)/\(name).json"))
}

extension JSONValue {
    /// The numbers of a list.
    var reals: [Double]? {
        guard let array else { return nil }
        let numbers = array.compactMap(\.real)
        return numbers.count == array.count ? numbers : nil
    }

    /// True or false.
    var bool: Bool? {
        if case .logical(let value) = self { value } else { nil }
    }
}

/// A small model with random parameters, biases included, that knows H, C and O.
func smallModel(
    _ name: String = "SchNet", seed: UInt64 = 1, scale: Double = 1, shift: Double = 0, heads: [any Head] = [],
    featurization: Featurization = .element
) -> EnergyModel {
    let potential: any Potential
    if name == "SchNet" {
        var schNet = SchNet(cutoff: 4, radialFunctions: 8)
        (schNet.features, schNet.filters, schNet.interactions, schNet.embeddingRows) = (8, 8, 1, 9)
        potential = schNet
    } else {
        var paiNN = PaiNN(cutoff: 4, radialFunctions: 8)
        (paiNN.features, paiNN.interactions, paiNN.embeddingRows) = (8, 1, 9)
        potential = paiNN
    }
    var model = EnergyModel(
        potential: potential, parameters: [], units: .electronvoltAngstrom,
        selfEnergies: [1: 0, 6: 0, 8: 0], scale: scale, shift: shift)
    model.heads = heads
    model.featurization = featurization
    model.parameters = randomParameters(model, seed: seed)
    return model
}

/// First parameters, biases included.
func randomParameters(_ model: EnergyModel, seed: UInt64 = 1) -> [Double] {
    var generator = SeededGenerator(seed: seed + 1000)
    return EnergyModel.initialParameters(model.declarations, seed: seed).map {
        $0 == 0 ? 0.1 * generator.normal() : $0
    }
}

extension Sample {
    /// The same sample with random numbers of order one for every label but energy and forces.
    func withRandomLabels(seed: UInt64) throws -> Sample {
        var generator = SeededGenerator(seed: seed + UInt64(system.count))
        var labels = labels
        for property in [Property.totalCharge, .dipole, .quadrupole, .charges, .atomicSpinMultiplicities] {
            labels[property] = (0..<property.count(atoms: system.count)).map { _ in generator.normal() }
        }
        labels[.totalCharge] = [Double(generator.index(below: 3)) - 1]
        let charged = try AtomicSystem(
            numbers: system.numbers, positions: system.positions, charge: Int(labels[.totalCharge]![0]))
        return try sample(charged, labels: labels, named: name)
    }

    /// The force on each atom.
    var forces: [SIMD3<Double>]? {
        labels[.forces].map { values in
            stride(from: 0, to: values.count, by: 3).map { SIMD3(values[$0], values[$0 + 1], values[$0 + 2]) }
        }
    }
}

/// A sample in memory with any labels.
func sample(_ system: AtomicSystem, labels: [Property: [Double]], named name: String = "sample") throws -> Sample {
    let none = SelfEnergies(Dictionary(uniqueKeysWithValues: (1...8).map { ($0, 0) }), unit: .electronvolt)
    return try Sample(Configuration(system: system, record: name, labels: labels), selfEnergies: none)
}

/// Bent chains of atoms with harmonic springs between all pairs: E = Σ k/2 (r − a (j − i))², F = −∂E/∂r.
///
/// The force is derived by hand, so it does not depend on anything that is tested.
func harmonicSamples(
    count: Int, atoms sizes: [Int] = [2, 3], seed: UInt64 = 3, sign: Double = 1, named name: String = "chain"
) throws -> [Sample] {
    var generator = SeededGenerator(seed: seed)
    return try (0..<count).map { k in
        let size = sizes[k % sizes.count]
        let positions = (0..<size).map { atom in
            SIMD3(1.1 * Double(atom), 0.4 * Double(atom % 2), 0)
                + 0.12 * SIMD3(generator.normal(), generator.normal(), generator.normal())
        }
        let system = try AtomicSystem(numbers: (0..<size).map { [8, 1, 6][$0 % 3] }, positions: positions)
        var energy = 0.0
        var forces = [SIMD3<Double>](repeating: .zero, count: size)
        for j in 0..<size {
            for i in 0..<j {
                let vector = positions[j] - positions[i]
                let distance = (vector * vector).sum().squareRoot()
                let stretch = distance - 1.15 * Double(j - i)
                energy += sign * stretch * stretch / 2
                forces[i] += sign * stretch / distance * vector
                forces[j] -= sign * stretch / distance * vector
            }
        }
        return try sample(system, energy: energy, forces: forces, named: "\(name) \(k)")
    }
}

/// A sample in memory; energies are those without self-energies.
func sample(
    _ system: AtomicSystem, energy: Double?, forces: [SIMD3<Double>]?, named name: String = "sample"
) throws -> Sample {
    let none = SelfEnergies(Dictionary(uniqueKeysWithValues: (1...8).map { ($0, 0) }), unit: .electronvolt)
    return try Sample(
        Configuration(system: system, record: name, energy: energy, forces: forces), selfEnergies: none)
}

/// The gradient that a program of a loss leaves, with a batch cut into given chunks.
func gradient(
    _ program: BatchProgram, _ model: EnergyModel, _ layout: LossLayout, _ samples: [Sample], chunks: [Range<Int>],
    weights: [Double]
) throws -> [Double] {
    let (executor, encoding) = (program.executor, program.encoding)
    _ = try executor.run(chunks: chunks.count, parameters: Numbers(model.parameters, precision: .float64)) { k, chunk in
        try encoding.fill(&chunk, with: samples[chunks[k]].map(\.system))
        layout.fill(&chunk, with: samples[chunks[k]], weights: weights)
    }
    return executor.program.results.flatMap { executor.sums[$0] }
}

/// Settings under which the small model learns quickly.
func quickSettings(epochs: Int) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.epochs = epochs
    settings.batchSize = 8
    settings.learningRate = 5e-3
    settings.loss = Loss(weights: [.perSystemEnergy: 0.1, .perAtomForce: 0.9])
    return settings
}

/// What a training run reported and how it ended.
struct TrainingRecord {
    var end = TrainingEnd.epochs
    var summaries: [EpochSummary] = []
    var begun: [Int] = []
    var steps: [(systems: Int, loss: Double)] = []
    var skipped: [String] = []
    let best: EnergyModel
    let bestMetric: Double
}

/// Trains and records everything that is reported.
func train(
    _ settings: TrainingSettings, _ training: [Sample], validation: [Sample] = [],
    model: EnergyModel = smallModel(), on device: Device = bestDevice()
) throws -> TrainingRecord {
    let trainer = try Trainer(model, settings, training: training, validation: validation, on: device)
    var summaries: [EpochSummary] = []
    var begun: [Int] = []
    var steps: [(Int, Double)] = []
    var skipped: [String] = []
    let end = try trainer.run { event in
        switch event {
        case .epochBegan(let epoch, _): begun.append(epoch)
        case .batchSkipped(let reason): skipped.append(reason)
        case .step(let systems, let loss): steps.append((systems, loss))
        case .epochEnded(let summary): summaries.append(summary)
        }
    }
    return TrainingRecord(
        end: end, summaries: summaries, begun: begun, steps: steps, skipped: skipped, best: trainer.best,
        bestMetric: trainer.bestEpoch?.metric ?? .infinity)
}
