import ApusFiles
import ApusTestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What `apus train --dry-run` finds, and that it leaves no trace.
@Suite struct DryRunTests {
    /// Everything below a folder, with sizes and times of change.
    private func listing(_ folder: String) -> [String] {
        (names(in: folder) ?? []).flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0 else { return [path] }
            #if canImport(Glibc)
            let time = status.st_mtim
            #else
            let time = status.st_mtimespec
            #endif
            return ["\(path) \(status.st_size) \(time.tv_sec) \(time.tv_nsec)"] + listing(path)
        }
    }

    private func dryRun(
        _ folder: TemporaryFolder, data: String, cutoff: String = "4.0 angstrom", dataset: String = "",
        training: String = "", arguments: [String] = []
    ) throws -> ProgramRun {
        _ = try folder.write(data, to: "data.extxyz")
        let configuration = Molecules.configuration(
            run: "\(folder.path)/run", cutoff: cutoff, dataset: dataset, training: training)
        let path = try folder.write(configuration, to: "config.toml")
        return try ProgramRun(["train", path, "--dry-run"] + arguments)
    }

    private func json(_ run: ProgramRun) throws -> JSONValue {
        #expect(run.code == 0 && run.errors.isEmpty, "\(run.messages)")
        return try JSONValue(parsing: run.output)
    }

    private func warnings(_ run: ProgramRun) throws -> [String: String] {
        let list = try #require(try json(run)["warnings"]?.array)
        return try Dictionary(
            list.map { (try #require($0["kind"]?.string), try #require($0["message"]?.string)) },
            uniquingKeysWith: { "\($0) \($1)" })
    }

    /// Neither a run folder nor a cache appears, whether or not there is a place for them.
    @Test(arguments: [true, false]) func nothingIsWritten(hasCacheFolder: Bool) throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(Molecules.text(), to: "data.extxyz")
        let path = try folder.write(Molecules.configuration(run: "\(folder.path)/run"), to: "config.toml")
        let cache = "\(folder.path)/cache"
        if hasCacheFolder { try createFolder(cache) }
        let before = listing(folder.path)
        #expect(before.count == (hasCacheFolder ? 3 : 2))
        let run = try ProgramRun(["train", path, "--dry-run"], environment: ["APUS_CACHE": cache])
        #expect(run.code == 0, "\(run.messages)")
        #expect(listing(folder.path) == before)
    }

    /// Data that were imported before are taken from the cache, which stays as it is; so does an earlier run.
    @Test func theCacheIsReadButNotWritten() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(Molecules.text(), to: "data.extxyz")
        let path = try folder.write(Molecules.configuration(run: "\(folder.path)/run"), to: "config.toml")
        let environment = ["APUS_CACHE": "\(folder.path)/cache"]
        #expect(try ProgramRun(["train", path, "--quiet"], environment: environment).code == 0)
        let before = listing(folder.path)
        let run = try ProgramRun(["train", path, "--dry-run", "--json"], environment: environment)
        #expect(run.messages.contains("imported before"), "\(run.messages)")
        #expect(listing(folder.path) == before)
        let folderWarning = try #require(try warnings(run)["folder"])
        #expect(folderWarning.hasPrefix("\(folder.path)/run holds an earlier run, which 'apus train' replaces with"))
    }

    /// Configurations of the other parts that are copies of training ones are said by training too, and of files alone.
    @Test func copiesInOtherParts() throws {
        let folder = try TemporaryFolder()
        // Nine for training are the eight and the first again; what follows repeats the second to the eighth.
        let twice = Molecules.text(frames: 8) + Molecules.text(frames: 8)
        let division = "splitting_strategy = { name = \"first_come_first_serve\", data_split = [9, 4, 3] }"
        let run = try dryRun(folder, data: twice, training: division, arguments: ["--json"])
        let warning = try #require(try warnings(run)["split"])
        for words in ["validation part are in the training part too, 4 configurations as exact copies", ", 3 config"] {
            #expect(warning.contains(words), "\(words): \(warning)")
        }
        let trained = try ProgramRun(["train", "\(folder.path)/config.toml"])
        let lines = trained.messages.split(separator: "\n").filter { $0.contains("as exact copies") }
        #expect(trained.code == 0 && lines.count == 2 && lines.allSatisfy { $0.lowercased().hasPrefix("warning:") })

        _ = try folder.write(Molecules.text(frames: 17), to: "test.extxyz")
        let separate = try dryRun(
            folder, data: Molecules.text(), dataset: "test_file = \"test.extxyz\"",
            training: "splitting_strategy = { name = \"first_come_first_serve\", data_split = [12, 4, 0] }",
            arguments: ["--json"])
        #expect(try warnings(separate)["split"]?.contains("12 configurations as exact copies") == true)
        let whole = try dryRun(folder, data: Molecules.text(), arguments: ["--json"])
        #expect(try warnings(whole)["split"] == nil)
    }

    /// 16 frames in turn of 2 and 3 atoms, all within the cutoff: 1 and 3 pairs, 1 and 2 neighbours of an atom.
    ///
    /// SchNet with 8 features, filters and radial functions has 101 rows of 8 for the elements; in its interaction a
    /// layer of 8 × 8 without bias before and two with bias after the pairs, and two more for filters; and for the energy
    /// layers of 8 × 4 and 4 × 1 with bias.
    @Test func countsAreRight() throws {
        let folder = try TemporaryFolder()
        let run = try dryRun(
            folder, data: Molecules.text(),
            training: "splitting_strategy = { name = \"first_come_first_serve\", data_split = [9, 4, 3] }",
            arguments: ["--json", "--quiet", "--set", "potential.core_parameter.number_of_filters=8"])
        let report = try json(run)
        #expect(run.messages.isEmpty, "\(run.messages)")
        let parts = try #require(report["parts"]?.object)
        #expect(parts.mapValues { $0["configurations"]?.integer } == ["training": 9, "validation": 4, "test": 3])
        let training = try #require(parts["training"])
        // The first nine: five with 2 atoms, four with 3.
        expect(training["atoms"], mean: 22.0 / 9, 2...3)
        expect(training["pairs"], mean: 17.0 / 9, 1...3)
        expect(training["neighbours"], mean: 34.0 / 22, 1...2)
        #expect(training["atoms_without_neighbours"]?.integer == 0)
        #expect(report["steps_per_epoch"]?.integer == 3)
        #expect(report["epochs"]?.integer == 2)
        let interaction = 64 + (64 + 8) + (64 + 8) + (64 + 8) + (64 + 8)
        #expect(report["parameters"]?.integer == 101 * 8 + interaction + (32 + 4) + (4 + 1))

        let number = { (name: String) in try #require(report[name]?.real) }
        #expect(try number("step_minimum [s]") <= number("step_median [s]"))
        #expect(try number("step_minimum [s]") > 0 && number("validation [s]") > 0)
        #expect(try number("matrix_products_of_step [GFLOP]") > 0)
        let epoch = try 3 * number("step_median [s]") + number("validation [s]")
        #expect(abs(try number("epoch [s]") - epoch) < 1e-9 * epoch)
        #expect(abs(try number("training [s]") - 2 * epoch) < 1e-9 * epoch)
        // float32: 4 bytes for a number.
        let memory = try #require(report["memory [MB]"])
        let parameters = 4e-6 * Double(try #require(report["parameters"]?.integer))
        #expect(abs(try #require(memory["parameters"]?.real) - parameters) < 1e-12)
        #expect(abs(try #require(memory["moments"]?.real) - 2 * parameters) < 1e-12)
        let rest = try ["gradients", "arena_per_thread"].map { try #require(memory[$0]?.real) }
        #expect(rest[0] >= parameters && rest[1] > 0)
        #expect(abs(try #require(memory["total"]?.real) - 3 * parameters - rest[0] - 2 * rest[1]) < 1e-12)
    }

    private func expect(_ spread: JSONValue?, mean: Double, _ range: ClosedRange<Int>) {
        #expect(abs((spread?["mean"]?.real ?? .nan) - mean) < 1e-12)
        #expect(spread?["min"]?.integer == range.lowerBound && spread?["max"]?.integer == range.upperBound)
    }

    /// Nothing is wrong with enough frames of which the loss uses everything.
    @Test func goodDataGiveNoWarning() throws {
        let folder = try TemporaryFolder()
        #expect(try warnings(dryRun(folder, data: Molecules.text(frames: 40), arguments: ["--json"])).isEmpty)
    }

    /// It is finite, so training goes on; that it spoils the scale of all others must be said before.
    @Test func aForceThatNoMoleculeHasIsNamed() throws {
        let folder = try TemporaryFolder()
        let data = Molecules.text(frames: 40) { lines, frame in
            guard frame == 7 else { return }
            var numbers = lines[3].split(separator: " ").map(String.init)
            numbers[4] = "1e6"
            lines[3] = numbers.joined(separator: " ")
        }
        let all = "training.splitting_strategy.data_split=[38,1,1]"
        let run = try dryRun(folder, data: data, arguments: ["--set", all])
        #expect(run.code == 0)
        #expect(
            run.output.contains(
                "(frame 8, line 32): the force on atom 1 (H, counted from 0) is 1000000 eV/Å, as if atoms nearly touched"
            ),
            "\(run.messages)")
        let good = try dryRun(folder, data: Molecules.text(frames: 40))
        #expect(!good.output.contains("nearly touched"))
    }

    @Test func theTextIsTidy() throws {
        let folder = try TemporaryFolder()
        let run = try dryRun(
            folder, data: Molecules.text(), training: "maximum_time = \"0.001 s\"",
            arguments: ["--set", "training.number_of_epochs=100000"])
        try #require(run.code == 0, "\(run.messages)")
        let lines = run.output.split(separator: "\n").map(String.init)
        #expect(lines[0].hasPrefix("part        configurations") && lines[1].hasPrefix("training                13"))
        for start in ["parameters ", "matrix products of a step ", "time of an epoch ", "  arenas "] {
            #expect(lines.contains { $0.hasPrefix(start) }, "\(start)")
        }
        #expect(lines.contains { $0.contains("; training.maximum_time ends it after 1.00 ms, in epoch ") })
        #expect(lines.last?.hasPrefix("warning: fewer than 10 training configurations have ") == true)
        #expect(!lines.contains { $0.hasSuffix(" ") })
    }

    /// The second hydrogen of the first frame is far away.
    @Test func aShortCutoffIsReported() throws {
        let folder = try TemporaryFolder()
        let data = Molecules.text(frames: 40) { lines, frame in
            if frame == 0 { lines[3] = "H 9.0 0 0 0 0 0" }
        }
        let found = try warnings(
            dryRun(
                folder, data: data,
                training: "splitting_strategy = { name = \"first_come_first_serve\", data_split = [30, 10, 0] }",
                arguments: ["--json"]))
        let message = try #require(found["cutoff"])
        #expect(message.hasPrefix("2 atoms have no neighbour within 4 Å, first in "), "\(message)")
        #expect(message.contains("frame 1") && message.contains(" of the training part; raise"), "\(message)")
    }

    /// Of 30 training frames 15 have oxygen, but only 9 after six were made to hydrogen.
    @Test func aRareElementIsReported() throws {
        let folder = try TemporaryFolder()
        let data = Molecules.text(frames: 40) { lines, frame in
            if frame % 2 == 1, frame < 12 { lines[2] = "F" + lines[2].dropFirst() }
        }
        let found = try warnings(
            dryRun(
                folder, data: data,
                training: "splitting_strategy = { name = \"first_come_first_serve\", data_split = [30, 10, 0] }",
                arguments: ["--json"]))
        #expect(found.keys.sorted() == ["elements"])
        #expect(found["elements"]?.hasPrefix("fewer than 10 training configurations have O (9), F (6); ") == true)
    }

    /// Training cannot know an element that it does not have: an error of the data, as without --dry-run.
    @Test func anElementOutsideOfTrainingIsAnError() throws {
        let folder = try TemporaryFolder()
        let data = Molecules.text(frames: 40) { lines, frame in
            if frame == 39 { lines[2] = "F" + lines[2].dropFirst() }
        }
        let run = try dryRun(
            folder, data: data,
            training: "splitting_strategy = { name = \"first_come_first_serve\", data_split = [30, 10, 0] }")
        #expect(run.code == 65 && run.errors.count == 1 && run.output.isEmpty)
        #expect(run.errors.first?.contains(" F") == true, "\(run.messages)")
    }

    /// The validation frames are 3 eV too high.
    @Test func partsOfDifferentEnergyAreReported() throws {
        let folder = try TemporaryFolder()
        let data = Molecules.text(frames: 40) { lines, frame in
            guard frame >= 30 else { return }
            lines[1] = lines[1].split(separator: " ").map { word in
                word.hasPrefix("energy=") ? "energy=\(Double(word.dropFirst(7))! + 3)" : String(word)
            }.joined(separator: " ")
        }
        let found = try warnings(
            dryRun(
                folder, data: data,
                training: "splitting_strategy = { name = \"first_come_first_serve\", data_split = [30, 10, 0] }",
                arguments: ["--json"]))
        #expect(found.keys.sorted() == ["energies"])
        let message = try #require(found["energies"])
        #expect(
            message.hasPrefix(
                "the mean energies per atom of validation and training part, without self-energies, are 1.2"),
            "\(message)")
    }

    /// The loss compares energies only, though there are forces, and total charges that differ.
    @Test func whatIsNotUsedIsReported() throws {
        let folder = try TemporaryFolder()
        let data = Molecules.text(frames: 40) { lines, frame in
            lines[1] += " total_charge=\(frame % 4 == 1 ? -1 : 0)"
        }
        let found = try warnings(
            dryRun(
                folder, data: data, training: "loss_parameter = { loss_components = [\"per_system_energy\"] }",
                arguments: ["--json"]))
        #expect(found.keys.sorted() == ["labels", "states"])
        #expect(
            found["labels"]
                == "the training part has labels that the loss does not use: forces; to learn them, name per_atom_force in "
                + "training.loss_parameter.loss_components")
        #expect(found["states"]?.hasPrefix("the total charge of the systems differs, from -1 to 0, ") == true)
    }
}
