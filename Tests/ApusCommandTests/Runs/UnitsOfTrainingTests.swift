import ApusFiles
import ApusPotentials
import ApusTestSupport
import Testing

/// The same seed trains the same network, whatever the units of the run are.
@Suite struct UnitsOfTrainingTests {
    /// The parameters of the kept model and the losses of the epochs.
    private func train(
        _ energy: String, _ length: String, potential: String, loss: String, postprocessing: String
    ) throws -> (parameters: [Double], losses: [Double]) {
        let folder = try TemporaryFolder()
        let data = Molecules.text { lines, k in
            lines[1] += " dipole=\"\(0.1 * Double(k % 5)) 0.2 \(0.05 * Double(k % 3))\" dipole_unit=e*angstrom"
        }
        _ = try folder.write(data, to: "data.extxyz")
        let path = try folder.write(
            """
            [potential]
            potential_name = "\(potential)"
            \(postprocessing)
            [potential.core_parameter]
            maximum_interaction_radius = "4.0 angstrom"
            number_of_radial_basis_functions = 8
            number_of_interaction_modules = 2
            featurization.atomic_number.number_of_per_atom_features = 8
            [dataset]
            file = "data.extxyz"
            multipole_origin = "center_of_mass"
            [training]
            number_of_epochs = 4
            batch_size = 4
            gradient_clip_val = 0.5
            \(loss)
            [runtime]
            precision = "float64"
            threads = 1
            energy_unit = "\(energy)"
            length_unit = "\(length)"
            output_directory = "\(folder.path)/run"
            """, to: "config.toml")
        let run = try ProgramRun(["train", path, "--quiet"])
        try #require(run.code == 0, "\(run.messages)")
        let epochs = try String(decoding: readFile(path: "\(folder.path)/run/metrics.jsonl"), as: UTF8.self)
            .split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        let losses = epochs.flatMap { epoch in ["train/loss", "val/loss"].compactMap { epoch[$0]?.real } }
        try #require(losses.count == 8)
        return (try ModelFile.read("\(folder.path)/run/model.apus").model.parameters, losses)
    }

    /// Rounding begins at 10⁻¹⁶ and grows with the steps; Adam magnifies it where a gradient is near zero.
    private func compare(_ potential: String, loss: String = "", postprocessing: String = "") throws {
        let train = { (energy: String, length: String) in
            try self.train(energy, length, potential: potential, loss: loss, postprocessing: postprocessing)
        }
        let reference = try train("eV", "angstrom")
        for (energy, length) in [("eV", "nanometer"), ("kilojoule_per_mole", "bohr"), ("hartree", "angstrom")] {
            let other = try train(energy, length)
            for (found, expected) in zip(other.losses, reference.losses) {
                #expect(abs(found - expected) <= 1e-8 * expected, "\(energy), \(length): \(found), \(expected)")
            }
            let worst = zip(other.parameters, reference.parameters).map { abs($0 - $1) }.max() ?? .infinity
            #expect(worst < 1e-6, "\(energy), \(length)")
        }
    }

    @Test(arguments: ["SchNet", "PaiNN"]) func energiesAndForces(_ potential: String) throws { try compare(potential) }

    @Test func energiesAlone() throws {
        try compare("SchNet", loss: "loss_parameter.loss_components = [\"per_atom_energy\"]")
    }

    /// Atomic dipoles are numbers of the network that stand for a length.
    @Test func dipoles() throws {
        try compare(
            "PaiNN",
            loss: "loss_parameter.loss_components = [\"per_system_energy\", \"per_system_dipole_moment\"]",
            postprocessing: "postprocessing_parameter.per_atom_charge.atomic_dipoles = true")
    }
}
