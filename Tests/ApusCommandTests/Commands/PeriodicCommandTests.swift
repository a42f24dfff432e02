import ApusFiles
import ApusTestSupport
import Testing

/// A crystal through training, evaluation, prediction, checks and the report.
@Suite struct PeriodicCommandTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// The invented molecules in strained cells in which they meet no image, with stresses of a spring between the
    /// first two atoms.
    private func crystals() -> String {
        Molecules.text { lines, k in
            let side = 4.5 + 0.02 * Double(k % 5)
            let components: [String] = (0..<6).map { "\(0.001 * Double(($0 + k) % 7 - 3))" }
            let stress = components.joined(separator: " ")
            lines[1] += " Lattice=\"\(side) 0 0 0.4 \(side) 0 0 0.3 \(side)\" stress=\"\(stress)\""
        }
    }

    @Test func fromTrainingToTheReport() throws {
        let data = try folder.write(crystals(), to: "data.extxyz")
        let configuration = Molecules.configuration(
            run: "\(folder.path)/run", data: data,
            training: """
                monitor = "val/per_system_stress/mae"
                [training.loss_parameter]
                loss_components = ["per_system_energy", "per_atom_force", "per_system_stress", "per_system_virial"]
                weight = { per_system_energy = 0.1, per_atom_force = 1.0, per_system_stress = 100.0, per_system_virial = 0.1 }
                """)
        let config = try folder.write(configuration, to: "config.toml")
        let training = try ProgramRun(["train", config])
        #expect(training.code == 0, "\(training.messages)")
        let metrics = try JSONValue(parsing: readFile(path: "\(folder.path)/run/metrics.json"))
        #expect("\(metrics)".contains("per_system_virial"))

        // The same errors in eV/Å³ and in GPa.
        let evaluation = try ProgramRun(["evaluate", "\(folder.path)/run", data])
        #expect(evaluation.code == 0, "\(evaluation.messages)")
        let rows = evaluation.output.split(separator: "\n").filter { $0.contains("per_system_stress") }.map {
            $0.split(separator: " ").map(String.init)
        }
        #expect(rows.map { $0[2] } == ["eV/Å^3", "GPa"], "\(evaluation.output)")
        let errors = rows.compactMap { Double($0[3]) }
        #expect(errors.count == 2 && abs(errors[1] / errors[0] / 160.2177 - 1) < 1e-3)
        #expect(evaluation.output.contains("per_system_virial"))

        let predicted = "\(folder.path)/predicted.extxyz"
        let prediction = try ProgramRun(["predict", "\(folder.path)/run", data, "-o", predicted])
        #expect(prediction.code == 0, "\(prediction.messages)")
        let frames = try comments(predicted)
        #expect(frames.count == 16 && frames.allSatisfy { $0.contains(" stress=\"") && $0.contains(" virial=\"") })
        #expect(frames.allSatisfy { $0.contains("Lattice=\"4.5") && $0.contains("pbc=\"T T T\"") })
        // Molecules without cells have no stress.
        let free = try folder.write(Molecules.text(), to: "free.extxyz")
        let plain = "\(folder.path)/plain.extxyz"
        #expect(try ProgramRun(["predict", "\(folder.path)/run", free, "-o", plain]).code == 0)
        #expect(try comments(plain).allSatisfy { !$0.contains("stress") && !$0.contains("virial") })

        let check = try ProgramRun(["check", "\(folder.path)/run", data])
        #expect(check.code == 0, "\(check.messages) \(check.output)")
        for name in ["stress", "supercell, stress", "wrapping, forces", "large box, energy"] {
            #expect(check.output.contains(name), "\(name)")
        }
        #expect(try ProgramRun(["report", "\(folder.path)/run"]).code == 0)
    }

    /// What the message about a stress and a virial that contradict each other tells one to do.
    @Test func contradictionsAreLeftOutAsTheyAreTold() throws {
        let text = crystals().replacing(" stress=", with: " virial=\"9 0 0 0 9 0 0 0 9\" stress=")
        let configuration = Molecules.configuration(
            run: "\(folder.path)/run", data: try folder.write(text, to: "data.extxyz"),
            training: """
                [training.loss_parameter]
                loss_components = ["per_system_energy", "per_system_stress"]
                """)
        let config = try folder.write(configuration, to: "config.toml")
        let remedy = "dataset.properties_assignment.virial = \"\""
        let refused = try ProgramRun(["train", config, "--dry-run"])
        #expect(refused.code != 0 && refused.messages.contains(remedy), "\(refused.messages)")
        let followed = try ProgramRun(["train", config, "--dry-run", "--set", remedy])
        #expect(followed.code == 0, "\(followed.messages)")
    }

    @Test func labelsThatAreNotThere() throws {
        let data = try folder.write(Molecules.text(), to: "data.extxyz")
        let configuration = Molecules.configuration(
            run: "\(folder.path)/run", data: data,
            training: """
                [training.loss_parameter]
                loss_components = ["per_system_energy", "per_system_stress"]
                """)
        let training = try ProgramRun(["train", folder.write(configuration, to: "config.toml")])
        #expect(training.code == 65 && training.errors.count == 1, "\(training.messages)")
        #expect(training.messages.contains("no stress"), "\(training.messages)")
    }

    /// The comment lines of a file.
    private func comments(_ path: String) throws -> [String] {
        String(decoding: try readFile(path: path), as: UTF8.self).split(separator: "\n").map(String.init).filter {
            $0.contains("Properties=")
        }
    }
}
