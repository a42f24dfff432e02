import ApusDatasets
import ApusFiles
import ApusPotentials
import ApusTestSupport
import ApusTraining
import Testing

@testable import ApusRun

/// What is taken off energies before training, added after it, and compared with, from the training part.
@Suite struct StatisticsCommandTests {
    private func errors(_ output: String, _ property: String, _ split: String, _ kind: String = "mae") throws -> Double
    {
        let rows = try #require(try JSONValue(parsing: output).array)
        let row = rows.first { $0["property"]?.string == property && $0["split"]?.string == split }
        return try #require(row?[kind]?.real)
    }

    /// Hydrogen alone has energies of −20 eV within 0.1 eV: what is left is far below that, whatever is taken off.
    @Test(arguments: EnergyShift.allCases, [true, false])
    func shiftedEnergiesAreLearned(_ shift: EnergyShift, removing: Bool) throws {
        let folder = try TemporaryFolder()
        let frames = Molecules.text(frames: 80).frames.filter { $0.hasPrefix("2\n") }
        _ = try folder.write(frames.joined(), to: "data.extxyz")
        let path = try folder.write(
            Molecules.configuration(
                run: "\(folder.path)/run",
                training: "shift_energies = \"\(shift.rawValue)\"\nremove_self_energies = \(removing)\n"
                    + "refit_self_energies = false"), to: "config.toml")
        let run = try ProgramRun(["train", path, "--json"])
        #expect(run.code == 0, "\(run.messages)")
        for part in ["training", "validation", "test"] {
            #expect(try errors(run.output, "per_system_energy", part) < 1)
        }
    }

    /// Evaluation, prediction and the table at the end of training use the same tables and self-energies: predicted labels
    /// are met to the rounding of float64.
    @Test func evaluationAndPredictionAgree() throws {
        let trained = try TrainedModel.get()
        let folder = try TemporaryFolder()
        let output = "\(folder.path)/predicted.extxyz"
        let predicted = try ProgramRun(["predict", trained.model, trained.data, "-o", output])
        #expect(predicted.code == 0, "\(predicted.messages)")
        let evaluated = try ProgramRun(["evaluate", trained.model, output, "--json"])
        #expect(evaluated.code == 0, "\(evaluated.messages)")
        #expect(try errors(evaluated.output, "per_system_energy", "data", "max") < 1e-12)
        #expect(try errors(evaluated.output, "per_atom_force", "data", "max") < 1e-12)
    }

    /// What the table at the end says of a part is what `evaluate` says of its configurations.
    @Test func theFinalTableIsThatOfTheModelFile() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(Molecules.text(frames: 24), to: "data.extxyz")
        let test = try folder.write(Molecules.text(frames: 8) { lines, _ in lines[1] += " copy=T" }, to: "test.extxyz")
        let path = try folder.write(
            Molecules.configuration(run: "\(folder.path)/run", dataset: "test_file = \"test.extxyz\""),
            to: "config.toml")
        let run = try ProgramRun(["train", path, "--json"])
        #expect(run.code == 0, "\(run.messages)")
        #expect(run.messages.contains("fitted again to the training part"))
        let evaluated = try ProgramRun(["evaluate", "\(folder.path)/run/model.apus", test, "--json"])
        for (property, kind) in [
            ("per_system_energy", "mae"), ("per_system_energy", "max"), ("per_atom_force", "rmse"),
        ] {
            let (found, expected) = (
                try errors(evaluated.output, property, "data", kind), try errors(run.output, property, "test", kind)
            )
            // Self-energies are taken off in another order.
            #expect(abs(found - expected) < 1e-12, "\(property) \(kind)")
        }
    }

    /// Trivial predictions are means over the training part.
    /// The force on a fixed atom is neither in the errors nor in those of the trivial predictions.
    @Test func fixedAtomsAreNoBaseline() throws {
        let trained = try TrainedModel.get()
        let folder = try TemporaryFolder()
        let data = try folder.write(
            """
            3
            Properties=species:S:1:pos:R:3:forces:R:3:move_mask:L:1 energy=-30 length_unit=angstrom energy_unit=eV
            O 0 0 0 9 9 9 F
            H 0.95 0 0 1 1 1 T
            H -0.2 0.9 0 1 1 1 T

            """, to: "fixed.extxyz")
        let run = try ProgramRun(["evaluate", trained.model, data, "--json"])
        let row = try JSONValue(parsing: run.output).array?.first { $0["property"]?.string == "per_atom_force" }
        #expect(row?["baseline"]?.real == 1 && row?["count"]?.integer == 6, "\(run.output)")
    }

    @Test func baselineIsOfTheTrainingPart() throws {
        func samples(_ energies: [Double]) throws -> Samples {
            let system = try Dataset.read(path: try TrainedModel.get().data, options: ReadingOptions())
                .configurations[0].system
            let none = SelfEnergies([1: 0], unit: .electronvolt)
            return Samples(
                try energies.map {
                    try Sample(Configuration(system: system, record: "r", energy: $0, forces: nil), selfEnergies: none)
                })
        }
        let means = BaselineMeans(try samples([2, 4]))
        #expect(means.errors(on: try samples([10, 16]))["per_system_energy"] == 10)
        #expect(means.errors(on: try samples([10, 16]))["per_atom_energy"] == 5)
    }
}

extension String {
    /// The frames of extended XYZ.
    fileprivate var frames: [String] {
        var frames: [String] = []
        var lines = split(separator: "\n")[...]
        while let first = lines.first, let count = Int(first) {
            frames.append(lines.prefix(count + 2).joined(separator: "\n") + "\n")
            lines = lines.dropFirst(count + 2)
        }
        return frames
    }
}
