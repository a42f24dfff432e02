import ApusPotentials
import ApusTestSupport
import ApusTraining
import Testing

@testable import ApusRun

/// Keys of modelforge that mean here what they mean there.
@Suite struct ModelforgeKeyTests {
    private static let activation = "potential.core_parameter.activation_function_parameter.activation_function_"

    @Test(arguments: [
        (["name=relu"], Activation.relu), (["name=RELU"], .relu), (["name=GELU"], .gelu), (["name=sigmoid"], .sigmoid),
        (["name=LeakyReLU"], .leakyReLU(negativeSlope: 0.01)),
        (["name=leakyrelu", "arguments={negative_slope=0.2}"], .leakyReLU(negativeSlope: 0.2)),
        (["name=ELU"], .elu(alpha: 1)), (["name=elu", "arguments.alpha=2"], .elu(alpha: 2)),
        (["name=CELU", "arguments={alpha=0.5}"], .celu(alpha: 0.5)), (["name=CeLU"], .celu(alpha: 1)),
    ])
    func activations(options: [String], activation: Activation) throws {
        for potential in ["SchNet", "PaiNN"] {
            let configuration = try resolve(
                shortConfiguration,
                overrides: ["potential.potential_name=\(potential)"] + options.map { Self.activation + $0 }
            ).configuration
            let network = try configuration.potential.makeNetwork(lengthUnit: .angstrom)
            #expect(network.activation == activation)
            // The text of the whole configuration says the same.
            let again = try resolve(configuration.toml).configuration.potential
            #expect(AnyHashable(try again.makeNetwork(lengthUnit: .angstrom)) == AnyHashable(network))
        }
    }

    @Test(arguments: [
        (
            ["name=Softmax"],
            "\"Softmax\" makes the features of a row add up to 1: it is for choices and attention, not for layers; "
                + "choose \"ShiftedSoftplus\", \"SiLU\", \"Tanh\", \"Sigmoid\", \"GeLU\", \"ReLU\", \"LeakyReLU\", \"ELU\", "
                + "\"CeLU\"."
        ),
        (["name=ReLU", "arguments.alpha=1"], "alpha belongs to ELU and CeLU, but "),
        (["name=ELU", "arguments.negative_slope=0.1"], "negative_slope belongs to LeakyReLU, but "),
        (["name=ELU", "arguments.alpha=0"], "alpha takes a number from 0.001 to 1000, found 0"),
        (["name=LeakyReLU", "arguments.negative_slope=1"], "negative_slope takes a number >= 0 and < 1, found 1"),
        (["name=GeLU", "arguments.approximate=tanh"], "unknown key '"),
    ])
    func activationsThatMeanNothingAreRefused(options: [String], sentence: String) {
        let error = #expect(throws: (any Error).self) {
            _ = try resolve(shortConfiguration, overrides: options.map { Self.activation + $0 })
        }
        #expect("\(error!)".contains(sentence), "\(error!)")
    }

    /// The rule is PyTorch's, which `OptimizerTests` shows; a line says that it is hardly meant.
    @Test func aPlateauOfAMaximumIsObeyedAndDoubted() throws {
        let configuration = try resolve(
            shortConfiguration,
            overrides: ["training.lr_scheduler.mode=MAX", "training.monitor=val/per_atom_force/mae"]
        ).configuration
        let settings = configuration.trainingSettings(units: .electronvoltAngstrom)
        #expect((settings.schedule as? ReduceOnPlateau)?.mode == .maximum)
        #expect(
            configuration.findings.map(\.message) == [
                "training.lr_scheduler.mode is \"max\": the learning rate is reduced unless val/per_atom_force/mae grows, "
                    + "though errors are better when smaller; \"min\" is what errors need"
            ])
        let usual = try resolve(shortConfiguration, overrides: ["training.lr_scheduler.mode=min"]).configuration
        let plateau = usual.trainingSettings(units: .electronvoltAngstrom).schedule as? ReduceOnPlateau
        #expect(plateau?.mode == .minimum && usual.findings.isEmpty)
    }

    @Test func theYAMLOfADataSetStandsForItsFile() throws {
        let text = shortConfiguration.split(separator: "\n").filter { !$0.hasPrefix("file = ") }
            .joined(separator: "\n")
        let option = ["dataset.version_select=full_dataset_v1.0"]
        let named = try resolve(
            text.replacing("[dataset]", with: "[dataset]\nlocal_yaml_file = \"sets/fixture.yaml\""), overrides: option)
        let direct = try resolve(
            text.replacing("[dataset]", with: "[dataset]\nfile = \"sets/fixture.yaml\""), overrides: option)
        #expect(named.configuration == direct.configuration)
        #expect(named.configuration.dataset.file == InputPath(text: "sets/fixture.yaml", folder: "/project/"))
        #expect(named.configuration.dataset.readingOptions(into: .atomic).version == "full_dataset_v1.0")
        #expect(named.notices.isEmpty && !named.configuration.toml.contains("local_yaml_file"))
    }
}
