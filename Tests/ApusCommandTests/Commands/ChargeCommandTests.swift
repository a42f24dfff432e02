import ApusFiles
import ApusFormats
import ApusPotentials
import ApusTestSupport
import Testing

/// Training on charges and dipole moments of the shipped molecules, ions among them.
@Suite struct ChargeCommandTests {
    private static let data = "\(packageRoot)/Examples/small-molecules/small-molecules.extxyz"

    private func configuration(_ folder: TemporaryFolder, _ lines: String) throws -> String {
        let path = "\(folder.path)/run.toml"
        try writeFileAtomically(
            path: path,
            bytes: Array(
                """
                [potential]
                potential_name = "PaiNN"
                [potential.core_parameter]
                number_of_interaction_modules = 1
                featurization.atomic_number.number_of_per_atom_features = 8
                [dataset]
                file = "\(Self.data)"
                [training]
                number_of_epochs = 1
                splitting_strategy.data_split = [60, 20, 20]
                [runtime]
                output_directory = "\(folder.path)/run"
                \(lines)
                """.utf8))
        return path
    }

    private static let loss = """
        [training.loss_parameter]
        loss_components = ["per_system_energy", "per_atom_charge", "per_system_dipole_moment"]
        weight = { per_system_energy = 1, per_atom_charge = 2, per_system_dipole_moment = 3 }
        """

    @Test func chargesAndDipolesAreTrainedPredictedAndEvaluated() throws {
        let folder = try TemporaryFolder()
        let path = try configuration(folder, Self.loss)
        let run = try ProgramRun(["train", path, "--set", "dataset.multipole_origin=coordinates", "--json"])
        #expect(run.code == 0, "\(run.messages)")
        let rows = try #require(try JSONValue(parsing: run.output).array)
        let test = rows.filter { $0["split"]?.string == "test" }
        #expect(
            test.compactMap { $0["property"]?.string }
                == ["per_system_energy", "per_atom_energy", "per_system_dipole_moment", "per_atom_charge"])
        #expect(test.compactMap { $0["unit"]?.string } == ["eV", "eV", "e·Å", "e", "eV^2", "e^2", "e^2·Å^2", ""])
        let model = try ModelFile.read("\(folder.path)/run/model.apus").model
        #expect(model.heads.count == 1 && model.properties.contains(.dipole))
        let columns = try #require(
            String(decoding: readFile(path: "\(folder.path)/run/metrics.csv"), as: UTF8.self).split(separator: "\n")
                .first)
        for column in ["val/loss/per_atom_charge [e^2]", "val/per_system_dipole_moment/r2", "weight/per_atom_charge"] {
            #expect(columns.split(separator: ",").contains(Substring(column)), "\(column)")
        }

        let output = "\(folder.path)/out.extxyz"
        let predicted = try ProgramRun(["predict", "\(folder.path)/run/model.apus", Self.data, "-o", output])
        #expect(predicted.code == 0, "\(predicted.messages)")
        for frame in try ExtendedXYZ.read(output).prefix(200) {
            let charges = try frame.real(column: "charges")
            // Conserved, in float32.
            #expect(abs(charges.reduce(0, +) - (frame[info: "total_charge"]?.real ?? .nan)) < 1e-5)
            #expect(frame[info: "dipole"]?.reals?.count == 3)
        }
        // Its own predictions refer to the centre of mass, and are met.
        let again = try ProgramRun([
            "evaluate", "\(folder.path)/run/model.apus", output, "--multipole-origin", "center_of_mass", "--json",
        ])
        #expect(again.code == 0, "\(again.messages)")
        let errors = try #require(try JSONValue(parsing: again.output).array)
        for row in errors where row["property"]?.string != "per_system_total_charge" {
            #expect((row["max"]?.real ?? 1) < 1e-4, "\(row)")
        }
    }

    @Test func dipolesOfIonsNeedAnOrigin() throws {
        let folder = try TemporaryFolder()
        let run = try ProgramRun(["train", try configuration(folder, Self.loss)])
        #expect(run.code == 65)
        #expect(
            run.messages.contains(
                "depends on the point it refers to, which nobody states; set dataset.multipole_origin"))
    }

    @Test func aLossNeedsItsLabels() throws {
        let folder = try TemporaryFolder()
        let run = try ProgramRun([
            "train",
            try configuration(
                folder,
                """
                [training.loss_parameter]
                loss_components = ["per_system_energy", "per_system_quadrupole_moment"]
                """),
        ])
        #expect(run.code == 65)
        #expect(
            run.messages.contains("the file has no quadrupole moment under a usual name; name the key with dataset"))
        #expect(run.messages.contains("properties_assignment.quadrupole_moment"))
    }

    @Test func aHeadThatIsNotTrainedIsLeftOut() throws {
        let folder = try TemporaryFolder()
        let run = try ProgramRun([
            "train", try configuration(folder, ""), "--set",
            "potential.core_parameter.predicted_properties="
                + "[\"per_atom_energy\", \"per_atom_charge\"]",
        ])
        #expect(run.code == 0, "\(run.messages)")
        #expect(
            run.messages.contains(
                "per_atom_charge is not trained by any loss component, so the model will not predict it"))
        #expect(try ModelFile.read("\(folder.path)/run/model.apus").model.heads.isEmpty)
    }

    @Test func selfEnergiesOfTheConfigurationAndShifts() throws {
        let folder = try TemporaryFolder()
        let path = try configuration(
            folder,
            """
            [dataset.atomic_self_energies]
            H = "-13 eV"
            C = "-1 hartree"
            N = "-70 eV"
            O = "-100 eV"
            """)
        let run = try ProgramRun(["train", path, "--set", "training.shift_energies=mean"])
        #expect(run.code == 0, "\(run.messages)")
        #expect(
            run.messages.contains(
                "self-energies in eV: H -13.000000, C -27.211386, N -70.000000, O -100.00000; given by"))
        let model = try ModelFile.read("\(folder.path)/run/model.apus").model
        #expect(model.selfEnergies[7] == -70 && model.energyOffset != 0)
        // Energies of further elements do not make the model know them.
        let more = try ProgramRun(["train", path, "--overwrite", "--set", "dataset.atomic_self_energies.S=-400 eV"])
        #expect(more.code == 0, "\(more.messages)")
        #expect(
            try ModelFile.read("\(folder.path)/run/model.apus").model.elements.map(\.symbol) == ["H", "C", "N", "O"])
        let missing = try ProgramRun([
            "train", path, "--overwrite", "--set", "dataset.atomic_self_energies={H = \"-13 eV\"}",
        ])
        #expect(missing.code == 64)
        #expect(
            missing.messages.contains(
                "--set dataset.atomic_self_energies={H = \"-13 eV\"}: there is no self-energy for C, only for H"))
        let twice = try ProgramRun(["train", path, "--overwrite", "--set", "dataset.regression_ase=true"])
        #expect(
            twice.messages.contains(
                "dataset.atomic_self_energies is set, but dataset.self_energy_source is \"regression\""))
    }

    @Test func dataInfoAndSelfEnergies() throws {
        let info = try ProgramRun(["data", "info", Self.data])
        #expect(info.code == 0 && info.messages.isEmpty, "\(info.messages)")
        for text in [
            "2000 of 16 molecules", "-1 e: 125, 0 e: 1750, 1 e: 125", "partial charges", "forces and energies",
        ] {
            #expect(info.output.contains(text), "\(text)")
        }
        let json = try JSONValue(parsing: try ProgramRun(["data", "info", Self.data, "--json"]).output)
        #expect(json["labels"]?["dipole_moment"]?["unit"]?.string == "e·Å" && json["duplicates"]?.integer == 0)
        let fit = try ProgramRun(["data", "self-energies", Self.data, "--unit", "hartree"])
        #expect(fit.code == 0 && fit.output.hasPrefix("H  ") && fit.output.contains("condition number  "))
    }
}
