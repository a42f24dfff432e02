import ApusFiles
import ApusPotentials
import ApusTestSupport
import Testing

/// Data in which labels are missing, and single atoms among molecules.
@Suite struct MissingLabelTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func train(_ data: String, dataset: String = "", training: String = "") throws -> ProgramRun {
        _ = try folder.write(data, to: "data.extxyz")
        let configuration = try folder.write(
            Molecules.configuration(run: "\(folder.path)/run", dataset: dataset, training: training), to: "config.toml")
        return try ProgramRun(["train", configuration])
    }

    private var model: String { "\(folder.path)/run/model.apus" }

    /// Takes the forces out of a frame.
    private static func withoutForces(_ lines: inout [String]) {
        lines[1] = lines[1].replacing(":forces:R:3", with: "")
        for row in 2..<lines.count { lines[row] = lines[row].split(separator: " ").prefix(4).joined(separator: " ") }
    }

    private static func withoutEnergy(_ lines: inout [String]) {
        lines[1] = lines[1].replacing(/energy=[-.0-9e]+\s/, with: "")
    }

    @Test func anImportDropsWhatIsNotANumber() throws {
        let data = Molecules.text(frames: 24) { lines, k in
            if k == 4 { lines[1] = lines[1].replacing(/energy=[-.0-9e]+/, with: "energy=nan") }
        }
        let source = try folder.write(data, to: "a.extxyz")
        func run(_ command: String, _ output: String, _ options: [String]) throws -> ProgramRun {
            try ProgramRun(["data", command, source, "-o", "\(folder.path)/\(output)"] + options)
        }
        for (command, output) in [("import", "b.apus"), ("convert", "b.extxyz")] {
            let refused = try run(command, output, ["--require", "E"])
            #expect(refused.code == 65 && refused.messages.contains("leave it out with --require E --missing drop"))
            let dropped = try run(command, output, ["--require", "E", "--missing", "drop"])
            #expect(dropped.code == 0 && dropped.output.contains("23 configurations"), "\(dropped.messages)")
        }
    }

    /// What looks at data goes on after a label that is not a number, and counts such labels.
    @Test func looksCountWhatIsNotANumber() throws {
        let source = try folder.write(
            Molecules.text(frames: 24) { lines, k in
                if k % 8 == 4 { lines[1] = lines[1].replacing(/energy=[-.0-9e]+/, with: "energy=nan") }
            }, to: "a.extxyz")
        for command in ["check", "info"] {
            let text = try ProgramRun(["data", command, source])
            #expect(text.code == 0, "\(text.messages)")
            #expect(text.output.contains("not a number and taken as missing: the energy of 3 configurations"))
            #expect(!text.output.contains("all numbers finite"))
            let json = try JSONValue(parsing: try ProgramRun(["data", command, source, "--json"]).output)
            #expect(json["not_a_number"]?["E"]?.integer == 3)
        }
        let draft = try ProgramRun(["init", source])
        #expect(draft.output.contains("missing_labels = \"mask\""))
        #expect(draft.messages.contains("because of 24 configurations 21 have energy and 24 have forces"))
    }

    @Test func aMaskCountsWhatIsThere() throws {
        let data = Molecules.text(frames: 24) { lines, k in
            if k % 3 == 0 { Self.withoutForces(&lines) }
            if k == 4 { lines[1] = lines[1].replacing(/energy=[-.0-9e]+/, with: "energy=nan") }
        }
        #expect(try train(data).code == 65)
        let run = try train(data, dataset: "missing_labels = \"mask\"")
        #expect(run.code == 0, "\(run.messages)")
        #expect(run.messages.contains("23 of 24 configurations have energy"))
        #expect(run.messages.contains("16 of 24 configurations have forces"))
        #expect(run.messages.contains("not a number and taken as missing: the energy of 1 configuration"))
        let evaluation = try ProgramRun(["evaluate", model, "\(folder.path)/data.extxyz"])
        #expect(evaluation.code == 0 && evaluation.messages.contains("23 of 24 configurations have energy"))
    }

    @Test func forcesWithoutEnergies() throws {
        let data = Molecules.text(frames: 24) { lines, _ in Self.withoutEnergy(&lines) }
        let run = try train(
            data,
            training: "loss_parameter.loss_components = [\"per_atom_force\"]\nloss_parameter.weight.per_atom_force = 1")
        #expect(run.code == 0, "\(run.messages)")
        #expect(run.messages.contains("its energies are known up to a constant"))
        #expect(try ModelFile.read(model).model.energyReference == .upToConstant)
        let output = "\(folder.path)/out.extxyz"
        let prediction = try ProgramRun(["predict", model, "\(folder.path)/data.extxyz", "-o", output])
        #expect(prediction.code == 0 && prediction.messages.contains("known up to a constant"))
        #expect(String(decoding: try readFile(path: output), as: UTF8.self).contains("energy_reference=up_to_constant"))
    }

    /// The energy is asked for where the loss compares it.
    @Test func energiesThatTheLossNeeds() throws {
        let run = try train(Molecules.text { lines, _ in Self.withoutEnergy(&lines) })
        #expect(run.code == 65 && run.errors.first?.contains("the file has no energy under a usual name") == true)
    }

    @Test func chargesAlone() throws {
        let data = "\(packageRoot)/Examples/small-molecules/small-molecules.extxyz"
        let path = try folder.write(
            """
            [potential]
            potential_name = "PaiNN"
            [potential.core_parameter]
            number_of_interaction_modules = 1
            featurization.atomic_number.number_of_per_atom_features = 8
            predicted_properties = ["per_atom_energy", "per_atom_charge"]
            predicted_dim = [1, 1]
            [dataset]
            file = "\(data)"
            take_every = 10
            [training]
            number_of_epochs = 1
            loss_parameter.loss_components = ["per_atom_charge"]
            loss_parameter.weight.per_atom_charge = 1
            [runtime]
            output_directory = "\(folder.path)/run"
            """, to: "charges.toml")
        let run = try ProgramRun(["train", path])
        #expect(run.code == 0, "\(run.messages)")
        #expect(try ModelFile.read(model).model.energyReference == .untrained)
        let output = "\(folder.path)/out.extxyz"
        let prediction = try ProgramRun(["predict", model, data, "-o", output])
        #expect(prediction.code == 0 && prediction.messages.contains("neither energies nor forces"))
        let text = String(decoding: try readFile(path: output), as: UTF8.self)
        #expect(text.contains("charges:R:1") && !text.contains("forces:R:3") && !text.contains(" energy="))
    }

    // MARK: Single atoms

    private static let atoms = """
        1
        Properties=species:S:1:pos:R:3 energy=-13.5 config_type=IsolatedAtom length_unit=angstrom energy_unit=eV
        H 0 0 0
        1
        Properties=species:S:1:pos:R:3 energy=-2041.5 length_unit=angstrom energy_unit=eV
        O 0 0 0

        """

    @Test(arguments: [true, false]) func singleAtomsGiveSelfEnergies(_ isOwnFile: Bool) throws {
        _ = try folder.write(Self.atoms, to: "atoms.extxyz")
        let run = try train(
            (isOwnFile ? "" : Self.atoms) + Molecules.text(frames: 20),
            dataset: isOwnFile ? "isolated_atoms_file = \"atoms.extxyz\"" : "")
        #expect(run.code == 0, "\(run.messages)")
        #expect(run.messages.contains("self-energies in eV: H -13.500000, O -2041.5000; of the isolated atoms in"))
        #expect(run.messages.contains("2 single atoms are not trained on") == !isOwnFile)
        #expect(run.messages.contains("16 training, 2 validation, 2 test configurations"))
        let model = try ModelFile.read(model).model
        #expect(model.selfEnergies == [1: -13.5, 8: -2041.5])
        // The parts name positions in the file, where the atoms stand first.
        let parts = try ["train", "val", "test"].flatMap { name in
            try namesInFolder("\(folder.path)/run/split").filter { $0.contains(name) }.flatMap {
                String(decoding: try readFile(path: "\(folder.path)/run/split/\($0)"), as: UTF8.self)
                    .split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
            }
        }
        #expect(parts.sorted() == Array(isOwnFile ? 0..<20 : 2..<22))
    }

    @Test func atomsOfSomeElementsAreNotEnough() throws {
        let oxygen = Self.atoms.split(separator: "\n").suffix(3).joined(separator: "\n") + "\n"
        let run = try train(oxygen + Molecules.text(frames: 20))
        #expect(run.code == 0, "\(run.messages)")
        #expect(run.messages.contains("the energies of single atoms are not used, because there is none of H"))
        #expect(run.messages.contains("by regression on the training part"))
    }

    /// With forces, as other molecules.
    @Test func singleAtomsThatAreTrainedOn() throws {
        let atoms = Self.atoms.replacing("pos:R:3", with: "pos:R:3:forces:R:3").replacing(
            " 0 0 0\n", with: " 0 0 0 0 0 0\n")
        let run = try train(atoms + Molecules.text(frames: 18), dataset: "train_on_isolated_atoms = true")
        #expect(run.code == 0, "\(run.messages)")
        #expect(run.messages.contains("16 training, 2 validation, 2 test configurations"))
    }
}
