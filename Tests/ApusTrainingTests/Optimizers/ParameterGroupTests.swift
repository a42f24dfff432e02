import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusTestSupport
import Testing

@testable import ApusTraining

/// A network of Gaussians whose layers are frozen or slowed down.
private struct Grouped: Potential {
    static let name = "Grouped"
    static let reference = "a test"
    static let hyperparameters: [Hyperparameter<Grouped>] = [.cutoff(\.cutoff)]
    var cutoff = 4.0
    var isFrozen = false
    var rateFactor = 1.0

    func output(of geometry: Geometry, _ layers: Layers) -> PotentialOutput {
        let x = layers.treating({ if isFrozen { $0.isTrainable = false } }) {
            layers.embedding("embedding", rows: 9, features: 6)
        }
        let filter = layers.treating({ $0.rateFactor *= rateFactor }) {
            layers.linear("filter", 5, 6)(RadialBasis.evenlySpaced(5, cutoff: cutoff)(geometry.distances))
        }
        let message = pairConvolution(x, filter: filter * cosineCutoff(geometry.distances, radius: cutoff))
        return PotentialOutput(features: x + layers.linear("out", 6, 6)(message))
    }
}

@Suite struct ParameterGroupTests {
    private func model(_ change: (inout Grouped) -> Void = { _ in }) -> EnergyModel {
        var potential = Grouped()
        change(&potential)
        var model = EnergyModel(
            potential: potential, parameters: [], units: .electronvoltAngstrom, selfEnergies: [1: 0, 6: 0, 8: 0],
            scale: 1, shift: 0)
        model.parameters = randomParameters(model)
        return model
    }

    private func values(_ name: String, of parameters: [Double], _ model: EnergyModel) -> [Double] {
        var offset = 0
        for declaration in model.declarations {
            if declaration.name == name { return Array(parameters[offset..<offset + declaration.count]) }
            offset += declaration.count
        }
        return []
    }

    /// A frozen parameter keeps its bits in either optimiser, has no gradient in the program, and counts for no norm.
    @Test(arguments: ["AdamW", "SGD"]) func frozenParametersKeepTheirBits(_ name: String) throws {
        let frozen = model { $0.isFrozen = true }
        var settings = quickSettings(epochs: 3)
        (settings.weightDecay, settings.averagingDecay) = (0.1, 0.9)
        if name == "SGD" { settings.optimizer = GradientDescent(momentum: 0.5) }
        let samples = try harmonicSamples(count: 16)
        let trainer = try Trainer(frozen, settings, training: samples, validation: [], on: bestDevice())
        _ = try trainer.run { _ in }
        let embedding = "embedding.weight"
        let rounded = Numbers(frozen.parameters, precision: .float32).values
        #expect(values(embedding, of: trainer.parameterValues, frozen) == values(embedding, of: rounded, frozen))
        #expect(values(embedding, of: trainer.best.parameters, frozen) == values(embedding, of: rounded, frozen))
        #expect(values("out.weight", of: trainer.parameterValues, frozen) != values("out.weight", of: rounded, frozen))
        let count = values(embedding, of: rounded, frozen).count
        let trained = trainer.executor.program.results.reduce(0) { $0 + $1.count }
        #expect(count == 54 && trained == frozen.parameters.count - count)
        let gradients = try #require(trainer.gradientValues)
        #expect(gradients.count == frozen.parameters.count)
        #expect(values(embedding, of: gradients, frozen).allSatisfy { $0 == 0 })
        #expect(values("out.weight", of: gradients, frozen).contains { $0 != 0 })

        // What is not frozen has the gradients that it has beside parameters that are trained.
        let free = try Trainer(model(), settings, training: samples, validation: [], on: bestDevice(.float64))
        let held = try Trainer(frozen, settings, training: samples, validation: [], on: bestDevice(.float64))
        var errors = EvaluationErrors()
        for trainer in [free, held] { _ = try trainer.step(samples, &errors) }
        let expected = values("filter.weight", of: try #require(free.gradientValues), frozen)
        #expect(relativeError(values("filter.weight", of: try #require(held.gradientValues), frozen), expected) < 1e-12)
    }

    /// Plain descent moves parameters by the rate times the factor times the gradient; a factor of one leaves all bits.
    @Test func theFactorMultipliesTheRate() throws {
        var settings = quickSettings(epochs: 1)
        (settings.optimizer, settings.weightDecay) = (GradientDescent(), 0)
        let samples = try harmonicSamples(count: 8)
        func changes(_ factor: Double) throws -> (EnergyModel, [Double]) {
            let model = self.model { $0.rateFactor = factor }
            let after = try train(settings, samples, model: model, on: bestDevice(.float64)).best.parameters
            return (model, zip(after, model.parameters).map { $0 - $1 })
        }
        let (model, one) = try changes(1)
        let (_, tenth) = try changes(0.1)
        let (found, expected) = (values("filter.weight", of: tenth, model), values("filter.weight", of: one, model))
        // A difference of parameters of order one, which leaves 10⁻¹⁶.
        #expect(zip(found, expected).allSatisfy { abs($0 - 0.1 * $1) < 1e-15 } && expected.contains { abs($0) > 1e-6 })
        #expect(values("out.weight", of: tenth, model) == values("out.weight", of: one, model))
        settings.optimizer = AdamW()
        settings.weightDecay = 0.01
        let plain = try train(settings, samples, model: self.model()).best.parameters
        #expect(plain == (try train(settings, samples, model: self.model { $0.rateFactor = 1 }).best.parameters))
    }

    /// Names, groups and stars.
    @Test func patternsMatchNamesAndGroups() {
        func matches(_ pattern: String, _ name: String) -> Bool { ParameterRule(pattern, .frozen).matches(name) }
        let name = "interactions.1.filter.0.weight"
        for pattern in [
            name, "interactions", "interactions.1", "interactions.1.filter", "*", "*.weight", "inter*.0.weight",
            "*.filter",
            "interactions.*.filter", "i*.1.*.0.w*", "*1*",
        ] {
            #expect(matches(pattern, name), "\(pattern)")
        }
        for pattern in [
            "interaction", "interactions.10", "filter", "weight", "interactions.1.", "*.bias", "interactions.*.outward",
            "*.filter.1", "", "*x*", "interactions.1.filter.0.weight.0",
        ] {
            #expect(!matches(pattern, name), "\(pattern)")
        }
        // A star may stand for nothing, and pieces do not overlap.
        #expect(matches("a*b", "ab") && !matches("ab*ba", "aba"))
    }

    /// Rules of the settings do what layers can say, and of two rates for a parameter the last counts.
    @Test func rulesChangeGroups() throws {
        let model = model()
        var settings = quickSettings(epochs: 2)
        settings.weightDecay = 0.1
        settings.parameterRules = [
            ParameterRule("embedding", .frozen), ParameterRule("*", .rateFactor(3)),
            ParameterRule("filter", .rateFactor(0)),
        ]
        let samples = try harmonicSamples(count: 12)
        let trainer = try Trainer(model, settings, training: samples, validation: [], on: bestDevice(.float64))
        _ = try trainer.run { _ in }
        for name in ["embedding.weight", "filter.weight", "filter.bias"] {
            #expect(values(name, of: trainer.parameterValues, model) == values(name, of: model.parameters, model))
        }
        let out = values("out.weight", of: model.parameters, model)
        #expect(values("out.weight", of: trainer.parameterValues, model) != out)
        // The bits are those of a potential whose layers say so.
        settings.parameterRules = [ParameterRule("embedding", .frozen), ParameterRule("filter", .rateFactor(0.25))]
        let ruled = try train(settings, samples, model: model, on: bestDevice()).best
        settings.parameterRules = []
        let declared = self.model {
            $0.isFrozen = true
            $0.rateFactor = 0.25
        }
        #expect(ruled.parameters == (try train(settings, samples, model: declared, on: bestDevice())).best.parameters)
    }

    /// A rule without effect is a mistake.
    @Test func rulesThatMatchNothingAreRefused() throws {
        func message(_ rules: [ParameterRule]) -> String? {
            var settings = quickSettings(epochs: 1)
            settings.parameterRules = rules
            return #expect(throws: ApusError.self) { try settings.grouped(model().declarations) }?.description
        }
        let names = model().declarations.map(\.name).joined(separator: ", ")
        #expect(names.hasPrefix("embedding.weight, filter.weight, filter.bias, out.weight"), "\(names)")
        #expect(
            message([ParameterRule("out", .frozen), ParameterRule("outer", .frozen)])?.contains(
                "no parameter matches 'outer' of training.frozen_parameters; name some of \(names)") == true)
        #expect(
            message([ParameterRule("*", .rateFactor(0))])?.contains("rate_factors leaves no parameter that is trained")
                == true)
        #expect(
            message([ParameterRule("x*", .rateFactor(1))])?.contains(
                "no parameter matches 'x*' of training.rate_factors; name some of \(names)") == true)
        #expect(message([ParameterRule("*", .frozen)])?.contains("training.frozen_parameters freezes all") == true)
    }

    /// Layers say what decays: matrices of linear layers, and nothing else.
    @Test func layersSayWhatDecays() {
        for name in ["SchNet", "PaiNN"] {
            var model = smallModel(name, heads: [ChargeHead()])
            model.featurization = Featurization(totalCharge: true)
            for declaration in model.declarations {
                let isMatrix = declaration.initializer == .glorotUniform
                #expect(declaration.group == (isMatrix ? .weights : .others), "\(declaration.name)")
            }
        }
    }
}
