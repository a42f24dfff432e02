import ApusCPU
import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusPotentials
import ApusSystem
import ApusTestSupport
import ApusTraining
import Testing

@testable import ApusRun

/// A potential that the program does not have: one file (`SymmetryFunctions.swift`) and one line, the next.
private let registry = Registry(potentials: standardPotentials + [SymmetryFunctions.self])

/// Everything that a potential has follows from its file.
@Suite struct OwnPotentialTests {
    private let text = """
        [potential]
        potential_name = "SymmetryFunctions"
        [potential.core_parameter]
        maximum_interaction_radius = "0.4 nanometer"
        number_of_radial_basis_functions = 9
        number_of_hidden_features = 12
        sparsity_weight = 1e-3
        [potential.core_parameter.featurization.atomic_number]
        maximum_atomic_number = 8
        [dataset]
        file = "a.extxyz"
        [training]
        number_of_epochs = 30
        batch_size = 8
        lr = 5e-3
        [runtime]
        threads = 1
        """

    private func resolve(_ text: String) throws -> RunConfiguration {
        try ConfigurationDocument(toml: text, file: "run.toml", registry: registry).resolve()
            .configuration
    }

    /// Molecules of H, C and O with the energy Σ (d − 1.2)²/2 of their pairs, and its forces.
    private func samples(_ count: Int, seed: UInt64) throws -> [Sample] {
        var generator = SeededGenerator(seed: seed)
        return try (0..<count).map { k in
            let positions = (0..<4).map { atom in
                SIMD3(1.2 * Double(atom), 0.5 * Double(atom % 2), 0)
                    + 0.1 * SIMD3(generator.normal(), generator.normal(), generator.normal())
            }
            var energy = 0.0
            var forces = [SIMD3<Double>](repeating: .zero, count: 4)
            for j in 0..<4 {
                for i in 0..<j {
                    let vector = positions[j] - positions[i]
                    let d = (vector * vector).sum().squareRoot()
                    guard d < 1.8 else { continue }
                    energy += (d - 1.2) * (d - 1.2) / 2
                    forces[i] += (d - 1.2) / d * vector
                    forces[j] -= (d - 1.2) / d * vector
                }
            }
            let system = try AtomicSystem(numbers: [1, 6, 8, 1], positions: positions)
            let none = SelfEnergies([1: 0, 6: 0, 8: 0], unit: .electronvolt)
            return try Sample(
                Configuration(system: system, record: "chain \(k)", energy: energy, forces: forces), selfEnergies: none)
        }
    }

    private func model(_ configuration: RunConfiguration) throws -> EnergyModel {
        var model = EnergyModel(
            potential: try configuration.potential.makeNetwork(lengthUnit: .angstrom), parameters: [],
            units: .electronvoltAngstrom, selfEnergies: [1: 0, 6: 0, 8: 0], scale: 1, shift: 0)
        model.parameters = EnergyModel.initialParameters(model.declarations, seed: 7)
        return model
    }

    @Test func aConfigurationSetsIt() throws {
        let configuration = try resolve(text)
        let network = try #require(
            try configuration.potential.makeNetwork(lengthUnit: .angstrom) as? SymmetryFunctions)
        #expect(abs(network.cutoff - 4) < 1e-12 && network.radialBasis.count == 9 && network.hidden == 12)
        #expect(network.sparsity == 1e-3 && network.embeddingRows == 9)
        // Defaults, and the text of the whole configuration.
        let short = try resolve("potential.potential_name = \"symmetryfunctions\"\ndataset.file = \"a.extxyz\"")
        #expect(AnyHashable(try short.potential.makeNetwork(lengthUnit: .angstrom)) == AnyHashable(SymmetryFunctions()))
        #expect(try resolve(configuration.toml) == configuration)
        #expect(configuration.toml.contains("sparsity_weight = 0.001\n"))
        #expect(!configuration.toml.contains("number_of_filters"))

        func refusal(_ line: String, _ name: String = "SymmetryFunctions") -> String {
            let text = "potential.potential_name = \"\(name)\"\n\(line)\ndataset.file = \"a.extxyz\""
            return #expect(throws: ApusError.self) { try resolve(text) }?.description ?? ""
        }
        let core = "potential.core_parameter."
        #expect(
            refusal(core + "number_of_hidden_features = 0").contains("takes a whole number from 1 to 4096, found 0"))
        #expect(
            refusal(core + "number_of_filters = 8").contains(
                "number_of_filters belongs to SchNet, but potential_name is \"SymmetryFunctions\""))
        #expect(
            refusal(core + "sparsity_weight = 1", "PaiNN").contains(
                "sparsity_weight belongs to SymmetryFunctions, but potential_name is \"PaiNN\""))
        #expect(refusal(core + "sparsity_wieght = 1").contains("did you mean 'sparsity_weight'?"))
        // The keys of the program alone know nothing of it.
        #expect(throws: ApusError.self) { try ConfigurationDocument(toml: text, file: "run.toml").resolve() }
    }

    @Test func itIsTrainedSavedLoadedAndChecked() throws {
        let configuration = try resolve(text)
        let model = try model(configuration)
        let settings = configuration.trainingSettings(units: model.units)
        let (training, validation) = (try samples(48, seed: 1), try samples(8, seed: 2))
        let device = Device(precision: .float64, threads: 1, instructionSet: InstructionSet.available[0])
        let trainer = try Trainer(model, settings, training: training, validation: validation, on: device)
        var summaries: [EpochSummary] = []
        _ = try trainer.run { if case .epochEnded(let summary) = $0 { summaries.append(summary) } }
        let (first, last) = (try #require(summaries.first), try #require(summaries.last))
        #expect(last.trainingLoss < 0.2 * first.trainingLoss)
        // What the potential adds is reported, and part of the loss: the mean over atoms times the weight.
        let added = try #require(last.training.lossComponents["sparsity"])
        let compared = zip(settings.loss.terms, [0.01, 0.99]).reduce(0) {
            $0 + $1.1 * last.training.lossComponents[$1.0.name]!
        }
        #expect(added > 0 && abs(last.trainingLoss - compared - 1e-3 * added) < 1e-12)

        let best = trainer.best
        let systems = validation.map(\.system)
        for result in try ModelChecks(best, on: Array(systems.prefix(3)), instructionSet: device.instructionSet).run() {
            #expect(result.passed, "\(result.name): \(result.worst) beyond \(result.bound)")
        }
        try withTemporaryFolder { folder in
            let path = folder + "/a"
            try ModelFile(best, precision: .float64, program: "test", examplesFrom: systems).write(to: path)
            let read = try ModelFile.read(path, registry: registry.models).model
            #expect(read == best)
            #expect(try Predictor(read, on: device).predict(systems) == Predictor(best, on: device).predict(systems))
            let error = #expect(throws: ApusError.self) { _ = try ModelFile.read(path) }
            #expect(
                error?.description.contains(
                    "the architecture 'SymmetryFunctions' is unknown (SchNet and PaiNN are known); update apus.")
                    == true)
        }
        var network = SymmetryFunctions()
        network.hidden = 5000
        var wrong = best
        wrong.potential = network
        let error = #expect(throws: ApusError.self) {
            _ = try ModelFile(wrong, precision: .float64, program: "test", examplesFrom: systems)
        }
        #expect(
            error?.description.contains("architecture SymmetryFunctions: hidden is 5000, but must be from 1 to 4096")
                == true)
    }

    /// The gradient of what a potential adds, against differences of the loss that training reports.
    @Test func theAddedLossIsDifferentiated() throws {
        let configuration = try resolve(text.replacing("sparsity_weight = 1e-3", with: "sparsity_weight = 10.0"))
        let model = try model(configuration)
        var settings = configuration.trainingSettings(units: model.units)
        // One step of plain descent shows the gradient.
        (settings.epochs, settings.optimizer, settings.weightDecay) = (1, GradientDescent(), 0)
        (settings.gradientClip, settings.batchSize, settings.learningRate) = (nil, 8, 1e-6)
        let samples = try samples(8, seed: 3)
        let device = Device(precision: .float64, threads: 1, instructionSet: InstructionSet.available[0])
        func step(_ model: EnergyModel) throws -> (loss: Double, gradient: [Double]) {
            let trainer = try Trainer(model, settings, training: samples, validation: [], on: device)
            var loss = 0.0
            _ = try trainer.run { if case .epochEnded(let summary) = $0 { loss = summary.trainingLoss } }
            return (loss, try #require(trainer.gradientValues))
        }
        let gradient = try step(model).gradient
        let scale = gradient.map(abs).max() ?? 0
        for k in stride(from: 0, to: gradient.count, by: 37) {
            let losses = try [1e-5, -1e-5].map { change in
                var moved = model
                moved.parameters[k] += change
                return try step(moved).loss
            }
            // The square of the step, and the rounding of the loss over the step.
            #expect(abs((losses[0] - losses[1]) / 2e-5 - gradient[k]) < 1e-7 * scale, "\(k)")
        }
    }

    /// Documentation/Potentials.md prints the file.
    @Test func thePagePrintsThisPotential() throws {
        let file = String(
            decoding: try readFile(path: "\(packageRoot)/Tests/ApusRunTests/Own/SymmetryFunctions.swift"),
            as: UTF8.self
        )
        let page = String(decoding: try readFile(path: "\(packageRoot)/Documentation/Potentials.md"), as: UTF8.self)
        #expect(page.contains("```swift\n\(file)```\n"))
    }
}
