import ApusFiles
import ApusTestSupport
import Testing

/// Bad input ends in one line on standard error that names the place, the value and the remedy, and in an exit code
/// of sysexits; never in a crash, and nothing looks like a result.
@Suite struct BadInputTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Runs the program, checks the form of the failure and returns the sentence, without the folder of the test.
    private func failure(
        _ arguments: [String], code: Int32, environment: [String: String] = [:],
        _ location: SourceLocation = #_sourceLocation
    ) throws -> String {
        let run = try ProgramRun(arguments, environment: environment)
        #expect(run.code == code, "\(run.messages)", sourceLocation: location)
        #expect(run.output.isEmpty, sourceLocation: location)
        #expect(run.errors.count == 1, "\(run.messages)", sourceLocation: location)
        for word in ["Fatal error", "Crash", "Stack dump", "Swift.", "ApusError"] {
            #expect(!run.messages.contains(word), "\(run.messages)", sourceLocation: location)
        }
        // Notes about what was read may come before the error; nothing comes after it.
        let last = run.messages.split(separator: "\n").last.map(String.init) ?? ""
        #expect(last == run.errors.first, sourceLocation: location)
        return (run.errors.first ?? "").replacing("\(folder.path)/", with: "")
    }

    /// Trains on a text of extended XYZ.
    private func trainingFailure(
        _ data: String, code: Int32 = 65, cutoff: String = "4.0 angstrom", dataset: String = "", training: String = "",
        _ location: SourceLocation = #_sourceLocation
    ) throws -> String {
        _ = try folder.write(data, to: "data.extxyz")
        let configuration = try folder.write(
            Molecules.configuration(run: "\(folder.path)/run", cutoff: cutoff, dataset: dataset, training: training),
            to: "config.toml")
        let sentence = try failure(["train", configuration], code: code, location)
        #expect(names(in: "\(folder.path)/run") == nil, "a run folder is left", sourceLocation: location)
        return sentence
    }

    // MARK: Files

    @Test func missingFiles() throws {
        let trained = try TrainedModel.get()
        let (none, model) = ("\(folder.path)/none.extxyz", trained.model)
        let expected = "error: none.extxyz: there is no such file; check the path."
        #expect(try failure(["train", none], code: 66) == expected)
        let missingData = ["--set", "dataset.file=\"\(none)\""]
        #expect(try failure(["train", trained.configuration, "--dry-run"] + missingData, code: 66) == expected)
        #expect(try failure(["evaluate", model, none], code: 66) == expected)
        #expect(try failure(["evaluate", none, trained.data], code: 66) == expected)
        #expect(try failure(["predict", model, none, "-o", "\(folder.path)/out.xyz"], code: 66) == expected)
        #expect(try failure(["check", none], code: 66) == expected)
        #expect(try failure(["check", model, none], code: 66) == expected)
        #expect(try failure(["model", "info", none], code: 66) == expected)
        #expect(try failure(["benchmark", "--data", none], code: 66) == expected)
    }

    @Test func truncatedFiles() throws {
        let lines = Molecules.text(frames: 6).split(separator: "\n")
        // The last frame has five lines: the number of atoms, the comment and three atoms.
        #expect(
            try trainingFailure(lines.dropLast(1).joined(separator: "\n"))
                == "error: data.extxyz, frame 6, line 26: the frame announces 3 atoms in line 23, but the file ends "
                + "after 2; the file is truncated, or the number of atoms is wrong.")
        #expect(
            try trainingFailure(lines.dropLast(4).joined(separator: "\n")).hasPrefix(
                "error: data.extxyz, frame 6, line 23: the comment line is missing"))
        let cut = String(lines.joined(separator: "\n").dropLast(40))
        #expect(
            try trainingFailure(cut).hasPrefix(
                "error: data.extxyz, frame 6, line 27: an atom needs 7 columns, but the line has "))
    }

    @Test func fewerAtomsThanAnnounced() throws {
        let text = Molecules.text { lines, k in if k == 3 { lines.removeLast() } }
        let sentence = try trainingFailure(text)
        // The first line of the next frame, a number alone, stands where the atom is missing.
        #expect(sentence.hasPrefix("error: data.extxyz, frame 4, line 18: an atom needs 7 columns, but the line has 1"))
        #expect(sentence.contains("number of atoms"))
    }

    @Test func noData() throws {
        #expect(try trainingFailure("") == "error: data.extxyz: the file has no frame; check that it is complete.")
    }

    // MARK: Labels

    @Test func labelsThatAreNotNumbers() throws {
        let energy = Molecules.text { lines, k in
            if k == 2 { lines[1] = lines[1].replacing(/energy=[-.0-9]+/, with: "energy=low") }
        }
        #expect(
            try trainingFailure(energy) == "error: data.extxyz, frame 3, line 10: the energy 'energy' must be one "
                + "number, but it is 'low'; correct it, or remove it and set dataset.missing_labels to \"drop\" or \"mask\"."
        )
        let force = Molecules.text { lines, k in if k == 2 { lines[3] = "H 0.8 0 0 0.1 1.2.3 0" } }
        #expect(
            try trainingFailure(force)
                == "error: data.extxyz, frame 3, line 13: column 'forces' holds '1.2.3', which is not a number; "
                + "correct the line.")
    }

    @Test func labelsThatAreNotFinite() throws {
        let energy = Molecules.text { lines, k in
            if k == 2 { lines[1] = lines[1].replacing(/energy=[-.0-9]+/, with: "energy=nan") }
        }
        #expect(
            try trainingFailure(energy) == "error: data.extxyz, frame 3, line 10: the energy must be finite, but nan "
                + "was found; correct the value or remove the frame, or set dataset.missing_labels to \"drop\" or \"mask\"."
        )
        let force = Molecules.text { lines, k in if k == 2 { lines[3] = "H 0.8 0 0 0.1 inf 0" } }
        #expect(
            try trainingFailure(force)
                == "error: data.extxyz, frame 3, line 10: the forces of atom 1 (counted from 0) must be finite, but "
                + "inf was found; correct the value or remove the frame.")
    }

    @Test func missingLabels() throws {
        let energy = Molecules.text { lines, k in
            if k == 2 { lines[1] = lines[1].replacing(/energy=[-.0-9]+/, with: "") }
        }
        #expect(
            try trainingFailure(energy).hasPrefix(
                "error: data.extxyz, frame 3, line 10: the energy 'energy' is missing"))
        let forces = Molecules.text { lines, _ in lines[1] = lines[1].replacing("forces:", with: "slopes:") }
        let sentence = try trainingFailure(forces)
        #expect(sentence.hasPrefix("error: data.extxyz: the file has no forces under a usual name"))
        #expect(sentence.contains("slopes"))
    }

    @Test func forcesOfTheWrongShape() throws {
        let text = Molecules.text { lines, _ in
            lines[1] = lines[1].replacing("forces:R:3", with: "forces:R:2:other:R:1")
        }
        #expect(
            try trainingFailure(text).hasPrefix(
                "error: data.extxyz, frame 1, line 1: the column 'forces' with the forces must have three numbers per "
                    + "atom, but it is forces:R:2"))
    }

    @Test func unknownElements() throws {
        let text = Molecules.text { lines, k in if k == 1 { lines[2] = lines[2].replacing("O ", with: "Xx ") } }
        let lower = text.replacing("Xx ", with: "CO ")
        #expect(try trainingFailure(lower).hasSuffix("\"CO\" is not the symbol of an element; did you mean \"Co\"?"))
        #expect(
            try trainingFailure(text) == "error: data.extxyz, frame 2, line 7: \"Xx\" is not the symbol of an element; "
                + "symbols are written like H, C or Cl.")
    }

    @Test func atomsOnOnePoint() throws {
        let text = Molecules.text { lines, k in if k == 2 { lines[3] = lines[2] } }
        let expected =
            "error: data.extxyz, frame 3, line 10: the atoms 0 (H) and 1 (H), counted from 0, are 0.0 Å apart, which "
            + "is as good as on one point; remove one of them or correct its position."
        #expect(try trainingFailure(text) == expected)
        let data = "\(folder.path)/data.extxyz"
        let model = try TrainedModel.get().model
        #expect(try failure(["evaluate", model, data], code: 65) == expected)
        #expect(try failure(["predict", model, data, "-o", "\(folder.path)/out.xyz"], code: 65) == expected)
        #expect(names(in: folder.path)?.contains("out.xyz") == false)
    }

    // MARK: Units

    @Test func unitsInTheFile() throws {
        let unknown = Molecules.text { lines, _ in lines[1] = lines[1].replacing("unit=eV", with: "unit=fortnight") }
        #expect(
            try trainingFailure(unknown).hasPrefix(
                "error: data.extxyz, frame 1, line 1, key 'energy_unit': unknown unit \"fortnight\"; accepted are"))
        let wrong = Molecules.text { lines, _ in lines[1] = lines[1].replacing("unit=angstrom", with: "unit=eV") }
        #expect(
            try trainingFailure(wrong).hasPrefix(
                "error: data.extxyz, frame 1, line 1, key 'length_unit': \"eV\" is a unit of energy, but a unit of "
                    + "length is needed"))
    }

    @Test func unitsInTheConfiguration() throws {
        let unknown = try trainingFailure(Molecules.text(), code: 78, cutoff: "5 furlong")
        #expect(unknown.hasPrefix("error: config.toml, line 4: ") && unknown.contains("\"furlong\""))
        #expect(unknown.contains("potential.core_parameter.maximum_interaction_radius"))
        let wrong = try trainingFailure(Molecules.text(), code: 78, cutoff: "5 eV")
        #expect(wrong.hasPrefix("error: config.toml, line 4: ") && wrong.contains("unit of length is needed"))
        let dataset = try trainingFailure(Molecules.text(), code: 78, dataset: "source_energy_unit = \"nm\"")
        #expect(dataset.hasPrefix("error: config.toml, line 10: ") && dataset.contains("unit of energy is needed"))
    }

    // MARK: Configuration

    @Test func unknownAndIllTypedKeys() throws {
        #expect(
            try trainingFailure("", code: 78, training: "batchsize = 3")
                == "error: config.toml, line 14: unknown key 'training.batchsize' (did you mean 'batch_size'?).")
        #expect(
            try trainingFailure("", code: 78, training: "lr = \"fast\"")
                == "error: config.toml, line 14: training.lr takes a number > 0, found \"fast\".")
        #expect(try trainingFailure("", code: 78, training: "lr = = 1").hasPrefix("error: config.toml, line 14"))
    }

    @Test func splits() throws {
        let split = { (fractions: String) in "splitting_strategy.data_split = \(fractions)" }
        let sum = try trainingFailure(Molecules.text(), code: 78, training: split("[0.5, 0.2, 0.2]"))
        #expect(sum.hasPrefix("error: config.toml, line 14: ") && sum.contains("[0.5, 0.2, 0.2] sum to 0.9;"))
        let empty = try trainingFailure(Molecules.text(), code: 78, training: split("[0.0, 0.5, 0.5]"))
        #expect(empty.contains("leaves nothing for training; make the first one larger"))
        let single = try trainingFailure(Molecules.text(frames: 1), code: 78)
        let key = "error: config.toml, training.splitting_strategy.data_split: "
        #expect(single.hasPrefix(key + "the validation part of 1 configuration would be empty"))
        let many = try trainingFailure(Molecules.text(), code: 78, training: split("[15, 1, 1]"))
        #expect(many.hasPrefix(key + "[15, 1, 1] is more than the 16 configurations that there are"))
        // Rounding is no mistake.
        _ = try folder.write(Molecules.text(), to: "data.extxyz")
        let fine = try folder.write(
            Molecules.configuration(run: "\(folder.path)/run", training: split("[0.7, 0.2, 0.1]")), to: "fine.toml")
        #expect(try ProgramRun(["train", fine]).code == 0)
    }

    @Test func noTrainingConfigurations() throws {
        let sentence = try trainingFailure(
            Molecules.text(frames: 2), code: 78,
            training: "splitting_strategy.data_split = [1e-9, 0.5, 0.499999999]")
        #expect(sentence.contains("data_split: the training part of 2 configurations would be empty"))
    }

    @Test func elementsOutsideTheTrainingPart() throws {
        let text = Molecules.text { lines, k in if k == 15 { lines[2] = lines[2].replacing("O ", with: "C ") } }
        let sentence = try trainingFailure(
            text, training: "splitting_strategy = { name = \"first_come_first_serve\" }")
        #expect(sentence.hasPrefix("error: data.extxyz, frame 16, line 68: the test part has the element C here"))
    }

    @Test func aCutoffWithoutNeighbors() throws {
        #expect(
            try trainingFailure(Molecules.text(), code: 78, cutoff: "0.3 angstrom")
                == "error: config.toml, potential.core_parameter.maximum_interaction_radius: within 0.3 Å no atom of the training "
                + "part has a neighbour; raise the cutoff, or check the length unit of the data.")
    }

    @Test func aRunFolderThatCannotBeMade() throws {
        let trained = try TrainedModel.get()
        // Below a file, where not even root can make one.
        let path = "\(trained.configuration)/run"
        let sentence = try failure(
            ["train", trained.configuration, "--quiet", "--set", "runtime.output_directory=\"\(path)\""], code: 74)
        #expect(sentence.hasPrefix("error: \(path): the folder cannot be written (Not a directory)"))
        let file = try failure(
            ["train", trained.configuration, "--set", "runtime.output_directory=\"\(trained.data)\""], code: 74)
        #expect(file.hasPrefix("error: \(trained.data): the path is a file where a folder is needed"))
        let output = try failure(["predict", trained.model, trained.data, "-o", "\(trained.data)/out.xyz"], code: 74)
        #expect(output.contains("there is no folder \(trained.data)/ (Not a directory); choose another folder."))
    }

    /// Predictions never replace the labels that they were made for.
    @Test func predictionsDoNotReplaceTheirInput() throws {
        let text = Molecules.text()
        let data = try folder.write(text, to: "data.extxyz")
        let model = try TrainedModel.get().model
        let sentence = try failure(["predict", model, data, "-o", "\(folder.path)/./data.extxyz"], code: 64)
        #expect(
            sentence == "error: --output ./data.extxyz: this is the input data.extxyz, which would be lost; name "
                + "another file.")
        #expect(try readFile(path: data) == Array(text.utf8))
    }

    // MARK: Models

    @Test func damagedModels() throws {
        let bytes = try readFile(path: TrainedModel.get().model)
        let info = { (bytes: [UInt8], location: SourceLocation) in
            try failure(["model", "info", folder.write(bytes, to: "bad.apus")], code: 65, location)
        }
        for count in [0, 5, 500, bytes.count / 2, bytes.count - 1] {
            let sentence = try info(Array(bytes.prefix(count)), #_sourceLocation)
            #expect(sentence.hasPrefix("error: bad.apus"), "\(count) bytes")
        }
        // A change that leaves everything readable is found by the checksum.
        var edited = try Safetensors.read(TrainedModel.get().model)
        edited.metadata["shift"] = "0.5"
        let sentence = try info(edited.serialized(), #_sourceLocation)
        #expect(sentence.hasPrefix("error: bad.apus: the checksum is wrong, so something in the file has changed"))
        #expect(
            try info(Array(Molecules.text().utf8), #_sourceLocation).hasPrefix("error: bad.apus: the header announces"))
    }

    @Test func newerModels() throws {
        var newer = try Safetensors.read(TrainedModel.get().model)
        newer.metadata["format_version"] = "7"
        let model = try folder.write(newer.serialized(), to: "newer.apus")
        let expected =
            "error: newer.apus, metadata 'format_version': format version 7 is newer than this program understands "
            + "(3); update apus."
        #expect(try failure(["model", "info", model], code: 65) == expected)
        #expect(try failure(["evaluate", model, TrainedModel.get().data], code: 65) == expected)
    }

    @Test func elementsThatTheModelDoesNotKnow() throws {
        let model = try TrainedModel.get().model
        let data = try folder.write(
            Molecules.text { lines, k in if k == 3 { lines[4] = lines[4].replacing("H ", with: "C ") } },
            to: "carbon.extxyz")
        let output = "\(folder.path)/out.xyz"
        for arguments in [["evaluate", model, data], ["predict", model, data, "-o", output], ["check", model, data]] {
            let sentence = try failure(arguments + (arguments[0] == "check" ? ["--count", "16"] : []), code: 65)
            #expect(sentence.hasPrefix("error: carbon.extxyz, frame 4, line 14: "), "\(sentence)")
            #expect(sentence.contains("the element C of atom 2") && sentence.contains("only for H, O"), "\(sentence)")
        }
        #expect(names(in: folder.path)?.contains("out.xyz") == false)
    }

    // MARK: Command line

    @Test(arguments: [
        (["train", "x.toml", "--nope"], "Unknown option '--nope'"),
        (["fly"], "'fly' is not a command of apus. There are init"),
        (["train"], "Name a configuration file"), (["predict", "m", "d"], "Missing expected argument '--output"),
        (["evaluate", "m", "d", "--threads", "0"], "--threads must be at least 1, not 0"),
        (["evaluate", "m", "d", "--energy-unit", "furlong"], "'furlong' is invalid for '--energy-unit"),
        (["benchmark", "--data", "d", "--targets", "charge"], "not 'charge'"),
        (["benchmark", "--data", "d", "--profile=yes"], "--profile"),
        (["benchmark", "--data", "d", "--profile", "--seconds", "inf"], "must be positive"),
        (["benchmark", "--data", "d", "--inference", "--tables", "true"], "--inference goes without --targets"),
        (["benchmark", "--data", "d", "--inference", "--targets", "energy"], "--inference goes without --targets"),
        (["benchmark", "--data", "d", "--inference", "--tables", "true"], "--inference goes without --targets"),
        (["model", "program", "m", "--atoms", "0"], "--systems and --atoms must be at least 1"),
        (["check", "m", "--count", "0"], "--count must be at least 1, not 0"),
        (["train", "x.toml", "--quiet=3"], "--quiet"),
    ])
    func wrongUsage(_ arguments: [String], _ words: String) throws {
        let run = try ProgramRun(arguments)
        #expect(run.code == 64 && run.output.isEmpty)
        // The usage of the command follows the error.
        #expect(run.errors.count == 1 && run.errors[0].contains(words), "\(run.messages)")
    }

    @Test func overridesThatAreWrong() throws {
        let configuration = try TrainedModel.get().configuration
        #expect(
            try failure(["train", configuration, "--set", "training.batchsize=3"], code: 64)
                == "error: --set training.batchsize=3: unknown key 'training.batchsize' (did you mean 'batch_size'?).")
        #expect(try failure(["train", configuration, "--set", "training.lr"], code: 64).contains("training.lr"))
    }

    @Test func anInstructionSetThatDoesNotExist() throws {
        let trained = try TrainedModel.get()
        for arguments in [
            ["train", trained.configuration, "--dry-run"], ["evaluate", trained.model, trained.data],
            ["check", trained.model],
            ["benchmark", "--data", trained.data],
        ] {
            let sentence = try failure(arguments, code: 64, environment: ["APUS_ISA": "nonsense"])
            let problem = "error: environment variable APUS_ISA: 'nonsense' is not an instruction set of this machine"
            #expect(sentence.hasPrefix(problem + "; unset it or choose one of ") && sentence.hasSuffix("."))
            #expect(sentence.contains("x86-64") || sentence.contains("neon"))
        }
    }
}
