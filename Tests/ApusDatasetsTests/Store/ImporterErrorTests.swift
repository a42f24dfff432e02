import ApusChemistry
import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusDatasets

/// What is wrong with a source is said in one sentence.
@Suite struct ImporterErrorTests {
    private func error(_ name: String, _ options: ReadingOptions = ReadingOptions()) throws -> ApusError? {
        apusError { _ = try Dataset.read(path: fixture(name), options: options) }
    }

    @Test func unknownAssignments() throws {
        var options = ReadingOptions()
        options.assignment = [.energy: "none"]
        #expect(
            try error("spice.hdf5", options)?.description.hasSuffix(
                "spice.hdf5, dataset.properties_assignment.E: there is no array 'none'; the arrays are atomic_numbers, "
                    + "conformations, dft_total_energy, dft_total_gradient, formation_energy, scf_dipole, smiles, subset, "
                    + "mbis_charges.") == true)
        for name in ["rmd17.npz", "ase.db", "deepmd/isolated", "qm9"] {
            let found = try error(name, options)
            #expect(found?.kind == .configuration && found?.place == "dataset.properties_assignment.E", "\(name)")
        }
    }

    @Test func wrongUnitsInOptions() throws {
        var options = ReadingOptions()
        options.sourceUnits[.energy] = .angstrom
        for name in ["spice.hdf5", "ase.db", "qm9", "deepmd/isolated", "md17.npz"] {
            #expect(try error(name, options)?.kind == .configuration, "\(name)")
        }
    }

    @Test func digestOfADescription() throws {
        let found = try error("wrong_md5.yaml")
        #expect(found?.kind == .data)
        #expect(found?.problem.hasPrefix("the MD5 digest is ") == true)
        #expect(found?.remedy == "download the file again")
    }

    @Test func descriptionWithoutItsFile() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "dataset: x\nlatest: v1\nv1:\n  remote_dataset:\n    url: https://example.org/x.gz\n"
                + "    hdf5_data_file:\n      file_name: x.hdf5\n      md5: 0\n", to: "a.yaml")
        let found = apusError { _ = try Dataset.read(path: path) }
        #expect(
            found?.description
                == "x.hdf5: the HDF5 file of 'x' is not here; download https://example.org/x.gz, decompress it with "
                + "gunzip, and put it beside \(path).")
        let broken = try folder.write("a: b\n  c\nd: *x\n", to: "b.yaml")
        #expect(apusError { _ = try Dataset.read(path: broken) }?.place == "line 3")
    }

    /// A number with 400 digits is infinite; it must not reach the data, and an import must not keep it.
    @Test func infiniteSelfEnergies() throws {
        let folder = try TemporaryFolder()
        let description = String(decoding: try readFile(path: fixture("modelforge.yaml")), as: UTF8.self)
            .replacing("modelforge.hdf5", with: fixture("modelforge.hdf5"))
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map {
                $0.hasPrefix("  H: ") ? "  H: \(String(repeating: "1", count: 400)) * kilojoule_per_mole" : String($0)
            }
        let path = try folder.write(description.joined(separator: "\n"), to: "a.yaml")
        let expected =
            "\(path), self-energies: the energy of H is inf, but must be a finite number up to 1e15 in size; "
            + "correct or remove it."
        #expect(apusError { _ = try Dataset.read(path: path) }?.description == expected)
        let imported = apusError { _ = try DatasetImport().run([path], to: "\(folder.path)/a.apus") }
        #expect(imported?.description == expected)
    }

    @Test func otherFiles() throws {
        #expect(try error("sgdml_model.npz")?.problem == "this is a model of sGDML, not its data")
        #expect(try error("missing.h5")?.kind == .missingInput)
        let folder = try TemporaryFolder()
        let text = try folder.write("hello\n", to: "a.txt")
        #expect(apusError { _ = try Dataset.read(path: text) }?.problem == "the format of the file is not known")
    }

    @Test func damagedFolders() throws {
        try withFolder { folder in
            func write(_ name: String, _ text: String) throws {
                try writeFileAtomically(path: "\(folder)/\(name)", bytes: Array(text.utf8))
            }
            func problem() throws -> String? { apusError { _ = try Dataset.read(path: folder) }?.description }
            try write("type.raw", "0\n1\n")
            #expect(try problem()?.contains("there is no type_map.raw") == true)
            try write("type_map.raw", "O\nXx\n")
            #expect(try problem()?.contains("type_map.raw, line 2: ") == true)
            try write("type_map.raw", "O\n")
            #expect(try problem()?.contains("type.raw, line 2: '1' is not a type from 0 to 0") == true)
            try write("type.raw", "0\n")
            #expect(try problem()?.contains("there is no folder set.000") == true)
        }
    }

    /// Damaged variants of every format end in an error or in a data set, never in a crash.
    @Test(arguments: [
        "md17.npz", "sgdml.npz", "ase.db", "ase_old.db", "schnetpack.db", "qm9.tar.bz2", "qm9/dsgdb9nsd_000001.xyz",
        "ase.extxyz",
    ])
    func damage(name: String) throws {
        let folder = try TemporaryFolder()
        let bytes = try readFile(path: fixture(name))
        let copy = String(name.split(separator: "/").last ?? "")
        for position in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 60)) {
            var flipped = bytes
            flipped[position] ^= 0x55
            for variant in [Array(bytes[..<position]), flipped] {
                let path = try folder.write(variant, to: copy)
                _ = try? Dataset.read(path: path)
            }
        }
    }
}
