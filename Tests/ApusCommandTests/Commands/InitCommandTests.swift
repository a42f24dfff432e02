import ApusDatasets
import ApusFiles
import ApusFormats
import ApusTestSupport
import Testing

@testable import ApusRun

/// `apus init`: the configuration that it writes trains, whatever the data.
@Suite struct InitCommandTests {
    private static let fixtures = "\(packageRoot)/Tests/ApusDatasetsTests/Fixtures"

    /// Writes a configuration for data and makes sure that it passes a dry run.
    private func initialised(
        _ data: String, _ folder: TemporaryFolder, _ options: [String] = []
    ) throws -> (text: String, configuration: RunConfiguration) {
        let file = "\(folder.path)/new.toml"
        let run = try ProgramRun(["init", data, "-o", file, "--overwrite"] + options)
        #expect(run.code == 0 && run.errors.isEmpty && run.output.isEmpty, "\(data): \(run.messages)")
        let dry = try ProgramRun(["train", file, "--dry-run"])
        #expect(dry.code == 0 && dry.errors.isEmpty, "\(data): \(dry.messages)")
        let (configuration, notices) = try RunConfiguration.read(path: file)
        #expect(notices.isEmpty)
        return (String(decoding: try readFile(path: file), as: UTF8.self), configuration)
    }

    /// Trains an epoch with the configuration, to the end.
    private func train(_ folder: TemporaryFolder) throws {
        let run = try ProgramRun([
            "train", "\(folder.path)/new.toml", "--set", "training.number_of_epochs=1", "--set",
            "runtime.output_directory=\(folder.path)/run", "--set",
            "potential.core_parameter.featurization.atomic_number.number_of_per_atom_features=8",
        ])
        #expect(run.code == 0 && run.errors.isEmpty, "\(run.messages)")
    }

    @Test func energiesAndForces() throws {
        let folder = try TemporaryFolder()
        let data = try folder.write(Molecules.text(), to: "my data.extxyz")
        let (text, configuration) = try initialised(data, folder)
        #expect(configuration.training.lossComponents.map(\.name) == ["per_atom_energy", "per_atom_force"])
        #expect(configuration.training.monitor.name == "val/per_atom_force/mae")
        #expect(configuration.potential.network.name == "PaiNN")
        for words in ["elements: H, O", "16 configurations of 2 molecules, 2 to 3 atoms", "energy from 'energy' in eV"]
        {
            #expect(text.contains("# " + words), "\(words)")
        }
        try train(folder)
        let schnet = try ProgramRun(["init", data, "--potential", "schnet"])
        #expect(schnet.code == 0 && schnet.output.contains("potential_name = \"SchNet\""))
        #expect(schnet.output.contains("file = \"\(data)\""))
    }

    /// An energy under another name is not left out silently.
    @Test func anEnergyUnderAnotherName() throws {
        let folder = try TemporaryFolder()
        let data = try folder.write(
            Molecules.text { lines, _ in lines[1] = lines[1].replacing(" energy=", with: " U0=") }, to: "data.extxyz")
        let run = try ProgramRun(["init", data])
        #expect(run.code == 0 && run.messages.contains("no energy under a usual name"), "\(run.messages)")
        #expect(run.messages.contains("name it with --assign E=KEY: U0"))
        let named = try ProgramRun(["init", data, "--assign", "E=U0"])
        #expect(named.code == 0 && !named.messages.contains("no energy"), "\(named.messages)")
    }

    /// Paths lead from the folder of the configuration to the data.
    @Test func pathsAreRelativeToTheConfiguration() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(Molecules.text(), to: "data.extxyz")
        try createFolder("\(folder.path)/runs")
        let script =
            "cd '\(folder.path)' && \"$0\" init data.extxyz -o runs/new.toml && \"$0\" train runs/new.toml --dry-run"
        let run = try ProgramRun([], script: script)
        #expect(run.code == 0, "\(run.messages)")
        let text = String(decoding: try readFile(path: "\(folder.path)/runs/new.toml"), as: UTF8.self)
        #expect(text.contains("\nfile = \"../data.extxyz\""))
        // What stands there is not replaced unless it may be, and never the data.
        let again = try ProgramRun(["init", "\(folder.path)/data.extxyz", "-o", "\(folder.path)/runs/new.toml"])
        #expect(again.code == 64 && again.errors.count == 1 && again.messages.contains("--overwrite"))
        #expect(try text == String(decoding: readFile(path: "\(folder.path)/runs/new.toml"), as: UTF8.self))
        // The name fits a configuration, but the content is the data's.
        let data = try folder.write(Molecules.text(), to: "data.toml")
        let input = try ProgramRun(["init", data, "-o", data, "--overwrite"])
        #expect(input.code == 64 && input.messages.contains("this is the input"), "\(input.messages)")
        #expect(try String(decoding: readFile(path: data), as: UTF8.self) == Molecules.text())
    }

    @Test(arguments: [2, 3, 5, 9, 10, 40])
    func fewConfigurations(_ count: Int) throws {
        let folder = try TemporaryFolder()
        let data = try folder.write(Molecules.text(frames: count), to: "data.extxyz")
        _ = try initialised(data, folder)
        try train(folder)
    }

    @Test func oneLabelAlone() throws {
        let folder = try TemporaryFolder()
        let energies = try folder.write(
            Molecules.text { lines, _ in
                lines[1].replace(":forces:R:3", with: "")
                for k in 2..<lines.count { lines[k] = lines[k].split(separator: " ").prefix(4).joined(separator: " ") }
            }, to: "energies.extxyz")
        #expect(
            try initialised(energies, folder).configuration.training.lossComponents.map(\.name) == [
                "per_atom_energy"
            ])
        try train(folder)
        removeTree("\(folder.path)/run")
        let forces = try folder.write(
            Molecules.text { lines, _ in lines[1] = "Properties=species:S:1:pos:R:3:forces:R:3" }, to: "forces.extxyz")
        #expect(
            try initialised(forces, folder).configuration.training.lossComponents.map(\.name) == ["per_atom_force"])
        try train(folder)
        removeTree("\(folder.path)/run")
        let dipoles = try folder.write(
            Molecules.text { lines, _ in
                lines[1] = "Properties=species:S:1:pos:R:3:forces_of_nobody:R:3 dipole=\"0.1 0.2 0.3\""
            }, to: "dipoles.extxyz")
        #expect(
            try initialised(dipoles, folder).configuration.training.lossComponents.map(\.name)
                == ["per_system_dipole_moment"])
        try train(folder)
    }

    @Test func missingLabelsAreMasked() throws {
        let folder = try TemporaryFolder()
        let data = try folder.write(
            Molecules.text { lines, k in if k % 4 == 0 { lines[1].replace("energy=-", with: "nothing=-") } },
            to: "data.extxyz")
        #expect(try initialised(data, folder).configuration.dataset.missingLabels == .mask)
        try train(folder)
    }

    /// Charges that differ are told to the network, and further labels are proposed in a comment.
    @Test func chargesAndFurtherLabels() throws {
        let folder = try TemporaryFolder()
        let data = try folder.write(
            Molecules.text { lines, k in lines[1] += " total_charge=\(k % 2) dipole=\"0.1 0.2 0.3\"" },
            to: "data.extxyz")
        let (text, configuration) = try initialised(data, folder)
        #expect(configuration.potential.featurizedProperties == [.atomicNumber, .totalCharge])
        #expect(
            text.contains("# The data also have dipole moment") && text.contains("add \"per_system_dipole_moment\""))
        try train(folder)
    }

    /// An element of one configuration alone is in the training part.
    @Test func rareElements() throws {
        let folder = try TemporaryFolder()
        let data = try folder.write(
            Molecules.text { lines, k in if k == 5 { lines[3].replace("H ", with: "F ") } }, to: "data.extxyz")
        _ = try initialised(data, folder)
        try train(folder)
    }

    /// What is stated for reading goes into the configuration.
    @Test func unitsAndKeysThatAreStated() throws {
        let folder = try TemporaryFolder()
        let data = try folder.write(
            Molecules.text { lines, _ in
                lines[1].replace("energy=", with: "my_energy=")
                lines[1].replace(" energy_unit=eV", with: "")
            }, to: "data.extxyz")
        let run = try initialised(data, folder, ["--assign", "E=my_energy", "--energy-unit", "kcal/mol"])
        #expect(run.configuration.dataset.assignment == [.energy: "my_energy"])
        #expect(run.configuration.dataset.sourceUnits[.energy]?.symbol == "kcal/mol")
        let assumed = try ProgramRun(["init", data, "--assign", "E=my_energy"])
        #expect(assumed.output.contains("# source_energy_unit = \"kcal/mol\"  # if it is not the unit"))
    }

    @Test(arguments: [
        "aimnet.h5", "ani1.h5", "ani1x.h5", "ani2x.h5", "ase.db", "ase_old.db", "md17.npz", "qm9", "qm9.tar.bz2",
        "rattled.extxyz", "rmd17.npz", "schnetpack.db", "sgdml.npz", "spice.hdf5", "torchani.h5",
    ])
    func everyFormat(_ name: String) throws {
        _ = try initialised("\(Self.fixtures)/\(name)", try TemporaryFolder())
    }

    @Test func dataOfModelforge() throws {
        let folder = try TemporaryFolder()
        let data = try folder.write(Molecules.text(), to: "data.extxyz")
        #expect(try ProgramRun(["data", "convert", data, "-o", "\(folder.path)/data.hdf5"]).code == 0)
        _ = try initialised("\(folder.path)/data.hdf5", folder)
        try train(folder)
    }

    /// Self-energies of the file that lack an element do not prevent training.
    @Test func incompleteSelfEnergies() throws {
        let folder = try TemporaryFolder()
        let data = try folder.write(
            Molecules.text { lines, k in if k == 0 { lines[1] += " atomic_self_energies=\"_JSON {\\\"H\\\": -10}\"" } },
            to: "data.extxyz")
        _ = try initialised(data, folder)
    }

    /// Arrays that state no unit need one, which then stands in the configuration.
    @Test func arraysWithoutUnits() throws {
        let folder = try TemporaryFolder()
        let water = try Dataset.read(path: try folder.write(Molecules.text(frames: 40), to: "data.extxyz"))
            .configurations.filter { $0.system.count == 3 }
        var archive = NumpyArchiveWriter()
        let positions = water.flatMap { $0.system.positions.flatMap { [$0.x, $0.y, $0.z] } }
        archive.add("R", positions, shape: [water.count, 3, 3])
        archive.add("Z", water[0].system.numbers, shape: [3])
        archive.add("E", water.map { $0.energy ?? .nan }, shape: [water.count])
        archive.add("F", water.flatMap { $0[.forces] ?? [] }, shape: [water.count, 3, 3])
        let data = "\(folder.path)/data.npz"
        try archive.write(to: data)
        let silent = try ProgramRun(["init", data])
        #expect(silent.code != 0 && silent.messages.contains("state them with --length-unit and --energy-unit"))
        let units = ["--length-unit", "angstrom", "--energy-unit", "eV"]
        let (text, _) = try initialised(data, folder, units)
        #expect(text.contains("\nsource_energy_unit = \"eV\"") && text.contains("\nsource_length_unit = \"angstrom\""))
        try train(folder)
    }

    @Test func importedData() throws {
        let folder = try TemporaryFolder()
        let data = try folder.write(Molecules.text(), to: "data.extxyz")
        #expect(try ProgramRun(["data", "import", data, "-o", "\(folder.path)/data.apus"]).code == 0)
        _ = try initialised("\(folder.path)/data.apus", folder)
        try train(folder)
    }

    @Test func whatCannotBeTrainedOn() throws {
        let folder = try TemporaryFolder()
        let bare = try folder.write(
            Molecules.text { lines, _ in lines[1] = "Properties=species:S:1:pos:R:3:junk:R:3 spare=1.5" },
            to: "bare.extxyz")
        let nothing = try ProgramRun(["init", bare])
        #expect(nothing.code == 65 && nothing.output.isEmpty && nothing.errors.count == 1)
        #expect(nothing.messages.contains("spare") && nothing.messages.contains("--assign E="), "\(nothing.messages)")
        let one = try ProgramRun(["init", try folder.write(Molecules.text(frames: 1), to: "one.extxyz")])
        #expect(one.code == 65 && one.messages.contains("at least 2"), "\(one.messages)")
    }
}
