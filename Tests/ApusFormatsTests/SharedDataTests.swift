import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusFormats

/// The folder of real data sets, which are too large for the repository.
private let dataFolder = "\(sharedFolder)/data"

@Suite(.enabled(if: exists(dataFolder), "APUS_SHARED does not name a folder with data"))
struct SharedDataTests {
    @Test(arguments: [
        ("acac/train_300K.xyz", 500, 15), ("acac/test_MD_300K.xyz", 650, 15), ("acac/isolated_atoms.xyz", 3, 1),
        ("ase_traj/MoS2_energy_forces_stress.xyz", 1, 288),
        ("generated_gfn2_ethanol/ethanol_gfn2_train.extxyz", 1000, 9),
        ("generated_gfn2_ethanol/ethanol_gfn2_test.extxyz", 1000, 9),
        ("metatrain/carbon_reduced_100.xyz", 100, 4), ("metatrain/ethanol_reduced_100.xyz", 100, 9),
        ("metatrain/qm7x_reduced_100.xyz", 100, 14), ("metatrain/qm9_reduced_100.xyz", 100, 5),
        ("mlip_samples/SPICE_small_with_charges.xyz", 5, 24), ("mlip_samples/small_aspirin_test.xyz", 7, 21),
        ("mlip_samples/small_aspirin_with_charge_spin.xyz", 2, 21),
        ("mlip_samples/small_aspirin_test_unseen_atoms.xyz", 2, 21),
        ("mlip_samples/small_materials_test.extxyz", 8, 16), ("mlip_samples/Dimethyl_sulfoxide.xyz", 1, 10),
        ("mlip_samples/alanine_dipeptide_vacuum.xyz", 1, 22), ("modelforge/tmqm_two_configs.xyz", 2, 88),
        ("qm9/qm9_10k_subset.extxyz.gz", 10000, 5), ("solvent_xtb/solvent_xtb_train_200.xyz", 203, 1),
        ("solvent_xtb/solvent_xtb_train_50.xyz", 53, 1), ("solvent_xtb/solvent_xtb_train_20.xyz", 23, 1),
        ("solvent_xtb/solvent_xtb_train_53_gen1.xyz", 56, 1),
    ])
    func extendedXYZ(name: String, count: Int, atomsInFirst: Int) throws {
        let frames = try ExtendedXYZ.read("\(dataFolder)/\(name)")
        #expect(frames.count == count)
        #expect(frames.first?.atomCount == atomsInFirst)
        for frame in frames {
            #expect(try frame.string(column: "species").count == frame.atomCount)
            #expect(try frame.real(column: "pos").allSatisfy(\.isFinite))
        }
        try withTemporaryFolder { folder in
            try ExtendedXYZ.write(frames, to: "\(folder)/copy.xyz")
            let copy = try ExtendedXYZ.read("\(folder)/copy.xyz")
            #expect(copy.map(\.columns) == frames.map(\.columns))
            #expect(zip(copy, frames).allSatisfy { $0.info.elementsEqual($1.info, by: ==) && $0.lattice == $1.lattice })
        }
    }

    @Test func propertiesOfRealFrames() throws {
        let carbon = try ExtendedXYZ.read("\(dataFolder)/metatrain/carbon_reduced_100.xyz")[0]
        #expect(carbon[info: "energy"]?.real == -632.106478)
        #expect(carbon[info: "cut_off_energy"] == .string("650 eV"))
        #expect(carbon[info: "virial"]?.reals?.count == 9)
        #expect(carbon.lattice?[0] == 2.321189)
        let sulfide = try ExtendedXYZ.read("\(dataFolder)/ase_traj/MoS2_energy_forces_stress.xyz")[0]
        #expect(sulfide[info: "Energy"]?.real == -5.302666)
        #expect(sulfide.periodic == [true, true, true])
        #expect(try sulfide.real(column: "force").count == 864)
        let spice = try ExtendedXYZ.read("\(dataFolder)/mlip_samples/SPICE_small_with_charges.xyz")[0]
        #expect(spice[info: "mulliken_charges"]?.reals?.count == 24)
        guard case .array(let warnings)? = spice[info: "warnings"] else {
            Issue.record("the warnings are no list")
            return
        }
        #expect(warnings.count == 3)
    }

    @Test func rawQM9IsNotExtendedXYZ() {
        let error = apusError { _ = try ExtendedXYZ.read("\(dataFolder)/modelforge/dsgdb9nsd_000001.xyz") }
        #expect(error?.place == "frame 2, line 8")
    }

    @Test(arguments: [
        ("ethanol_train_01", 9), ("ethanol_test_01", 9), ("aspirin_train_01", 21), ("aspirin_test_01", 21),
        ("malonaldehyde_train_01", 9), ("toluene_train_01", 15),
    ])
    func revisedMD17(name: String, atoms: Int) throws {
        let archive = try NumpyArchive.read("\(dataFolder)/rmd17/rmd17_\(name).npz")
        #expect(
            archive.names == [
                "nuclear_charges", "coords", "energies", "forces", "old_indices", "old_energies", "old_forces",
            ])
        #expect(try archive["nuclear_charges"].integers().count == atoms)
        #expect(try archive["coords"].shape == [1000, atoms, 3])
        #expect(try archive["energies"].doubles().count == 1000)
        #expect(try archive["forces"].doubles().allSatisfy(\.isFinite))
        #expect(try archive["old_indices"].integers().count == 1000)
    }

    @Test(arguments: [
        "datasets/1h2o/140h2o.sphere.gfn2.md.500k.prod1.3h2o.dset.1h2o-dset.npz",
        "datasets/2h2o/16h2o.yoo.etal.boat.b.2h2o-dset.mb.npz", "datasets/6h2o/6h2o.temelso.etal-dset.npz",
        "datasets/6h2o/6h2o.temelso.etal-dset-no.data.npz",
        "datasets/16h2o/16h2o.yoo.etal.boat.b-dset-mp2.def2tzvp.npz",
        "models/1h2o-model.npz", "models/140h2o.sphere.gfn2.md.500k.prod1.3h2o-model.mb-train500.npz",
    ])
    func gradientDomainFiles(name: String) throws {
        let archive = try NumpyArchive.read("\(dataFolder)/mbgdml/\(name)")
        for member in archive.names {
            // Only Python objects are refused.
            guard let error = apusError({ _ = try archive[member] }) else { continue }
            #expect(error.problem.hasPrefix("it holds pickled Python objects"))
            #expect(error.place == "array '\(member)'")
        }
        if name.hasPrefix("datasets") {
            #expect(try archive["r_unit"].strings() == ["Angstrom"])
            #expect(try archive["R"].doubles().count == archive["F"].doubles().count)
            #expect(try archive["E"].doubles().contains { $0.isNaN } == name.contains("no.data"))
        }
        if name.contains("1h2o-dset") { #expect(try archive["E"].shape == [14027]) }
    }

    @Test(arguments: [("water/data/data_0", 80, 576), ("nopbc/data/C1H4O2", 1562, 21), ("nopbc/data/C3H3O4", 485, 30)])
    func deepMD(system: String, frames: Int, coordinates: Int) throws {
        let folder = "\(dataFolder)/deepmd/\(system)/set.000"
        #expect(try NumpyArray.read("\(folder)/coord.npy").shape == [frames, coordinates])
        #expect(try NumpyArray.read("\(folder)/force.npy").doubles().count == frames * coordinates)
        #expect(try NumpyArray.read("\(folder)/energy.npy").doubles().count == frames)
    }

    @Test func splitFile() throws {
        let archive = try NumpyArchive.read("\(dataFolder)/schnetpack/painn_1_split.npz")
        #expect(try archive["train_idx"].integers().count == 900)
        #expect(try archive["test_idx"].integers().count == 99000)
    }

    @Test(arguments: ["painn_schnetpack", "schnet_schnetpack"])
    func weights(name: String) throws {
        let path = "\(dataFolder)/../golden/\(name).safetensors"
        let file = try Safetensors.read(path)
        #expect(!file.tensors.isEmpty)
        for (name, tensor) in file.tensors {
            #expect(try file.doubles(name).count == tensor.shape.reduce(1, *))
        }
        #expect(try Safetensors(bytes: file.serialized(), file: path) == file)
    }
}
