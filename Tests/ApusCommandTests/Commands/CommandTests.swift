import ApusFiles
import ApusFormats
import ApusPotentials
import ApusTestSupport
import Testing

@testable import ApusRun

/// What the commands do with good input.
@Suite struct CommandTests {
    @Test func helpAndVersion() throws {
        let help = try ProgramRun(["--help"])
        #expect(help.code == 0 && help.messages.isEmpty)
        for word in ["train", "evaluate", "predict", "check", "model", "benchmark", "Exit codes", "APUS_ISA"] {
            #expect(help.output.contains(word), "\(word)")
        }
        let version = try ProgramRun(["--version"])
        #expect(version.code == 0 && version.output == "apus \(Release.version)\n")
    }

    @Test(arguments: [
        ["train"], ["evaluate"], ["predict"], ["check"], ["benchmark"], ["model"], ["model", "info"],
        ["model", "program"],
    ])
    func everyCommandHasHelp(_ command: [String]) throws {
        let help = try ProgramRun(command + ["--help"])
        #expect(help.code == 0 && help.messages.isEmpty)
        #expect(help.output.contains("USAGE: apus \(command.joined(separator: " "))"))
    }

    @Test func helpOnTheConfiguration() throws {
        let help = try ProgramRun(["train", "--help-config"])
        #expect(help.code == 0 && help.messages.isEmpty)
        let page = try text("\(packageRoot)/Documentation/Configuration.md")
        #expect(page.contains("```\n\(help.output)```\n"), "paste the output into Documentation/Configuration.md")
    }

    @Test func trainingFillsTheRunFolder() throws {
        let trained = try TrainedModel.get()
        #expect(trained.run.code == 0 && trained.run.errors.isEmpty, "\(trained.run.messages)")
        // The name of the events ends with the time of the run.
        let files = try #require(names(in: "\(trained.folder)/run")).map { $0.prefix { !$0.isNumber } }
        #expect(
            files == [
                ".apus.lock", "checkpoints", "config.toml", "events.out.tfevents.", "metrics.csv", "metrics.json",
                "metrics.jsonl",
                "model.apus", "report.html", "run.json", "split",
            ])

        let table = try text("\(trained.folder)/run/metrics.csv").split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        #expect(table.count == 3 && table.allSatisfy { $0.count == table[0].count })
        #expect(table[0].contains("val/per_atom_force/rmse [eV/Å]") && table[0][0] == "epoch")
        #expect(table[1][0] == "1" && table[2][0] == "2")
        #expect(table.dropFirst().joined().allSatisfy { Double($0)?.isFinite == true })

        let results = try JSONValue(parsing: text("\(trained.folder)/run/metrics.json"))
        let rows = try #require(results["results"]?.array)
        // Energies, energies per atom, forces and forces of H and O; two loss components and the loss.
        #expect(rows.count == 3 * (5 + 3))
        #expect(Set(rows.compactMap { $0["split"]?.string }) == ["training", "validation", "test"])
        for row in rows {
            let numbers = row["property"] == nil ? ["mean"] : ["mae", "rmse", "max"]
            #expect(numbers.allSatisfy { row[$0]?.real != nil } && row["unit"]?.string != nil, "\(row)")
        }
        #expect(try ModelFile.read(trained.model).model.elements.map(\.symbol) == ["H", "O"])
    }

    /// The resolved configuration says everything, also what the first one left out, and means the same.
    @Test func theWrittenConfigurationTrainsTheSameModel() throws {
        let trained = try TrainedModel.get()
        let folder = try TemporaryFolder()
        let again = try ProgramRun([
            "train", "\(trained.folder)/run/config.toml", "--set", "runtime.output_directory=\"\(folder.path)/run\"",
            "--set", "runtime.threads=1",
        ])
        #expect(again.code == 0 && again.output == trained.run.output, "\(again.messages)")
        let first = try ModelFile.read(trained.model).model
        #expect(try ModelFile.read("\(folder.path)/run/model.apus").model == first)
        let (read, notices) = try RunConfiguration.read(path: "\(trained.folder)/run/config.toml", overrides: [])
        #expect(
            notices.isEmpty && read.training.epochs == 2
                && read.potential.network[HyperparameterKey.features] == .integer(8))
    }

    /// Files that are passed on tell nothing about the folders of the machine where they were made.
    @Test func pathsStayAsTheUserWroteThem() throws {
        let trained = try TrainedModel.get()
        let configuration = try text("\(trained.folder)/run/config.toml")
        #expect(configuration.contains("\nfile = \"../data.extxyz\"\n"))
        let provenance = try JSONValue(parsing: ProgramRun(["model", "info", trained.model, "--json"]).output)[
            "provenance"]
        #expect(provenance?["dataset"]?.string == "data" && provenance?["dataset_file"]?.string == "data.extxyz")
        // The run folder was named by an absolute path.
        let isPrivate = { (text: String) in text.replacing("\(trained.folder)/run", with: "").contains(trained.folder) }
        #expect(!isPrivate(configuration))
        #expect(!isPrivate(String(decoding: try readFile(path: trained.model), as: UTF8.self)))
        for name in names(in: "\(trained.folder)/run") ?? [] where name.contains("metrics") || name.contains("events") {
            #expect(!isPrivate(try text("\(trained.folder)/run/\(name)")), "\(name)")
        }
    }

    @Test func splitsTakeCounts() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(Molecules.text(), to: "data.extxyz")
        let configuration = try folder.write(
            Molecules.configuration(
                run: "\(folder.path)/run", training: "splitting_strategy.data_split = [8, 4, 2]"), to: "config.toml")
        let run = try ProgramRun(["train", configuration])
        #expect(
            run.code == 0 && run.messages.contains("info: 8 training, 4 validation, 2 test configurations, 2 unused"))
        #expect(try text("\(folder.path)/run/config.toml").contains("\ndata_split = [8, 4, 2]\n"))
    }

    /// Progress and notes stand on standard error, results alone on standard output, without colours in a file.
    @Test func progressAndResultsGoToTheirOwnStreams() throws {
        let run = try TrainedModel.get().run
        for line in ["epoch 1/2", "epoch 2/2", "info: 13 training, 2 validation, 1 test configurations"] {
            #expect(run.messages.contains(line), "\(line)")
        }
        #expect(run.output.hasPrefix("split ") && !run.output.contains("epoch") && !run.output.contains("info:"))
        #expect(run.output.split(separator: "\n").count == 1 + 15 + 1 + 9)
        for text in [run.messages, run.output] {
            #expect(!text.contains("\u{1b}") && !text.contains("\r"))
        }
        let forced = try ProgramRun(["evaluate", "no.apus", "no.xyz"], environment: ["CLICOLOR_FORCE": "1"])
        #expect(forced.messages.contains("\u{1b}["))
    }

    @Test func overridesAndQuietJSON() throws {
        let trained = try TrainedModel.get()
        let folder = try TemporaryFolder()
        let run = try ProgramRun([
            "train", trained.configuration, "--quiet", "--json", "--set", "training.number_of_epochs=1",
            "--set", "potential.potential_name=\"PaiNN\"", "--set", "runtime.output_directory=\"\(folder.path)/run\"",
        ])
        #expect(run.code == 0 && run.errors.isEmpty, "\(run.messages)")
        #expect(try JSONValue(parsing: run.output).array?.count == 24)
        #expect(try text("\(folder.path)/run/metrics.csv").split(separator: "\n").count == 2)
        #expect(try ModelFile.read("\(folder.path)/run/model.apus").model.potential.name == "PaiNN")
    }

    @Test func evaluation() throws {
        let trained = try TrainedModel.get()
        let table = try ProgramRun(["evaluate", trained.model, trained.data])
        #expect(table.code == 0 && table.errors.isEmpty)
        #expect(table.output.split(separator: "\n").count == 6 && table.messages.contains("'energy' in eV"))
        let json = try ProgramRun(["evaluate", trained.model, trained.data, "--json", "--precision", "float64"])
        let rows = try #require(try JSONValue(parsing: json.output).array)
        #expect(
            rows.map { $0["property"]?.string } == [
                "per_system_energy", "per_atom_energy", "per_atom_force", "per_atom_force/H", "per_atom_force/O",
            ])
        #expect(rows.map { $0["count"]?.integer } == [16, 16, 120, 96, 24])
        #expect(rows.map { $0["unit"]?.string } == ["eV", "eV", "eV/Å", "eV/Å", "eV/Å"])
    }

    /// What is predicted reads back, and a model has no error against its own predictions.
    @Test func predictionReadsBack() throws {
        let trained = try TrainedModel.get()
        let folder = try TemporaryFolder()
        let output = "\(folder.path)/predicted.extxyz"
        let run = try ProgramRun(["predict", trained.model, trained.data, "-o", output, "--precision", "float64"])
        #expect(run.code == 0 && run.output.isEmpty && run.errors.isEmpty)
        let (input, predicted) = (try ExtendedXYZ.read(trained.data), try ExtendedXYZ.read(output))
        #expect(predicted.count == 16)
        for (before, after) in zip(input, predicted) {
            #expect(try after.real(column: "pos") == before.real(column: "pos"))
            #expect(try after.real(column: "forces").count == 3 * before.atomCount)
            // Total energies, some -10 eV per atom, and not what is left without self-energies.
            #expect(abs((after[info: "energy"]?.real ?? 0) + 10 * Double(before.atomCount)) < 5)
            #expect(after[info: "energy_unit"] == .string("eV") && after[info: "length_unit"] == .string("angstrom"))
        }
        let json = try ProgramRun(["evaluate", trained.model, output, "--json", "--precision", "float64"]).output
        let errors = try #require(try JSONValue(parsing: json).array).compactMap { $0["max"]?.real }
        #expect(errors.count == 5 && errors.allSatisfy { $0 < 1e-10 })
    }

    @Test func checksPass() throws {
        let trained = try TrainedModel.get()
        let table = try ProgramRun(["check", trained.model])
        #expect(table.messages == "info: SchNet on 2 systems of the model file (H2, H2O)\n")
        #expect(table.code == 0 && !table.output.contains("FAILED") && table.output.contains("passed  forces"))
        let json = try ProgramRun(["check", trained.model, trained.data, "--count", "3", "--json"])
        let rows = try #require(try JSONValue(parsing: json.output).array)
        #expect(json.code == 0 && rows.count == table.output.split(separator: "\n").count)
        #expect(rows.allSatisfy { $0["passed"] == .logical(true) && $0["worst"]?.real != nil })
    }

    @Test func modelInformation() throws {
        let trained = try TrainedModel.get()
        let info = try ProgramRun(["model", "info", trained.model])
        #expect(info.code == 0 && info.messages.isEmpty && info.output.contains("potential                SchNet\n"))
        for line in [
            "cutoff                   4 Å", "radialBasis              8 Gaussians at 0 to 4 Å",
            "elements                 H O", "inputs                   element", "dataset                  data",
        ] { #expect(info.output.contains("\n\(line)\n"), "\(line)") }
        #expect(info.output.contains(/\nself_energies +H -[0-9.]+, O -[0-9.]+ eV\n/))
        let json = try JSONValue(parsing: ProgramRun(["model", "info", trained.model, "--json"]).output)
        #expect(json["potential"]?.string == "SchNet" && json["units"]?.string == "eV, Å")
        #expect(json["inputs"] == .array([.string("element")]))
        #expect(json["program"]?.string == Release.program)
        #expect(json["provenance"]?["training_configurations"]?.integer == 13)
        #expect(try json["parameters"]?.integer == ModelFile.read(trained.model).model.parameters.count)

        let listing = try ProgramRun(["model", "program", trained.model])
        #expect(listing.code == 0 && listing.messages.isEmpty)
        for word in ["prologue", "body", "arena", "forces", "pairs [8]"] {
            #expect(listing.output.contains(word), "\(word)")
        }
    }

    @Test(arguments: ["schnet", "painn"])
    func benchmark(_ potential: String) throws {
        let trained = try TrainedModel.get()
        let options = ["--features", "8", "--interactions", "1", "--threads", "2", "--seconds", "0"]
        for targets in ["energy,forces", "energy"] {
            let arguments = ["--potential", potential, "--data", trained.data, "--targets", targets, "--json"]
            let run = try ProgramRun(["benchmark"] + arguments + options)
            #expect(run.code == 0 && run.errors.isEmpty)
            let json = try JSONValue(parsing: run.output)
            for key in [
                "throughput [molecules/s]", "matrix_product_rate [GFLOP/s]", "fma_peak [GFLOP/s]", "fraction_of_peak",
                "step_median [ms]", "step_minimum [ms]", "arena_per_thread [MB]", "peak_memory [MB]",
            ] {
                #expect((json[key]?.real ?? 0) > 0, "\(key)")
            }
            #expect(json["systems"]?.integer == 16 && json["atoms"]?.integer == 40 && json["pairs"]?.integer == 32)
            #expect(json["potential"]?.string?.lowercased() == potential && json["threads"]?.integer == 2)
            #expect(json["isa"]?.string?.isEmpty == false && json["targets"]?.string == targets)
            #expect(json["profile"] == nil)
        }
    }

    @Test(arguments: ["1", "2"])
    func benchmarkOfPredictionWithProfile(threads: String) throws {
        let run = try ProgramRun([
            "benchmark", "--inference", "--potential", "painn", "--data", try TrainedModel.get().data, "--features",
            "8",
            "--threads", threads, "--seconds", "0", "--profile", "--json",
        ])
        #expect(run.code == 0 && run.messages.isEmpty)
        let profile = try #require(JSONValue(parsing: run.output)["profile"])
        let operations = try #require(profile["operations"]?.array)
        let kinds = operations.compactMap { $0["operation"]?.string }
        #expect(kinds.contains("vector convolution") && kinds.contains("waiting") && !kinds.contains("optimiser"))
        let times = operations.compactMap { $0["time [ms]"]?.real }
        let step = try #require(profile["step [ms]"]?.real)
        #expect(abs(times.reduce(0, +) - step) < 1e-6 * step)
        let speedups = try #require(profile["speedups"]?.array).compactMap { $0["as_batch_divides"]?.real }
        #expect(speedups.first == 1 && speedups.last! > 1)
    }

    @Test(arguments: ["schnet", "painn"])
    func benchmarkWithProfile(_ potential: String) throws {
        let arguments = [
            "benchmark", "--potential", potential, "--data", try TrainedModel.get().data, "--features", "8",
            "--interactions", "1", "--threads", "2", "--seconds", "0", "--profile",
        ]
        let table = try ProgramRun(arguments)
        #expect(table.code == 0 && table.messages.isEmpty)
        for words in [
            "matrix product", "transposed product", "outer product", "pair search and labels", "once per step",
            "GFLOP/s", "GB/s", "optimiser", "sum of lanes", "roofline: FMA peak", "bound of the step", "serial part",
            "Amdahl's law",
        ] {
            #expect(table.output.contains(words), "\(words)")
        }

        let run = try ProgramRun(arguments + ["--json"])
        #expect(run.code == 0 && run.messages.isEmpty)
        let profile = try #require(JSONValue(parsing: run.output)["profile"])
        let operations = try #require(profile["operations"]?.array)
        let shares = operations.compactMap { $0["share"]?.real }
        #expect(shares.count == operations.count && shares.allSatisfy { $0 >= 0 })
        #expect(abs(shares.reduce(0, +) - 1) < 1e-9)
        let times = operations.compactMap { $0["time [ms]"]?.real }
        let step = try #require(profile["step [ms]"]?.real)
        #expect(abs(times.reduce(0, +) - step) < 1e-6 * step)
        let products = operations.filter { $0["operation"]?.string == "matrix product" }
        #expect(products.contains { $0["rows"]?.string == "atoms" && ($0["operations [GFLOP]"]?.real ?? 0) > 0 })
        #expect((profile["roofline"]?["bound [ms]"]?.real ?? 0) > 0)
        #expect(profile["speedups"]?.array?.map { $0["threads"]?.integer } == [1, 2, 4, 8, 16, 32])
    }

    @Test(arguments: ["schnet", "painn"])
    func benchmarkOfPredictions(_ potential: String) throws {
        let trained = try TrainedModel.get()
        let options = ["--features", "8", "--interactions", "1", "--threads", "1", "--seconds", "0"]
        let arguments = ["benchmark", "--inference", "--potential", potential, "--data", trained.data] + options
        let json = try JSONValue(parsing: ProgramRun(arguments + ["--json"]).output)
        for key in ["first_call [ms]", "call_median [ms]", "call_minimum [ms]", "rate [calls/s]", "peak_memory [MB]"] {
            #expect((json[key]?.real ?? 0) > 0, "\(key)")
        }
        let (median, minimum) = (json["call_median [ms]"]?.real ?? 0, json["call_minimum [ms]"]?.real ?? 1)
        #expect(minimum <= median)
        // Rates and times are printed with 17 digits, so that only their rounding is between them.
        #expect(abs((json["rate [calls/s]"]?.real ?? 0) * median / 1000 - 1) < 1e-12)
        // No time is asked for; five calls are measured all the same.
        #expect(json["calls"]?.integer == 5 && json["threads"]?.integer == 1)
        #expect(json["systems"]?.integer == 16 && json["atoms"]?.integer == 40 && json["pairs"]?.integer == 32)
        #expect(json["potential"]?.string?.lowercased() == potential)

        let text = try ProgramRun(arguments)
        #expect(text.code == 0 && text.errors.isEmpty && text.output.contains(/\ncall_median +[0-9.]+ ms\n/))
    }
}

/// The content of a file.
private func text(_ path: String) throws -> String { String(decoding: try readFile(path: path), as: UTF8.self) }
