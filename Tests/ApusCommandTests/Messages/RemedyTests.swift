import ApusFiles
import ApusTestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A command that fails, and the same after what its message says was done to the letter.
private struct Remedy: CustomTestStringConvertible, Sendable {
    /// What the user does: the files to write and the command to run.
    struct Attempt: Sendable {
        var files: [String: String] = [:]
        var command: [String]
        var environment: [String: String] = [:]
    }

    /// What is wrong.
    let testDescription: String
    /// A shell script that makes what is no text; `@` is the folder of the test.
    var script = ""
    /// A program without which there is nothing to try.
    var program: String?
    let first: Attempt
    /// What the message must say, in which `@` is the folder.
    let words: String
    /// What the user does then; the message is given.
    let then: @Sendable (String) throws -> Attempt
}

/// Every kind of remedy that messages offer about files and options is followed, and helps.
@Suite struct RemedyTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private static let water = """
        3
        Properties=species:S:1:pos:R:3:forces:R:3 energy=-76.4 COMMENT
        O 0 0 0.12 0 0 0.1
        H 0.76 0 -0.48 0 0 -0.1
        H -0.76 0 -0.48 0 0 0

        """
    private static func water(_ comment: String) -> String { water.replacing("COMMENT", with: comment) }
    private static func shell(_ text: String) -> Bool { system("command -v \(text) > /dev/null") == 0 }

    /// What follows some words of a message, without the point at its end.
    private static func rest(_ message: String, after words: String) throws -> String {
        let line = try #require(message.split(separator: "\n").first { $0.contains(words) })
        return String(try #require(line.split(separator: words, maxSplits: 1).last).dropLast())
    }

    private static let info: @Sendable (String) -> Remedy.Attempt = { Remedy.Attempt(command: ["data", "info", $0]) }

    /// A training of invented molecules, of which only the dry run is made.
    private static func training(_ data: String, dataset: String = "", _ options: String...) -> Remedy.Attempt {
        Remedy.Attempt(
            files: [
                "data.extxyz": data, "config.toml": Molecules.configuration(run: "@/run", dataset: dataset),
            ], command: ["train", "@/config.toml", "--dry-run"] + options)
    }

    private static let raised = "set APUS_LIMIT_FACTOR=10 in the environment"
    private static func raisedInfo(_ path: String) -> Remedy.Attempt {
        Remedy.Attempt(command: ["data", "info", path], environment: ["APUS_LIMIT_FACTOR": "10"])
    }

    private static let datasets = "\(packageRoot)/Tests/ApusDatasetsTests/Fixtures"

    // MARK: Files

    private static let compressed = ["gzip", "bzip2", "xz", "zstd"].map { (program: String) in
        Remedy(
            testDescription: "HDF5 in \(program)", script: "\(program) -c '\(datasets)/ani1.h5' > '@/my data'",
            program: program, first: info("@/my data"), words: "decompress it with: \(program) -dc '@/my data' > ",
            then: { message in
                let command = try rest(message, after: "decompress it with: ")
                #expect(system(command) == 0)
                return info("@/my data.unpacked")
            })
    }

    private static let files = [
        Remedy(
            testDescription: "UTF-16", script: "printf '\(water(""))' | iconv -f UTF-8 -t UTF-16 > @/wide.xyz",
            program: "iconv", first: info("@/wide.xyz"), words: "convert it with: iconv -f UTF-16 -t UTF-8 @/wide.xyz",
            then: { message in
                let command = try rest(message, after: "convert it with: ")
                let path = try #require(command.firstMatch(of: /8 (\S*)\/wide.xyz/)?.output.1)
                #expect(system("cd '\(path)' && \(command)") == 0)
                return info("@/utf8.xyz")
            }),
        Remedy(
            testDescription: "compressed UTF-16",
            script: "printf '\(water(""))' | iconv -f UTF-8 -t UTF-16 | gzip > @/wide.xyz.gz",
            program: "iconv", first: info("@/wide.xyz.gz"), words: "convert it with: gzip -dc @/wide.xyz.gz | iconv",
            then: { message in
                let command = try rest(message, after: "convert it with: ")
                let path = try #require(command.firstMatch(of: /dc (\S*)\/wide/)?.output.1)
                #expect(system("cd '\(path)' && \(command)") == 0)
                return info("@/utf8.xyz")
            }),
        Remedy(
            testDescription: "tar of xyz files",
            script: "printf '\(water(""))' > @/b.xyz; tar -C @ -czf @/b.tgz b.xyz; mv @/b.xyz @/away",
            program: "tar", first: info("@/b.tgz"), words: "unpack it with 'tar -xf' and name a file of it",
            then: { message in
                let path = try #require(message.firstMatch(of: /(\/\S*)\/b.tgz/)?.output.1)
                #expect(system("cd '\(path)' && tar -xf b.tgz") == 0)
                return info("@/b.xyz")
            }),
        Remedy(
            testDescription: "zip of xyz files",
            script: "printf '\(water(""))' > @/b.xyz; cd @ && zip -q b.zip b.xyz && rm b.xyz",
            program: "zip", first: info("@/b.zip"), words: "unpack it with unzip and name a file of it",
            then: { message in
                let path = try #require(message.firstMatch(of: /(\/\S*)\/b.zip/)?.output.1)
                #expect(system("cd '\(path)' && unzip -q b.zip") == 0)
                return info("@/b.xyz")
            }),
        Remedy(
            testDescription: "a file that shrinks to a thousandth",
            script:
                "{ printf '1\\n'; head -c 20000000 /dev/zero | tr '\\0' ' '; printf '\\nH 0 0 0\\n'; } | gzip > @/a.xyz.gz",
            first: info("@/a.xyz.gz"), words: raised, then: { _ in raisedInfo("@/a.xyz.gz") }),
        Remedy(
            testDescription: "a line of 70 MB",
            script: "{ printf '1\\n'; head -c 70000000 /dev/zero | tr '\\0' ' '; printf '\\nH 0 0 0\\n'; } > @/a.xyz",
            first: info("@/a.xyz"), words: raised, then: { _ in raisedInfo("@/a.xyz") }),
        Remedy(
            // A frame of zstd with a window of 256 MiB and one block as it is.
            testDescription: "zstd with a large window",
            script: "printf '\\050\\265\\057\\375\\000\\220\\131\\000\\0001\\n\\nH 0 0 0\\n' > @/a.xyz.zst",
            first: info("@/a.xyz.zst"), words: raised, then: { _ in raisedInfo("@/a.xyz.zst") }),
        Remedy(
            testDescription: "a description without its file", script: "cp '\(datasets)/modelforge.yaml' @/",
            first: info("@/modelforge.yaml"), words: "put it beside @/modelforge.yaml",
            then: { message in
                let path = try #require(message.firstMatch(of: /beside (\S*)\/modelforge.yaml/)?.output.1)
                #expect(system("cp '\(datasets)/modelforge.hdf5' '\(path)'") == 0)
                return info("@/modelforge.yaml")
            }),
    ]

    // MARK: Keys and options

    private static let keys = [
        Remedy(
            testDescription: "energies in comment lines",
            first: Remedy.Attempt(
                files: ["a.xyz": "1\n-0.5 from somewhere\nH 0 0 0\n"],
                command: ["data", "info", "@/a.xyz", "--assign", "E=comment"]),
            words: "--energy-unit",
            then: { _ in
                Remedy.Attempt(command: [
                    "data", "info", "@/a.xyz", "--assign", "E=comment", "--energy-unit", "hartree",
                ])
            }),
        Remedy(
            testDescription: "spin that is no multiplicity",
            first: Remedy.Attempt(files: ["a.xyz": water("spin=2")], command: ["data", "info", "@/a.xyz"]),
            words: "--assign spin_multiplicity=",
            then: { _ in Remedy.Attempt(command: ["data", "info", "@/a.xyz", "--assign", "spin_multiplicity="]) }),
        Remedy(
            testDescription: "a mask that is none",
            first: Remedy.Attempt(
                files: ["a.xyz": "1\nProperties=species:S:1:pos:R:3:force_mask:I:1\nH 0 0 0 7\n"],
                command: ["data", "info", "@/a.xyz"]),
            words: "--assign force_mask=",
            then: { _ in Remedy.Attempt(command: ["data", "info", "@/a.xyz", "--assign", "force_mask="]) }),
        Remedy(
            testDescription: "a unit that stands alone",
            first: Remedy.Attempt(
                files: ["a.xyz": "1\nProperties=species:S:1:pos:R:3 energy=-0.5 Ha pbc=\"F F F\"\nH 0 0 0\n"],
                command: ["data", "info", "@/a.xyz"]),
            words: "write energy_unit=Ha in its place",
            then: { _ in
                Remedy.Attempt(
                    files: ["a.xyz": "1\nProperties=species:S:1:pos:R:3 energy=-0.5 energy_unit=Ha\nH 0 0 0\n"],
                    command: ["data", "info", "@/a.xyz"])
            }),
        Remedy(
            testDescription: "a periodic frame without a cell",
            first: training(Molecules.text(frames: 40) { lines, _ in lines[1] += " pbc=\"T T T\"" }),
            words: "pbc=\"F F F\"",
            then: { _ in training(Molecules.text(frames: 40) { lines, _ in lines[1] += " pbc=\"F F F\"" }) }),
    ]

    private static let unknown: @Sendable (inout [String], Int) -> Void = { lines, k in
        if k == 4 { lines[1] = lines[1].replacing(/energy=[-.0-9e]+/, with: "energy=nan") }
    }

    private static let missing = ["drop", "mask"].map { policy in
        Remedy(
            testDescription: "NaN, \(policy)", first: training(Molecules.text(frames: 40, change: unknown)),
            words: "set dataset.missing_labels to \"drop\" or \"mask\"",
            then: { _ in
                training(Molecules.text(frames: 40, change: unknown), dataset: "missing_labels = \"\(policy)\"")
            })
    }

    /// Keys that another choice has left over, whose table is then replaced as the message says; 0.9 stands for what it leaves
    /// open.
    private static func table(_ description: String, _ keys: String...) -> Remedy {
        let data = Molecules.text(frames: 40)
        let first = keys.reduce(into: training(data)) { $0.command += ["--set", "training." + $1] }
        return Remedy(
            testDescription: description, first: first, words: "or replace the table with --set '",
            then: { message in
                let option = try #require(message.firstMatch(of: /--set '([^']+)'/)?.output.1)
                return training(data, "--set", String(option).replacing("…", with: "0.9"))
            })
    }

    private static let training = [
        Remedy(
            testDescription: "two energies",
            first: training(Molecules.text(frames: 40) { lines, _ in lines[1] += " REF_energy=-20" }),
            words: "properties_assignment.E",
            then: { _ in
                training(
                    Molecules.text(frames: 40) { lines, _ in lines[1] += " REF_energy=-20" },
                    dataset: "properties_assignment.E = \"energy\"")
            }),
        Remedy(
            testDescription: "no self-energies in the file",
            first: training(Molecules.text(frames: 40), dataset: "self_energy_source = \"file\""),
            words: "choose \"regression\"",
            then: { _ in training(Molecules.text(frames: 40), dataset: "self_energy_source = \"regression\"") }),
        Remedy(
            testDescription: "no isolated atoms",
            first: training(Molecules.text(frames: 40), dataset: "self_energy_source = \"isolated_atoms\""),
            words: "set dataset.self_energy_source to \"regression\"",
            then: { _ in training(Molecules.text(frames: 40), dataset: "self_energy_source = \"regression\"") }),
        table("another schedule", "lr_scheduler.factor=0.5", "lr_scheduler.scheduler_name=CosineAnnealingLR"),
        table("a schedule that needs a key", "lr_scheduler.factor=0.5", "lr_scheduler.scheduler_name=ExponentialLR"),
        table("a key of another optimiser", "optimizer.momentum=0.5"),
        Remedy(
            testDescription: "a misspelt key",
            first: training(Molecules.text(frames: 40), "--set", "training.batch_sise=4"),
            words: "did you mean 'batch_size'?",
            then: { _ in training(Molecules.text(frames: 40), "--set", "training.batch_size=4") }),
    ]

    // MARK: Imported data and outputs

    private static let imported = "'\(ProgramRun.program)' data import @/a.xyz -o @/a.apus 2> /dev/null > /dev/null"

    private static let outputs = [
        Remedy(
            testDescription: "a unit for imported data", script: "printf '\(water(""))' > @/a.xyz; \(imported)",
            first: Remedy.Attempt(command: ["data", "info", "@/a.apus", "--energy-unit", "eV"]),
            words: "remove the option", then: { _ in info("@/a.apus") }),
        Remedy(
            testDescription: "a key for imported data",
            script: "printf '\(water("other=-70"))' > @/a.xyz; \(imported)",
            first: Remedy.Attempt(command: ["data", "info", "@/a.apus", "--assign", "E=other"]),
            words: "import its sources again with this option",
            then: { _ in
                Remedy.Attempt(command: ["data", "import", "@/a.xyz", "-o", "@/b.apus", "--assign", "E=other"])
            }),
        Remedy(
            testDescription: "importing what was imported", script: "printf '\(water(""))' > @/a.xyz; \(imported)",
            first: Remedy.Attempt(command: ["data", "import", "@/a.apus", "-o", "@/b.apus"]),
            words: "use it as it is", then: { _ in info("@/a.apus") }),
        Remedy(
            testDescription: "a folder that is not there",
            first: Remedy.Attempt(
                files: ["a.xyz": water("")], command: ["data", "convert", "@/a.xyz", "-o", "@/new/b.npz"]),
            words: "create the folder first",
            then: { message in
                let path = try #require(message.firstMatch(of: /(\/\S*\/new)\/b.npz/)?.output.1)
                #expect(mkdir(String(path), 0o700) == 0)
                return Remedy.Attempt(command: ["data", "convert", "@/a.xyz", "-o", "@/new/b.npz"])
            }),
    ]

    private static let endings = [".extxyz", ".npz", ".db", ".hdf5"].flatMap { ending in
        let convert: @Sendable (String) -> Remedy.Attempt = {
            Remedy.Attempt(
                files: ["a.xyz": Molecules.text(frames: 4)], command: ["data", "convert", "@/a.xyz", "-o", "@/b\($0)"])
        }
        let several = Remedy(
            testDescription: "molecules in npz, \(ending)", first: convert(".npz"),
            words: "choose .extxyz, .db or .hdf5", then: { _ in convert(ending) })
        let one: @Sendable (String) -> Remedy.Attempt = {
            Remedy.Attempt(files: ["a.xyz": water("")], command: ["data", "convert", "@/a.xyz", "-o", "@/b\($0)"])
        }
        let unknown = Remedy(
            testDescription: "an unknown ending, \(ending)", first: one(".abc"), words: ending,
            then: { _ in one(ending) })
        return ending == ".npz" ? [unknown] : [several, unknown]
    }

    private static let all = compressed + files + keys + missing + training + outputs + endings

    @Test(arguments: all) private func helps(remedy: Remedy) throws {
        if let program = remedy.program, !Self.shell(program) { return }
        let inFolder = { (text: String) in text.replacing("@", with: folder.path) }
        if !remedy.script.isEmpty { try #require(system(inFolder(remedy.script)) == 0) }
        func run(_ attempt: Remedy.Attempt) throws -> ProgramRun {
            for (name, text) in attempt.files { _ = try folder.write(inFolder(text), to: name) }
            return try ProgramRun(attempt.command.map(inFolder), environment: attempt.environment)
        }
        let failed = try run(remedy.first)
        try #require(failed.code != 0, "\(failed.output)")
        #expect(failed.messages.contains(inFolder(remedy.words)), "\(failed.messages)")
        let helped = try run(try remedy.then(failed.messages))
        #expect(helped.code == 0, "\(failed.messages)then:\n\(helped.messages)")
    }
}
