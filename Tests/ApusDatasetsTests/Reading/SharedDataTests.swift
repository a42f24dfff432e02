import ApusChemistry
import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusDatasets

/// A public file, with the counts and properties that its description states.
private struct PublicFile: CustomTestStringConvertible, Sendable {
    let path: String
    let count: Int
    let labels: [Property: Int]
    var options = ReadingOptions()
    var testDescription: String { path }

    init(_ path: String, _ count: Int, _ labels: [Property: Int], _ change: (inout ReadingOptions) -> Void = { _ in }) {
        (self.path, self.count, self.labels) = (path, count, labels)
        change(&options)
    }
}

private let atomicUnits: @Sendable (inout ReadingOptions) -> Void = { $0.sourceUnits[.energy] = .hartree }
private let kilocalories: @Sendable (inout ReadingOptions) -> Void = { $0.sourceUnits[.energy] = .kilocaloriePerMole }

/// Every public file in a known format is imported.
@Suite(.enabled(if: sharedData != nil, "APUS_SHARED names no folder with data"))
struct SharedDataTests {
    @Test(arguments: [
        PublicFile("modelforge/SPICE-1.1.4_n2.hdf5", 55, [.energy: 55, .forces: 55, .charges: 50, .dipole: 55]),
        PublicFile("modelforge/ani1_n5.hdf5", 8, [.energy: 8, .forces: 8, .dipole: 4]),
        PublicFile("modelforge/ani2x_minimal.hdf5", 5706, [.energy: 5706, .forces: 5706]),
        PublicFile("modelforge/dsgdb9nsd_000001.xyz", 1, [.energy: 1, .charges: 1]),
        PublicFile("modelforge/first10.tar.bz2", 10, [.energy: 10, .charges: 10]),
        PublicFile(
            "modelforge/local_dataset/qm9_dataset_v1.1_ntc_10.hdf5", 10, [.energy: 10, .charges: 10, .dipole: 10]),
        PublicFile(
            "modelforge/local_dataset/test_dataset.hdf5", 6,
            [.energy: 6, .forces: 6, .charges: 6, .totalCharge: 6, .dipole: 6, .quadrupole: 6, .spinMultiplicity: 6]),
        PublicFile("modelforge/local_dataset/test_dataset_grouped.hdf5", 10, [.energy: 10]),
        PublicFile("aimnet/dataset.h5", 195, [.energy: 195, .forces: 195, .charges: 195, .totalCharge: 195]),
        PublicFile(
            "mbgdml/datasets/1h2o/140h2o.sphere.gfn2.md.500k.prod1.3h2o.dset.1h2o-dset.npz", 14027,
            [.energy: 14027, .forces: 14027]),
        PublicFile("mbgdml/datasets/2h2o/16h2o.yoo.etal.boat.b.2h2o-dset.mb.npz", 120, [.energy: 120, .forces: 120]),
        PublicFile("mbgdml/datasets/6h2o/6h2o.temelso.etal-dset.npz", 8, [.energy: 8, .forces: 8]),
        PublicFile("mbgdml/datasets/16h2o/16h2o.yoo.etal.boat.b-dset-mp2.def2tzvp.npz", 1, [.energy: 1, .forces: 1]),
        PublicFile(
            "schnetpack/ase_ag3_2200.db", 2200, [.energy: 2200, .forces: 2200, .totalCharge: 2200, .dipole: 2200]),
        PublicFile("schnetpack/ase_carbene_2200.db", 2200, [.energy: 2200, .forces: 2200, .dipole: 2200]),
        PublicFile("schnetpack/si16.db", 1, [.energy: 1, .forces: 1]),
        PublicFile("schnetpack/snippet.db", 4, [.energy: 4, .forces: 4], kilocalories),
        PublicFile("schnetpack/test_ani1.db", 20, [.energy: 20], atomicUnits),
        PublicFile("schnetpack/test_ethanol.db", 20, [.energy: 20, .forces: 20], kilocalories),
        PublicFile(
            "schnetpack/test_iso.db", 40, [.energy: 40, .forces: 40], { $0.sourceUnits[.energy] = .electronvolt }),
        PublicFile("schnetpack/test_qm9.db", 20, [.energy: 20]),
        PublicFile("deepmd/nopbc/data", 2062, [.energy: 2062, .forces: 2062]),
        PublicFile("deepmd/water/data", 400, [.energy: 400, .forces: 400]),
        PublicFile("qm9/qm9_10k_subset.extxyz.gz", 10000, [.energy: 10000]) {
            $0.assignment[.energy] = "energy_U0_Ha"
            $0.sourceUnits[.energy] = .hartree
        },
        PublicFile("acac/test_MD_300K.xyz", 650, [.energy: 650, .forces: 650]),
        PublicFile("acac/train_300K.xyz", 500, [.energy: 500, .forces: 500]),
    ])
    private func isImported(file: PublicFile) throws {
        try withFolder { folder in
            var importing = DatasetImport()
            importing.reading = file.options
            let store = try importing.run(["\(sharedData ?? "")/\(file.path)"], to: folder + "/data.apus")
            #expect(store.count == file.count)
            for (property, count) in file.labels { #expect(store.count(of: property) == count, "\(property.key)") }
        }
    }

    @Test func unitsThatNobodyStatesAreAskedFor() throws {
        let error = apusError {
            _ = try Dataset.read(path: "\(sharedData ?? "")/schnetpack/test_ethanol.db")
        }
        #expect(error?.kind == .configuration)
        #expect(error?.problem == "the file does not state the unit of energies")
    }

    /// Labels that are not numbers are refused, with the first of them.
    @Test func missingLabelsOfAnArchive() throws {
        let path = "\(sharedData ?? "")/mbgdml/datasets/6h2o/6h2o.temelso.etal-dset-no.data.npz"
        let error = apusError { _ = try Dataset.read(path: path) }
        #expect(error?.place == "frame 1")
        #expect(error?.problem.contains("must be finite") == true)
    }

    /// The same frames as modelforge's own copy of them: QM9's raw files and its curated HDF5.
    ///
    /// modelforge computes with another hartree; both agree to the digits that the two constants share.
    @Test func rawAndCuratedFilesAgree() throws {
        var options = ReadingOptions()
        options.units = .kilojoulePerMoleNanometer
        let raw = try Dataset.read(path: "\(sharedData ?? "")/modelforge/first10.tar.bz2", options: options)
        let curated = try Dataset.read(
            path: "\(sharedData ?? "")/modelforge/local_dataset/qm9_dataset_v1.1_ntc_10.hdf5", options: options)
        for (raw, curated) in zip(raw.configurations, curated.configurations) {
            #expect(raw.system.numbers == curated.system.numbers)
            let (first, second) = (try #require(raw.energy), try #require(curated.energy))
            #expect(abs(first / second - 1) < 1e-8)
            for (first, second) in zip(raw.system.positions, curated.system.positions) {
                let difference = first - second
                #expect((difference * difference).sum() < 1e-24)
            }
            #expect(raw.charges == curated.charges)
        }
    }
}
