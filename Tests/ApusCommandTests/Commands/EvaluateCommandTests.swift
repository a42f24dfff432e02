import ApusDatasets
import ApusFiles
import ApusFormats
import ApusTestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `apus evaluate` with a run in place of a model, and its comparison of each configuration.
@Suite struct EvaluateCommandTests {
    private func text(_ path: String) throws -> String { String(decoding: try readFile(path: path), as: UTF8.self) }

    /// The rows of a part in the table that the training wrote.
    private func trainedRows(_ run: String, _ part: String) throws -> [JSONValue] {
        try #require(try JSONValue(parsing: text("\(run)/metrics.json"))["results"]?.array).filter {
            $0["split"]?.string == part
        }
    }

    @Test(arguments: ["training", "validation", "test"])
    func aRunStandsForItsParts(_ part: String) throws {
        let trained = try TrainedModel.get()
        let run = "\(trained.folder)/run"
        let evaluated = try ProgramRun(
            ["evaluate", run, "--json", "--threads", "1"] + (part == "test" ? [] : ["--part", part]))
        #expect(evaluated.code == 0 && evaluated.errors.isEmpty, "\(evaluated.messages)")
        #expect(try JSONValue(parsing: evaluated.output).array == trainedRows(run, part))
        #expect(evaluated.messages.contains("the \(part) part of \(run)/../data.extxyz"), "\(evaluated.messages)")
    }

    @Test func aRunWithDataIsItsModel() throws {
        let trained = try TrainedModel.get()
        let model = try ProgramRun(["evaluate", trained.model, trained.data])
        let run = try ProgramRun(["evaluate", "\(trained.folder)/run", trained.data])
        #expect(run.code == 0 && run.output == model.output)
    }

    /// A run of its own, whose data can be changed.
    private func run(_ folder: TemporaryFolder, _ change: String = "") throws -> String {
        _ = try folder.write(Molecules.text(), to: "data.extxyz")
        let configuration = try folder.write(
            Molecules.configuration(run: "\(folder.path)/run", dataset: change), to: "config.toml")
        let run = try ProgramRun(["train", configuration, "--set", "training.number_of_epochs=1"])
        #expect(run.code == 0, "\(run.messages)")
        return "\(folder.path)/run"
    }

    @Test func otherDataAreRefused() throws {
        let folder = try TemporaryFolder()
        let run = try run(folder)
        // One energy of the test part alone is another.
        let test = try #require(Int(try text("\(run)/split/test.csv").filter(\.isNumber)))
        _ = try folder.write(
            Molecules.text { lines, frame in
                if frame == test { lines[1].replace("energy=-", with: "energy=-1") }
            }, to: "data.extxyz")
        let changed = try ProgramRun(["evaluate", run])
        #expect(changed.code == 65 && changed.output.isEmpty && changed.errors.count == 1)
        for words in ["data.extxyz: the data are not those of the run", "digest differs", "restore the file"] {
            #expect(changed.messages.contains(words), "\(words): \(changed.messages)")
        }
        // A report would join figures of two sets of data.
        let page = try text("\(run)/report.html")
        let report = try ProgramRun(["report", run])
        #expect(report.code == 65 && report.errors == changed.errors, "\(report.messages)")
        #expect(try text("\(run)/report.html") == page)
        // Its remedy works.
        #expect(try ProgramRun(["evaluate", run, "\(folder.path)/data.extxyz"]).code == 0)

        _ = try folder.write(Molecules.text { lines, _ in lines[2] += "1" }, to: "data.extxyz")
        let other = try ProgramRun(["evaluate", run])
        #expect(other.code == 65 && other.messages.contains("digest differs"))

        removeTree("\(folder.path)/data.extxyz")
        let gone = try ProgramRun(["evaluate", run])
        #expect(gone.code == 66 && gone.errors.count == 1 && gone.messages.contains("are not there any more"))
        #expect(gone.messages.contains("apus evaluate \(run) DATA"))
    }

    /// A test file of its own is the one that is named.
    @Test func anotherTestFileIsRefused() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(Molecules.text(frames: 4), to: "test.extxyz")
        let run = try run(folder, "test_file = \"test.extxyz\"")
        #expect(try ProgramRun(["evaluate", run]).code == 0)
        _ = try folder.write(Molecules.text(frames: 5), to: "test.extxyz")
        let changed = try ProgramRun(["evaluate", run])
        #expect(changed.code == 65 && changed.messages.contains("test.extxyz: the data are not those of the run"))
    }

    @Test func whatCannotBeEvaluated() throws {
        let trained = try TrainedModel.get()
        let run = "\(trained.folder)/run"
        let model = try ProgramRun(["evaluate", trained.model])
        #expect(model.code == 64 && model.messages.contains("says nothing about data"))
        let both = try ProgramRun(["evaluate", run, trained.data, "--part", "test"])
        #expect(both.code == 64 && both.messages.contains("goes without data"))
        let temporary = try TemporaryFolder()
        let folder = try ProgramRun(["evaluate", temporary.path])
        #expect(folder.code == 66 && folder.messages.contains("not the folder of a run"))
        _ = try temporary.write(Molecules.text(), to: "data.extxyz")
        let configuration = try temporary.write(
            Molecules.configuration(
                run: "\(temporary.path)/run", training: "splitting_strategy.data_split = [12, 4, 0]"), to: "config.toml"
        )
        #expect(try ProgramRun(["train", configuration, "--set", "training.number_of_epochs=1"]).code == 0)
        let empty = try ProgramRun(["evaluate", "\(temporary.path)/run"])
        #expect(empty.code == 64 && empty.messages.contains("has no test part") && empty.errors.count == 1)
        #expect(try ProgramRun(["evaluate", "\(temporary.path)/run", "--part", "validation"]).code == 0)
    }

    /// The mean over the table of configurations is what is printed.
    @Test func eachConfigurationAsATable() throws {
        let trained = try TrainedModel.get()
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/each.csv"
        let run = try ProgramRun([
            "evaluate", trained.model, trained.data, "--json", "--precision", "float64", "--per-configuration", file,
        ])
        #expect(run.code == 0 && run.errors.isEmpty, "\(run.messages)")
        let lines = try text(file).split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        #expect(
            lines[0] == [
                "index", "name", "formula", "total_charge", "spin_multiplicity", "atoms", "reference_energy [eV]",
                "predicted_energy [eV]", "energy_error_per_atom [eV]", "force_mae [eV/Å]", "force_rmse [eV/Å]",
                "force_max_component [eV/Å]",
            ])
        #expect(lines.count == 17 && lines.dropFirst().map { $0[0] } == (0..<16).map(String.init))
        #expect(lines[1][1...5] == ["H2", "H2", "", "", "2"] && lines[2][1...5] == ["H2O", "H2O", "", "", "3"])
        let numbers = try lines.dropFirst().map { line in
            try (5...11).map { try #require(Double(line[$0])) }
        }
        let frames = try ExtendedXYZ.read(trained.data)
        for (line, frame) in zip(numbers, frames) {
            let reference = try #require(frame[info: "energy"]?.real)
            // float64 rounding of sums of some 30 eV.
            #expect(abs(line[1] - reference) < 1e-12 && abs((line[2] - line[1]) / line[0] - line[3]) < 1e-12)
        }
        let rows = try #require(try JSONValue(parsing: run.output).array)
        func mae(_ name: String) throws -> Double {
            try #require(rows.first { $0["property"]?.string == name }?["mae"]?.real)
        }
        func sum(_ value: ([Double]) -> Double) -> Double { numbers.reduce(0) { $0 + value($1) } }
        // Two programs of the same graph add in other orders.
        #expect(try abs(sum { abs($0[3]) } / 16 - mae("per_atom_energy")) < 1e-9)
        #expect(try abs(sum { abs($0[2] - $0[1]) } / 16 - mae("per_system_energy")) < 1e-9)
        #expect(try abs(sum { $0[0] * $0[4] } / sum { $0[0] } - mae("per_atom_force")) < 1e-9)
        #expect(numbers.allSatisfy { $0[4] <= $0[5] && $0[5] <= $0[6] })
    }

    @Test func indicesOfARunAreThoseOfItsSplit() throws {
        let trained = try TrainedModel.get()
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/validation.csv"
        let run = "\(trained.folder)/run"
        let evaluated = try ProgramRun(["evaluate", run, "--part", "validation", "--per-configuration", file])
        #expect(evaluated.code == 0, "\(evaluated.messages)")
        let indices = try text(file).split(separator: "\n").dropFirst().map { $0.prefix { $0 != "," } + "\n" }.joined()
        #expect(try indices == text("\(run)/split/validation.csv"))
    }

    /// A table would end the run, a data set the model, under whatever name.
    @Test func theFilesOfARunStay() throws {
        let folder = try TemporaryFolder()
        let run = try run(folder)
        let split = "\(run)/split/test.csv"
        try #require(symlink("\(run)/run.json", "\(folder.path)/link.csv") == 0)
        let before = try (text(split), text("\(run)/run.json"), readFile(path: "\(run)/model.apus"))
        for (arguments, name) in [
            (["evaluate", run, "--per-configuration", split], "split/test.csv"),
            (
                [
                    "evaluate", "\(run)/model.apus", "\(folder.path)/data.extxyz", "--per-configuration",
                    "\(run)/metrics.csv",
                ],
                "metrics.csv"
            ),
            (["evaluate", run, "--per-configuration", "\(folder.path)/link.csv"], "run.json"),
            (["data", "import", "\(folder.path)/data.extxyz", "-o", "\(run)/model.apus"], "model.apus"),
        ] {
            let refused = try ProgramRun(arguments)
            #expect(refused.code == 64 && refused.messages.contains(name), "\(refused.messages)")
        }
        #expect(try before.0 == text(split) && before.1 == text("\(run)/run.json"))
        #expect(try before.2 == readFile(path: "\(run)/model.apus"))
        // A new file in the folder, and that file again, are no files of the run.
        for _ in 0..<2 {
            #expect(try ProgramRun(["evaluate", run, "--per-configuration", "\(run)/mine.csv"]).code == 0)
        }
    }

    /// Single atoms in a test file of its own are not compared, but counted.
    @Test func indicesCountSingleAtoms() throws {
        let folder = try TemporaryFolder()
        let atom = "1\nProperties=species:S:1:pos:R:3 energy=-9.5 length_unit=angstrom energy_unit=eV\nH 0 0 0\n"
        let test = try folder.write(atom + Molecules.text(frames: 4), to: "test.extxyz")
        let run = try run(folder, "test_file = \"\(test)\"\nself_energy_source = \"regression\"")
        let file = "\(folder.path)/test.csv"
        let evaluated = try ProgramRun(["evaluate", run, "--per-configuration", file])
        #expect(evaluated.code == 0, "\(evaluated.messages)")
        let indices = try text(file).split(separator: "\n").dropFirst().map { $0.prefix { $0 != "," } }
        #expect(indices == ["1", "2", "3", "4"])
        // Options about data need data.
        let unit = try ProgramRun(["evaluate", run, "--energy-unit", "hartree"])
        #expect(unit.code == 64 && unit.messages.contains("--energy-unit is about data that are named"))
    }

    /// Both sets of labels stand under names that no reader takes for labels.
    @Test func eachConfigurationAsAGeometry() throws {
        let trained = try TrainedModel.get()
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/each.extxyz"
        let run = try ProgramRun([
            "evaluate", trained.model, trained.data, "--json", "--precision", "float64", "--per-configuration", file,
        ])
        #expect(run.code == 0, "\(run.messages)")
        let (before, after) = (try ExtendedXYZ.read(trained.data), try ExtendedXYZ.read(file))
        #expect(after.count == 16)
        var (energies, forces, components) = (0.0, 0.0, 0)
        for (k, pair) in zip(before, after).enumerated() {
            let (frame, compared) = pair
            #expect(compared[info: "index"] == .integer(k))
            #expect(try compared.real(column: "pos") == frame.real(column: "pos"))
            let reference = try #require(compared[info: "reference_energy"]?.real)
            #expect(abs(reference - (frame[info: "energy"]?.real ?? .nan)) < 1e-12)
            #expect(try compared.real(column: "reference_forces") == frame.real(column: "forces"))
            energies += abs((compared[info: "predicted_energy"]?.real ?? .nan) - reference)
            for (a, b) in zip(try compared.real(column: "predicted_forces"), try frame.real(column: "forces")) {
                forces += abs(a - b)
                components += 1
            }
        }
        let rows = try #require(try JSONValue(parsing: run.output).array)
        func mae(_ name: String) -> Double {
            rows.first { $0["property"]?.string == name }?["mae"]?.real ?? .nan
        }
        #expect(abs(energies / 16 - mae("per_system_energy")) < 1e-9)
        #expect(abs(forces / Double(components) - mae("per_atom_force")) < 1e-9)

        let read = try Dataset.read(path: file)
        #expect(read.configurations.allSatisfy { $0.labels.isEmpty })
        let again = try ProgramRun(["evaluate", trained.model, file])
        #expect(again.code == 65 && again.messages.contains("nothing that the model predicts"))
    }

    @Test func theComparisonReplacesNoInput() throws {
        let trained = try TrainedModel.get()
        let before = try readFile(path: trained.data)
        for file in [trained.data, "\(trained.folder)/each.txt", "-"] {
            let run = try ProgramRun(["evaluate", trained.model, trained.data, "--per-configuration", file])
            #expect(run.code == 64 && run.errors.count == 1 && run.messages.contains("--per-configuration"), "\(file)")
        }
        #expect(try readFile(path: trained.data) == before)
    }

    /// Components of moments have columns of their own; atoms that were held fixed do not count.
    @Test func dipolesAndMasks() throws {
        let folder = try TemporaryFolder()
        let data = try folder.write(
            Molecules.text { lines, frame in
                lines[1].replace("forces:R:3 ", with: "forces:R:3:force_mask:I:1 dipole=\"0.1 0.2 0.\(frame)\" ")
                for line in 2..<lines.count { lines[line] += line == 2 ? " 0" : " 1" }
            }, to: "data.extxyz")
        let configuration = try folder.write(
            Molecules.configuration(
                run: "\(folder.path)/run",
                training: "loss_parameter.loss_components = [\"per_atom_force\", \"per_system_dipole_moment\"]"),
            to: "config.toml")
        #expect(try ProgramRun(["train", configuration, "--set", "training.number_of_epochs=1"]).code == 0)
        let file = "\(folder.path)/each.csv"
        let run = try ProgramRun([
            "evaluate", "\(folder.path)/run/model.apus", data, "--json", "--precision", "float64",
            "--per-configuration", file,
        ])
        #expect(run.code == 0, "\(run.messages)")
        let lines = try text(file).split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let axes = ["x", "y", "z"]
        let names =
            axes.map { "reference_dipole_moment_\($0) [e·Å]" } + axes.map { "predicted_dipole_moment_\($0) [e·Å]" }
        let first = try #require(lines[0].firstIndex(of: names[0]))
        #expect(lines[0][first..<first + 6] == names[...])
        #expect(lines[4][first..<first + 3] == ["0.1", "0.2", "0.3"])
        let rows = try #require(try JSONValue(parsing: run.output).array)
        let mae = try #require(lines[0].firstIndex(of: "force_mae [eV/Å]"))
        var (sum, count) = (0.0, 0.0)
        for line in lines.dropFirst() {
            let free = (Double(line[5]) ?? 0) - 1
            sum += free * (Double(line[mae]) ?? .nan)
            count += free
        }
        let printed = try #require(rows.first { $0["property"]?.string == "per_atom_force" }?["mae"]?.real)
        #expect(abs(sum / count - printed) < 1e-9)
    }
}
