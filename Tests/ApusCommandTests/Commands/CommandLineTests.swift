import ApusFiles
import ApusTestSupport
import ArgumentParser
import Testing

/// What the command line says, suggests and completes.
@Suite struct CommandLineTests {
    private func text(_ path: String) throws -> String { String(decoding: try readFile(path: path), as: UTF8.self) }

    @Test(arguments: [
        (["trian", "x.toml"], "Did you mean 'apus train'?"), (["data", "chekc"], "Did you mean 'apus data check'?"),
        (["model", "ifno"], "Did you mean 'apus model info'?"), (["Train"], "Did you mean 'apus train'?"),
        (["model", "zzzzzzzz"], "There are info, program."), (["train", "--ste", "x"], "Did you mean '--set'?"),
        (["evaluate", "--thread", "2"], "Did you mean '--threads'?"),
    ])
    func misspeltWords(_ arguments: [String], _ suggestion: String) throws {
        let run = try ProgramRun(arguments)
        #expect(run.code == 64 && run.output.isEmpty && run.messages.contains(suggestion), "\(run.messages)")
    }

    @Test func exitCodesAreListed() throws {
        let help = try ProgramRun(["--help"]).output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for code in [
            "0 success", "1 a check failed", "70 internal error", "75 interrupted", "128 + n ended by signal n",
        ] {
            #expect(help.contains(code), "\(code)")
        }
        // Every kind of error, with the code that the program ends with.
        for kind in ApusError.Kind.allCases {
            #expect(help.contains(" \(ApusError(kind, problem: "").exitCode) "), "\(kind)")
        }
    }

    /// Every command with a result has --json, every command that tells something has --quiet.
    @Test(arguments: [
        (["train"], "jq"), (["resume"], "jq"), (["evaluate"], "jq"), (["check"], "jq"), (["predict"], "q"),
        (["init"], "q"),
        (["data", "import"], "jq"), (["data", "convert"], "jq"), (["data", "split"], "jq"), (["data", "check"], "j"),
        (["data", "info"], "j"), (["data", "self-energies"], "jq"), (["model", "info"], "j"), (["benchmark"], "j"),
    ])
    func optionsAreAlike(_ command: [String], _ expected: String) throws {
        let help = try ProgramRun(command + ["--help"]).output
        #expect(help.contains("  --json  ") == expected.contains("j"))
        #expect(help.contains("  -q, --quiet  ") == expected.contains("q"))
    }

    @Test func quietCommandsTellNothing() throws {
        let trained = try TrainedModel.get()
        let folder = try TemporaryFolder()
        for arguments in [
            ["evaluate", trained.model, trained.data], ["init", trained.data],
            ["predict", trained.model, trained.data, "-o", "\(folder.path)/out.extxyz"],
            ["data", "import", trained.data, "-o", "\(folder.path)/data.apus"],
            ["data", "convert", trained.data, "-o", "\(folder.path)/data.db"], ["check", trained.model],
        ] {
            let run = try ProgramRun(arguments + ["--quiet"])
            #expect(run.code == 0 && run.messages.isEmpty, "\(arguments): \(run.messages)")
        }
    }

    // MARK: Completion

    @Test(arguments: ["bash", "zsh", "fish"])
    func scriptsCompleteKeysAndFiles(_ shell: String) throws {
        let script = try ProgramRun(["--generate-completion-script", shell])
        #expect(script.code == 0)
        for word in [
            "training.lr=", "dataset.file=", "potential.core_parameter.maximum_interaction_radius=", "toml", "extxyz",
        ] {
            #expect(script.output.contains(word), "\(word)")
        }
    }

    /// Bash itself completes.
    @Test(
        .enabled(if: fileExists("/bin/bash")),
        arguments: [
            ("apus train --set training.number_", "training.number_of_epochs="), ("apus train con", "config.toml"),
            ("apus evaluate mod", "model.apus"), ("apus ini", "init"), ("apus train --dry", "--dry-run"),
            ("apus data split --strategy first", "first_come_first_serve"),
        ])
    func bashCompletes(_ line: String, _ completion: String) throws {
        let folder = try TemporaryFolder()
        for name in ["config.toml", "config.txt", "model.apus"] { _ = try folder.write("", to: name) }
        let words = line.split(separator: " ").map(String.init)
        let script = """
            cd '\(folder.path)' && apus() { "$0" "$@"; }
            eval "$("$0" --generate-completion-script bash)"
            COMP_WORDS=(\(words.joined(separator: " "))); COMP_CWORD=\(words.count - 1)
            COMP_LINE='\(line)'; COMP_POINT=\(line.utf8.count)
            function=$(complete -p apus | sed 's/.*-F \\([^ ]*\\).*/\\1/')
            $function apus '\(words.last ?? "")' '\(words.dropLast().last ?? "")'
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let run = try ProgramRun(
            [], script: "exec /bin/bash -c \"$(cat '\(try folder.write(script, to: "complete"))')\" \"$0\"")
        let found = run.output.split(separator: "\n").map { $0.filter { $0 != " " } }
        #expect(found.contains(completion), "\(run.output) \(run.messages)")
        #expect(!found.contains("config.txt"))
    }

    // MARK: Options name themselves

    @Test func misfitsNameTheOption() throws {
        let trained = try TrainedModel.get()
        for (arguments, problem) in [
            (["--assign", "E=foo"], "data.extxyz, --assign E=foo: no frame has a key 'foo'; there are energy"),
            (["--energy-key", "foo"], "data.extxyz, --energy-key foo: no frame has a key 'foo'"),
            (["--forces-key", "foo"], "data.extxyz, --forces-key foo: no frame has a column 'foo'"),
            (["--energy-unit", "hartree"], "but --energy-unit is 'hartree'; remove the option"),
            (["--length-unit", "eV"], "--length-unit eV: "),
        ] {
            for command in [
                ["evaluate", trained.model, trained.data], ["data", "info", trained.data], ["init", trained.data],
            ] {
                let run = try ProgramRun(command + arguments)
                #expect([64, 65, 78].contains(run.code) && run.errors.count == 1)
                #expect(run.messages.contains(problem), "\(run.messages)")
                #expect(!run.messages.contains("properties_assignment") && !run.messages.contains("source_"))
            }
        }
        let set = try ProgramRun([
            "train", trained.configuration, "--dry-run", "--set", "dataset.properties_assignment.E=foo",
        ])
        #expect(set.code == 64)
        #expect(set.messages.contains("--set dataset.properties_assignment.E=foo: no frame has a key 'foo'"))
        let cutoff = try ProgramRun([
            "train", trained.configuration, "--dry-run", "--set",
            "potential.core_parameter.maximum_interaction_radius=0.1 angstrom",
        ])
        #expect(cutoff.code == 64)
        #expect(
            cutoff.messages.contains("--set potential.core_parameter.maximum_interaction_radius=0.1 angstrom: within"))
    }

    @Test func remediesNameOptions() throws {
        let folder = try TemporaryFolder()
        let ions = try folder.write(
            Molecules.text { lines, _ in
                lines[1] = "Properties=species:S:1:pos:R:3:junk:R:3 dipole=\"0.1 0.2 0.3\" total_charge=1"
            }, to: "ions.extxyz")
        let origin = try ProgramRun(["init", ions])
        #expect(origin.code == 65 && origin.messages.contains("state it with --multipole-origin center_of_mass"))
        let stated = try ProgramRun(["init", ions, "--multipole-origin", "center_of_mass"])
        #expect(stated.code == 0 && stated.output.contains("multipole_origin = \"center_of_mass\""))
        let data = try folder.write(Molecules.text(), to: "data.extxyz")
        let atoms = try ProgramRun(["data", "self-energies", data, "--isolated-atoms"])
        #expect(atoms.code == 65 && atoms.messages.contains("leave out --isolated-atoms"))
        #expect(try ProgramRun(["data", "self-energies", data]).code == 0)
    }

    // MARK: Selection

    @Test func forcesAndEnergiesHaveUnits() throws {
        let folder = try TemporaryFolder()
        let data = try folder.write(Molecules.text(), to: "data.extxyz")
        let output = "\(folder.path)/out.extxyz"
        func kept(_ arguments: [String]) throws -> Int {
            let run = try ProgramRun(["data", "convert", data, "-o", output, "--json"] + arguments)
            return try #require(try JSONValue(parsing: run.output)["configurations"]?.integer, "\(run.messages)")
        }
        // 1 eV/Å is 23.06 kcal/mol/Å.
        let some = try kept(["--maximum-force", "0.05 eV/angstrom"])
        #expect(some > 0 && some < 16)
        #expect(try kept(["--maximum-force", "1.15302 kcal/mol/angstrom"]) == some)
        #expect(try kept(["--maximum-force", "0.05 eV/angstrom", "--units", "kJ/mol,nm"]) == some)
        let imported = try ProgramRun([
            "data", "import", data, "-o", "\(folder.path)/a.apus", "--json", "--maximum-force",
            "1.15302 kcal/mol/angstrom",
        ])
        #expect(try JSONValue(parsing: imported.output)["configurations"]?.integer == some)
        // Sources in other units keep the same.
        #expect(
            try ProgramRun(["data", "convert", data, "-o", "\(folder.path)/k.extxyz", "--units", "kcal/mol,angstrom"])
                .code == 0)
        let other = try ProgramRun([
            "data", "import", "\(folder.path)/k.extxyz", "-o", "\(folder.path)/b.apus", "--json", "--maximum-force",
            "0.05 eV/angstrom",
        ])
        #expect(try JSONValue(parsing: other.output)["configurations"]?.integer == some)
        for (option, value) in [
            ("--maximum-force", "50"), ("--maximum-force", "50 eV"), ("--maximum-force", "-1 eV/angstrom"),
            ("--maximum-energy-deviation", "2"), ("--maximum-energy-deviation", "2 nm"),
        ] {
            let run = try ProgramRun(["data", "convert", data, "-o", output, "\(option)=\(value)"])
            #expect(run.code == 64 && run.messages.contains("\(option) \(value): "), "\(run.messages)")
        }
    }

    /// As Documentation/DataFormats.md says.
    @Test func elementsSelect() throws {
        let folder = try TemporaryFolder()
        // H2, H2O and, once, HFO.
        let data = try folder.write(
            Molecules.text { lines, k in if k == 5 { lines[3].replace("H ", with: "F ") } }, to: "data.extxyz")
        func kept(_ arguments: [String]) throws -> Int? {
            let run = try ProgramRun(
                ["data", "convert", data, "-o", "\(folder.path)/out.extxyz", "--json"] + arguments)
            return run.code == 0 ? try JSONValue(parsing: run.output)["configurations"]?.integer : nil
        }
        #expect(try kept(["--elements", "H,O"]) == 8)
        #expect(try kept(["--elements", "H,-O"]) == 8)
        #expect(try kept(["--elements", "-F"]) == 15)
        #expect(try kept(["--elements", "O,-F"]) == 7)
        #expect(try kept(["--elements", "F", "--elements", "-O"]) == 9)
        #expect(try kept(["--only-elements", "H,O"]) == 15)
        #expect(try kept(["--only-elements", "H,C,N"]) == 8)
        #expect(try kept(["--only-elements", "H,-O"]) == nil)
    }

    // MARK: Division

    /// `data split` writes the files that a run has, whatever the strategy and with single atoms in the data.
    @Test(arguments: [
        ([], ""),
        (["--sizes", "8,4,2", "--seed", "7"], "data_split = [8, 4, 2]\nseed = 7"),
        (["--strategy", "first_come_first_serve"], "name = \"first_come_first_serve\""),
        (["--test-seed", "3"], "test_seed = 3"),
        (
            ["--strategy", "random_conformer_splitting_strategy", "--sizes", "0.5,0.25,0.25"],
            "data_split = [0.5, 0.25, 0.25]"
        ),
    ])
    func splittingIsThatOfTraining(_ options: [String], _ keys: String) throws {
        let folder = try TemporaryFolder()
        let atom =
            "1\nProperties=species:S:1:pos:R:3:forces:R:3 energy=-9 length_unit=angstrom energy_unit=eV\nH 0 0 0 0 0 0\n"
        let data = try folder.write(Molecules.text(frames: 6) + atom + Molecules.text(frames: 14), to: "data.extxyz")
        let configuration = try folder.write(
            Molecules.configuration(
                run: "\(folder.path)/run", training: "[training.splitting_strategy]\n" + keys), to: "config.toml")
        let run = try ProgramRun(["train", configuration, "--set", "training.number_of_epochs=1"])
        #expect(run.code == 0, "\(run.messages)")
        let split = try ProgramRun(["data", "split", data, "-o", "\(folder.path)/split"] + options)
        #expect(split.code == 0, "\(split.messages)")
        #expect(names(in: "\(folder.path)/split") == names(in: "\(folder.path)/run/split"))
        for name in names(in: "\(folder.path)/split") ?? [] {
            #expect(try text("\(folder.path)/split/\(name)") == text("\(folder.path)/run/split/\(name)"), "\(name)")
        }
    }
}
