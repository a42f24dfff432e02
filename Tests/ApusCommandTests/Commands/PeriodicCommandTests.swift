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

    /// A carbon atom in cubes of some sides, with energies.
    private static func carbon(_ sides: [Double]) -> String {
        sides.map { side in
            "1\nLattice=\"\(side) 0 0 0 \(side) 0 0 0 \(side)\" Properties=species:S:1:pos:R:3:forces:R:3 energy=-1\n"
                + "O 0 0 0 0 0 0\n"
        }.joined()
    }

    /// Every command that reads structures tells of atoms that overlap with images; none goes on for ever.
    @Test func atomsThatMeetTheirImages() throws {
        let config = try folder.write(
            Molecules.configuration(run: "\(folder.path)/run", data: "data.extxyz"), to: "config.toml")
        _ = try folder.write(Molecules.text(), to: "data.extxyz")
        let training = try ProgramRun(["train", config])
        try #require(training.code == 0, "\(training.messages)")
        let run = "\(folder.path)/run"
        let words = "where atom 0 (O) is 0.25 Å from its own image"
        let narrow = try folder.write(Self.carbon([3, 0.25]), to: "narrow.extxyz")
        let out = "\(folder.path)/out.extxyz"
        for command in [
            ["data", "info", narrow], ["evaluate", run, narrow], ["predict", run, narrow, "-o", out],
            ["check", run, narrow], ["init", narrow], ["benchmark", "--data", narrow, "--seconds", "0", "--inference"],
        ] {
            let result = try ProgramRun(command)
            #expect(result.code == 0, "\(command): \(result.messages)")
            #expect(result.messages.contains("warning: ") && result.messages.contains("atoms overlap in 1 of 2"))
            #expect(result.messages.contains(words), "\(command): \(result.messages)")
        }
        let check = try ProgramRun(["data", "check", narrow])
        #expect(check.code == 1 && check.output.contains("atom 0 (O) is 0.25 Å from its own image"))
        let molecules = Molecules.text(frames: 40) { lines, k in
            if k == 3 { lines[1] += " Lattice=\"0.25 0 0 0 9 0 0 0 9\"" }
        }
        let dry = try ProgramRun([
            "train", config, "--dry-run", "--set", "dataset.file=\(try folder.write(molecules, to: "some.extxyz"))",
            "--set", "runtime.output_directory=\(run)2",
        ])
        #expect(dry.code == 0 && (dry.output + dry.messages).contains(words), "\(dry.messages) \(dry.output)")

        // A million images of an atom are not even listed; the message names the frame.
        let tiny = try folder.write(Self.carbon([3, 0.05]), to: "tiny.extxyz")
        let refused = try ProgramRun(["predict", run, tiny, "-o", "\(folder.path)/none.extxyz"])
        #expect(refused.code == 65 && refused.errors.count == 1, "\(refused.messages)")
        #expect(refused.errors.first?.contains("frame 2, line 4") == true, "\(refused.messages)")
        #expect(refused.errors.first?.contains("more images of an atom lie within the cutoff") == true)
        #expect(!exists("\(folder.path)/none.extxyz"))
        let alone = try ProgramRun(["check", run, try folder.write(Self.carbon([0.1]), to: "alone.extxyz")])
        #expect(alone.code == 65 && alone.messages.contains("because atoms overlap in all"), "\(alone.messages)")
    }

    /// Stresses of which some have no cell: what `init` writes trains, and without its key the message names it.
    @Test func stressesWithoutCells() throws {
        let text = Molecules.text(frames: 40) { lines, k in
            let cell = k % 4 == 0 ? "" : " Lattice=\"5 0 0 0 5 0 0 0 5\""
            lines[1] += cell + " stress=\"0.001 0.002 0.001 0 0 0\""
        }
        let data = try folder.write(text, to: "data.extxyz")
        let config = "\(folder.path)/config.toml"
        let made = try ProgramRun(["init", data, "-o", config])
        #expect(made.code == 0, "\(made.messages)")
        let written = String(decoding: try readFile(path: config), as: UTF8.self)
        #expect(written.contains("missing_labels = \"mask\"") && written.contains("per_system_stress"))
        let dry = try ProgramRun(["train", config, "--dry-run"])
        #expect(dry.code == 0, "\(dry.messages)")
        for policy in ["refuse", "drop"] {
            let result = try ProgramRun(["train", config, "--dry-run", "--set", "dataset.missing_labels=\"\(policy)\""])
            #expect((result.code == 0) == (policy == "drop"), "\(result.messages)")
            guard result.code != 0 else { continue }
            let remedy = "set dataset.missing_labels to \"drop\" or \"mask\""
            #expect(result.messages.contains(remedy), "\(result.messages)")
        }
    }

    /// A label that is no tensor: corrected by removing it, and by saying that it is missing, as the messages tell.
    @Test func stressesThatAreNone() throws {
        func text(_ stress: String) -> String {
            Molecules.text(frames: 40) { lines, k in
                lines[1] += " Lattice=\"5 0 0 0 5 0 0 0 5\"" + (k == 3 ? stress : " stress=\"0.001 0.002 0.001 0 0 0\"")
            }
        }
        func run(_ stress: String, _ dataset: String = "") throws -> ProgramRun {
            _ = try folder.write(text(stress), to: "data.extxyz")
            let configuration = Molecules.configuration(
                run: "\(folder.path)/run", dataset: dataset,
                training: "[training.loss_parameter]\nloss_components = [\"per_system_energy\", \"per_system_stress\"]")
            return try ProgramRun(["train", folder.write(configuration, to: "config.toml"), "--dry-run"])
        }
        let remedy = "set dataset.missing_labels to \"drop\" or \"mask\""
        for (stress, words) in [
            (" stress=\"1 2 3\"", "correct it, or remove it and \(remedy)"), ("", "or \(remedy)"),
            (" stress=\"nan 0 0 0 0 0\"", "or \(remedy)"),
        ] {
            let refused = try run(stress)
            #expect(refused.code == 65 && refused.messages.contains(words), "\(refused.messages)")
        }
        for policy in ["drop", "mask"] {
            for stress in ["", " stress=\"nan 0 0 0 0 0\""] {
                let result = try run(stress, "missing_labels = \"\(policy)\"")
                #expect(result.code == 0, "\(result.messages)")
            }
        }
    }

    /// The comment lines of a file.
    private func comments(_ path: String) throws -> [String] {
        String(decoding: try readFile(path: path), as: UTF8.self).split(separator: "\n").map(String.init).filter {
            $0.contains("Properties=")
        }
    }
}
