import ApusFiles
import Testing

@testable import ApusRun

@Suite struct ConfigurationOverrideTests {
    @Test func valuesAreReadAsTOMLAndBareWordsAsText() throws {
        let configuration = try resolve(
            shortConfiguration + "[training]\nlr = 1\nsplitting_strategy.seed = 5",
            overrides: [
                "training.lr=1e-3", "potential.potential_name=PaiNN", "runtime.experiment_name=\"a = b\"",
                "potential.core_parameter.maximum_interaction_radius=6.0 angstrom",
                "training.splitting_strategy.data_split=[0.5, 0.25, 0.25]",
                " training.early_stopping = {patience = 5, min_delta = 0.5}", "dataset.dataset_name=2024-01-01",
            ]
        ).configuration
        #expect(configuration.training.learningRate == 1e-3)
        #expect(configuration.training.split.seed == 5)
        #expect(configuration.potential.network.name == "PaiNN")
        #expect(configuration.runtime.experimentName == "a = b")
        #expect(try configuration.potential.makeNetwork(lengthUnit: .angstrom).cutoff == 6)
        #expect(configuration.training.split.sizes == .fractions(training: 0.5, validation: 0.25, test: 0.25))
        #expect(configuration.training.earlyStopping.patience == 5)
        #expect(configuration.dataset.name == "2024-01-01")
    }

    @Test func theLastOptionWins() throws {
        let options = ["training.lr=1", "training.lr=2"]
        #expect(try resolve(shortConfiguration, overrides: options).configuration.training.learningRate == 2)
    }

    @Test(arguments: [
        ("training.lr", "a key, '=' and a value are needed"),
        ("=3", "a key, '=' and a value are needed"),
        ("training.lr= ", "a key, '=' and a value are needed"),
        ("training.learning_rate=3", "unknown key 'training.learning_rate'"),
        ("training.batchsize=3", "unknown key 'training.batchsize' (did you mean 'batch_size'?)"),
        ("training.lr=-1", "training.lr takes a number > 0, found -1"),
        ("training.lr=1 2", "training.lr takes a number > 0, found \"1 2\""),
        ("training.lr=1\nx=2", "training.lr takes a number > 0, found \"1\\nx=2\""),
        ("training.splitting_strategy.data_split=[1,", "the value is not TOML, "),
        ("training=3", "training is a table of keys, found 3"),
        ("dataset.element_filter=[[-9223372036854775808]]", "dataset.element_filter"),
        ("dataset.local_yaml_file=a.yaml", "dataset.local_yaml_file and dataset.file are the same; remove one of them"),
    ])
    func mistakesNameTheOption(option: String, problem: String) {
        #expect {
            try resolve(shortConfiguration, overrides: [option])
        } throws: { error in
            guard let error = error as? ApusError else { return false }
            return error.kind == .usage && error.description.hasPrefix("--set \(printable(option)): \(problem)")
        }
    }
}
