import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusTraining
import Testing

// What Documentation/Losses.md shows: a property, a head that predicts it, and loss components, each in a few lines and
// with what the modules offer to everyone.

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

@Suite struct ExtensionTests {
    @Test func aHeadAndLossComponentsOfOnesOwnAreTrained() throws {
        var model = smallModel("PaiNN", heads: [ChargeHead(), VolumeHead()])
        let samples = try harmonicSamples(count: 12, atoms: [3, 4]).map { sample in
            // Volumes that depend on the element, dipoles of unit length.
            try ApusTrainingTests.sample(
                sample.system,
                labels: sample.labels.merging([
                    .volumes: sample.system.numbers.map { 0.1 * Double($0) }, .dipole: [0, 0.6, 0.8],
                ]) { $1 })
        }
        var settings = quickSettings(epochs: 60)
        settings.learningRate = 1e-2
        settings.loss = Loss([
            LossTerm(PropertyLoss.perSystemEnergy, weight: .init(0.1)),
            LossTerm(PropertyLoss("per_atom_volume", .volumes, exponent: 1), weight: .init(1)),
            LossTerm(DipoleSquare(), weight: .init(1)),
        ])
        let record = try train(settings, samples, model: model)
        model = record.best
        let (first, last) = (record.summaries[0].training, record.summaries[59].training)
        #expect(last.lossComponents["per_atom_volume"]! < 0.05 * first.lossComponents["per_atom_volume"]!)
        #expect(last.lossComponents["dipole_square"]! < 0.2 * first.lossComponents["dipole_square"]!)
        #expect(last.value(of: .errors(.property(.volumes), .mae), settings.loss)! < 0.1)

        // The value of the component, from predictions.
        let predictor = Predictor(model, on: bestDevice(.float64))
        let found = try predictor.predict(samples.map(\.system))
        let errors = try Evaluator(
            model, loss: settings.loss, on: bestDevice(.float64)
        ).errors(on: samples, parameters: Numbers(model.parameters, precision: .float64))
        let expected = zip(samples, found).reduce(0.0) { sum, pair in
            let square = pair.1.further[.dipole]!.reduce(0) { $0 + $1 * $1 }
            return sum + (square - 1) * (square - 1) / Double(pair.0.system.count * pair.0.system.count)
        }
        #expect(abs(errors.lossComponents["dipole_square"]! - expected / 12) < 1e-12)

        let path = "/tmp/apus-extension-\(UInt64.random(in: 0 ... .max)).apus"
        try ModelFile(model, precision: .float64, program: "test", examplesFrom: samples.map(\.system)).write(to: path)
        var registry = ModelRegistry.standard
        registry.heads.append(VolumeHead.self)
        #expect(try ModelFile.read(path, registry: registry).model == model)
        let error = #expect(throws: ApusError.self) { _ = try ModelFile.read(path) }
        #expect(
            error?.description.contains(
                "the head 'per_atom_volume' is unknown (per_atom_charge, per_atom_spin_multiplicity")
                == true)
    }
}
