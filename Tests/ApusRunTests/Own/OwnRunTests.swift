import ApusCPU
import ApusChemistry
import ApusFiles
import ApusPotentials
import ApusReporting
import ApusTestSupport
import ApusTraining
import Testing

@testable import ApusRun

/// The lines that name what is one's own; nothing else does.
private let registry = Registry(
    potentials: standardPotentials + [SymmetryFunctions.self, LayeredCharges.self],
    heads: standardHeads + [VolumeHead.self], terms: standardTerms + [ChargeRepulsion.self],
    lossComponents: standardLossComponents
        + [DipoleSquare(), PropertyLoss("per_atom_volume", .volumes, exponent: 1)],
    measures: standardMeasures + [.bias], optimizers: standardOptimizers + [SlowDescent.self],
    schedules: standardSchedules + [Hyperbola.self])

/// Runs with types of one's own, from the configuration to the report.
@Suite struct OwnRunTests {
    private let folder: TemporaryFolder
    private let device: Device

    init() throws {
        folder = try TemporaryFolder()
        device = try Device(precision: .float32, threads: 1)
        _ = try folder.write(
            Molecules.text(frames: 20) { lines, k in
                lines[1] += " dipole=\"0 0.3 \(0.01 * Double(k))\" total_charge=0"
                lines[1] = lines[1].replacing("forces:R:3", with: "forces:R:3:volumes:R:1")
                for row in 2..<lines.count { lines[row] += lines[row].hasPrefix("H") ? " 3.1" : " 9.7" }
            }, to: "data.extxyz")
    }

    /// A potential that gives energies, charges and an auxiliary loss, with a component of the loss, an optimiser, a schedule
    /// and a measure; or one that gives features, with a head for a property of one's own.
    private enum Kind: CaseIterable {
        case charges, features

        var text: String {
            switch self {
            case .charges:
                """
                [potential]
                potential_name = "LayeredCharges"
                [potential.core_parameter]
                predicted_properties = ["per_atom_energy", "per_atom_charge"]
                nonhierarchicality_weight = 0.05
                featurization.atomic_number.number_of_per_atom_features = 6
                [potential.postprocessing_parameter]
                properties_to_process = ["per_atom_energy", "charge_repulsion"]
                charge_repulsion = {maximum_interaction_radius = "0.55 nm", strength = 0.5}
                [training]
                lr = 1e-2
                monitor = "val/per_atom_force/bias"
                loss_parameter.loss_components = ["per_system_energy", "per_atom_force", "dipole_square"]
                loss_parameter.weight = {per_system_energy = 0.1, per_atom_force = 1, dipole_square = 0.5}
                optimizer = {name = "SlowSGD", part = 0.25}
                lr_scheduler = {scheduler_name = "Hyperbola", scale = 3}
                """
            case .features:
                """
                [potential]
                potential_name = "SymmetryFunctions"
                [potential.core_parameter]
                number_of_hidden_features = 6
                sparsity_weight = 1e-3
                [training]
                loss_parameter.loss_components = ["per_system_energy", "per_atom_force", "per_atom_volume"]
                loss_parameter.weight = {per_system_energy = 0.1, per_atom_force = 1, per_atom_volume = 0.5}
                """
            }
        }
    }

    private func configuration(_ kind: Kind, run: String) throws -> RunConfiguration {
        let text = """
            \(kind.text)
            number_of_epochs = 4
            batch_size = 4
            [dataset]
            file = "data.extxyz"
            dataset_cache_dir = "\(folder.file("cache"))"
            properties_assignment.volumes = "volumes"
            [runtime]
            threads = 1
            output_directory = "\(folder.file(run))"

            """
        return try RunConfiguration(file: try folder.write(text, to: "\(run).toml"), registry: registry)
    }

    @Test(arguments: [true, false]) func everythingTakesTheRegistry(hasCharges: Bool) throws {
        let kind: Kind = hasCharges ? .charges : .features
        let result = try TrainingRun(try configuration(kind, run: "whole")).train()
        let table = try #require(result.errors)

        // As JSON, where R² that does not exist, since all references are equal, is null.
        // Stopped after every step and resumed, it ends with the same bits, its auxiliary loss and its schedule included.
        var parts = try TrainingRun(try configuration(kind, run: "parts")).train(isInterrupted: { true })
        var starts = 1
        while parts.errors == nil {
            try #require(starts < 30)
            parts = try TrainingRun(resuming: folder.file("parts"), registry: registry).train(isInterrupted: { true })
            starts += 1
        }
        #expect(parts.end == .epochs && starts > 10 && parts.errors?.json == table.json)
        let models = try ["whole", "parts"].map {
            try ModelFile.read(folder.file("\($0)/model.apus"), registry: registry.models).model
        }
        #expect(models[0] == models[1])

        // What training said of the test part at its end, an evaluation says later.
        let rows = table.rows.filter { $0.split == "test" }
        let again = try Evaluation(ofRun: folder.file("parts"), registry: registry).table(on: device)
        #expect(
            MetricsTable(again.rows).json == MetricsTable(rows).json
                && rows.allSatisfy { $0.further["bias"]! <= $0.mae })
        #expect(again.text.contains("bias"))
        let terms = models[0].terms.compactMap { $0 as? ChargeRepulsion }
        #expect(
            terms.count == (hasCharges ? 1 : 0)
                && terms.allSatisfy { abs($0.cutoff - 5.5) < 1e-12 && $0.strength == 0.5 })
        let property = hasCharges ? "per_system_dipole_moment" : "per_atom_volume"
        #expect(rows.contains { $0.property == property })
        let file = folder.file("data.extxyz")
        #expect(try Evaluation(of: folder.file("parts"), on: file, registry: registry).table(on: device).rows.count > 3)

        let own: Property = hasCharges ? .charges : .volumes
        let predicted = try FilePrediction(of: folder.file("parts"), on: file, registry: registry)
            .configurations(on: device)
        #expect(predicted.count == 20 && predicted.allSatisfy { $0[own] != nil && $0[.forces] != nil })
        if hasCharges {
            #expect(predicted.allSatisfy { abs($0[own]!.reduce(0, +)) < 1e-6 })
        }

        for model in ["parts", "parts/model.apus"] {
            let results = try ModelExamination(of: folder.file(model), on: file, count: 3, registry: registry).run()
            #expect(results.count > 5)
            for result in results { #expect(result.passed, "\(result.name): \(result.worst) beyond \(result.bound)") }
        }

        try removeFile(folder.file("parts/report.html"))
        try RecordedRun(folder.file("parts"), registry: registry).writeReport()
        let report = String(decoding: try readFile(path: folder.file("parts/report.html")), as: UTF8.self)
        #expect(report.contains(hasCharges ? "LayeredCharges" : "SymmetryFunctions") && report.contains("bias"))

        if hasCharges {
            // The component, by its formula, from what the model predicts.
            let test = try Evaluation(ofRun: folder.file("parts"), registry: registry)
            let squares = test.positions.map { position in
                let (p, z) = (predicted[position][.dipole]!, 0.01 * Double(position))
                let difference = p.reduce(0) { $0 + $1 * $1 } - 0.3 * 0.3 - z * z
                let atoms = Double(predicted[position].system.count)
                return difference * difference / (atoms * atoms)
            }
            let mean = try #require(table.means.first { $0.split == "test" && $0.name == "dipole_square" })
            // Predictions in float32 with a rounding of 10⁻⁷ of squares of order 0.1.
            #expect(abs(mean.value - squares.reduce(0, +) / Double(squares.count)) < 1e-6 && mean.value > 1e-5)
        }

        // The program alone knows nothing of them, and says so.
        for attempt: () throws -> Void in [
            { _ = try TrainingRun(resuming: folder.file("parts")) },
            { _ = try Evaluation(ofRun: folder.file("parts")) },
            { _ = try RecordedRun(folder.file("parts")) },
            { _ = try FilePrediction(of: folder.file("parts/model.apus"), on: file) },
            { _ = try ModelExamination(of: folder.file("parts/model.apus")) },
        ] {
            let error = #expect(throws: ApusError.self) { try attempt() }
            #expect(error?.description.contains(hasCharges ? "LayeredCharges" : "SymmetryFunctions") == true)
        }
    }

    /// Tables of epochs have the measure and what the potential adds, and the rates are those of the schedule.
    @Test func tablesHaveIt() throws {
        _ = try TrainingRun(try configuration(.charges, run: "run")).train()
        let lines = String(decoding: try readFile(path: folder.file("run/metrics.jsonl")), as: UTF8.self)
            .split(separator: "\n")
        let epochs = try lines.map { try JSONValue(parsing: String($0)) }
        try #require(epochs.count == 4)
        func value(_ k: Int, _ name: String) -> Double { epochs[k][name]?.real ?? .nan }
        for k in 0..<4 {
            let rate = 1e-2 / (1 + Double(k) / 3) * (k < 2 ? 1 : 0.9)
            #expect(abs(value(k, "lr") - rate) < 1e-12, "\(lines[k])")
            #expect(value(k, "val/per_atom_force/bias [eV/Å]") <= value(k, "val/per_atom_force/mae [eV/Å]"))
        }
        let settings = try configuration(.charges, run: "other").trainingSettings(units: .electronvoltAngstrom)
        #expect(settings.monitor == .errors(.property(.forces), .bias))
    }

    /// What a type needs, what it lacks, and what it does not know.
    @Test func refusals() throws {
        func refusal(_ change: (String) -> String) throws -> String {
            let text = change(Kind.charges.text) + "\n[dataset]\nfile = \"data.extxyz\"\n"
            return #expect(throws: ApusError.self) {
                _ = try ConfigurationDocument(toml: text, file: "run.toml", registry: registry).resolve()
            }?.description ?? ""
        }
        #expect(
            try refusal { $0.replacing(", scale = 3", with: "") }.contains(
                "training.lr_scheduler.scale is missing, which Hyperbola needs; add it to [training.lr_scheduler]"))
        #expect(
            try refusal { $0.replacing("Hyperbola", with: "OneCycleLR") }.contains(
                "scale belongs to Hyperbola, but training.lr_scheduler.scheduler_name is \"OneCycleLR\""))
        #expect(
            try refusal { $0.replacing("\"per_atom_charge\"", with: "\"per_atom_spin_multiplicity\"") }.contains(
                "names \"per_atom_spin_multiplicity\", for which LayeredCharges gives no features; leave it out"))
        #expect(
            try refusal {
                $0.replacing(", \"dipole_square\"]", with: ", \"per_atom_volume\"]")
                    .replacing("dipole_square =", with: "per_atom_volume =")
            }.contains("LayeredCharges does not predict the volumes, which \"per_atom_volume\" trains; leave"))
        #expect(
            try refusal { $0.replacing("part = 0.25", with: "part = 0") }.contains("takes a number > 0, found 0"))
        let features = try refusal { _ in
            Kind.features.text
                + "\n[potential.postprocessing_parameter]\nproperties_to_process = [\"charge_repulsion\"]\n"
        }
        #expect(
            features.contains("charge_repulsion.strength is missing, which charge_repulsion needs; add it"),
            "\(features)")
        #expect(
            try refusal { $0.replacing(", \"charge_repulsion\"]", with: "]") }.contains(
                "belongs to charge_repulsion, but potential.postprocessing_parameter.properties_to_process is \"per_atom_"
            )
        )
        #expect(
            try refusal { _ in
                Kind.features.text.replacing(
                    "sparsity_weight",
                    with: "predicted_properties = [\"per_atom_energy\", \"per_atom_volume\"]\nsparsity_weight")
                        + """

                        [potential.postprocessing_parameter]
                        properties_to_process = ["charge_repulsion"]
                        charge_repulsion.strength = 1
                        """
            }.contains("does not name what makes the charges that charge_repulsion reads; add \"per_atom_charge\""))
        // A model that nothing could be made of is refused before its graph is built.
        var model = EnergyModel(
            potential: LayeredCharges(), parameters: [], units: .electronvoltAngstrom, selfEnergies: [1: 0], scale: 1,
            shift: 0)
        model.parameters = EnergyModel.initialParameters(model.declarations, seed: 1)
        let system = try AtomicSystem(numbers: [1, 1], positions: [.zero, SIMD3(0, 0, 1)])
        model.heads = [SpinHead()]
        let error = #expect(throws: ApusError.self) {
            _ = try ModelFile(model, precision: .float64, program: "test", examplesFrom: [system])
        }
        #expect(
            error?.description.contains("it reads features of atoms, which LayeredCharges does not give") == true)
    }

    /// The pages of the configuration are made of the same declarations.
    @Test func theHelpHasItsKeys() {
        let help = RunConfiguration.help(registry: registry)
        for text in [
            "nonhierarchicality_weight = 0.01", "Only for LayeredCharges.", "scale  (default: none, must be given)",
            "Only for Hyperbola.", "part = 0.5", "\"dipole_square\"", "\"val/per_atom_force/bias\"",
            "Name of the volumes in the file.",
            "[potential.postprocessing_parameter.charge_repulsion]\nmaximum_interaction_radius = \"6.0 angstrom\"",
        ] {
            #expect(help.contains(text), "\(text)")
        }
        #expect(!RunConfiguration.help().contains("Hyperbola"))
    }
}
