import ApusChemistry
import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusDatasets

/// A file, and what must be read from it.
private struct Expectation: CustomTestStringConvertible, Sendable {
    let file: String
    let format: String
    let labels: [Property]
    var units = UnitSystem.electronvoltAngstrom
    /// The numbers of the rules in the order of the file; HDF5 sorts groups by name.
    var rows = Array(0..<5)
    var records: [String] = ["water", "water", "water", "fluorane", "fluorane"]
    var isSingle = false
    var testDescription: String { file }
}

private let sorted = [3, 4, 0, 1, 2]
private let formulas = ["H2O", "H2O", "H2O", "FH", "FH"]

/// Reading of every format into the packed file: every number, bit by bit, and the units of the source.
@Suite struct ImporterTests {
    @Test(arguments: [
        Expectation(
            file: "spice.hdf5", format: "HDF5 of SPICE", labels: [.energy, .forces, .dipole, .totalCharge],
            units: .atomic, rows: sorted, isSingle: true),
        Expectation(
            file: "ani1.h5", format: "HDF5 of ANI", labels: [.energy], units: .hartreeAngstrom, rows: sorted,
            records: formulas),
        Expectation(
            file: "ani1x.h5", format: "HDF5 of ANI-1x", labels: [.energy, .forces], units: .hartreeAngstrom,
            rows: sorted, records: formulas, isSingle: true),
        Expectation(
            file: "ani2x.h5", format: "HDF5 of ANI", labels: [.energy, .forces], units: .hartreeAngstrom,
            rows: sorted, records: formulas),
        Expectation(
            file: "torchani.h5", format: "HDF5 of ANI", labels: [.energy, .forces], units: .hartreeAngstrom,
            rows: sorted, records: formulas),
        Expectation(
            file: "modelforge.hdf5", format: "HDF5 of modelforge",
            labels: [.energy, .forces, .charges, .totalCharge, .dipole], units: .kilojoulePerMoleNanometer,
            rows: sorted),
        Expectation(
            file: "modelforge.yaml", format: "HDF5 of modelforge",
            labels: [.energy, .forces, .charges, .totalCharge, .dipole], units: .kilojoulePerMoleNanometer,
            rows: sorted),
        Expectation(
            file: "aimnet.h5", format: "HDF5 of AIMNet",
            labels: [.energy, .forces, .charges, .totalCharge, .spinMultiplicity], rows: sorted, records: formulas,
            isSingle: true),
        Expectation(
            file: "md17.npz", format: "NumPy archive", labels: [.energy, .forces], units: .kilocaloriePerMoleAngstrom,
            rows: [0, 1, 2]),
        Expectation(
            file: "rmd17.npz", format: "NumPy archive", labels: [.energy, .forces], units: .kilocaloriePerMoleAngstrom,
            rows: [0, 1, 2], records: formulas),
        Expectation(file: "sgdml.npz", format: "NumPy archive", labels: [.energy, .forces], rows: [0, 1, 2]),
        Expectation(file: "ase.db", format: "ASE database", labels: [.energy, .forces, .dipole, .charges]),
        Expectation(file: "ase_old.db", format: "ASE database", labels: [.energy, .forces, .dipole, .charges]),
        Expectation(
            file: "ase.traj", format: "ASE trajectory",
            labels: [.energy, .forces, .dipole, .charges, .totalCharge]),
        Expectation(
            file: "ase.json", format: "ASE database (JSON)",
            labels: [.energy, .forces, .dipole, .charges, .totalCharge]),
        Expectation(
            file: "schnetpack.db", format: "ASE database", labels: [.energy, .forces, .dipole, .totalCharge],
            units: .kilocaloriePerMoleAngstrom, records: formulas),
        Expectation(
            file: "qm9", format: "QM9", labels: [.energy, .charges], units: .hartreeAngstrom,
            records: (1...5).map { "gdb \($0)" }),
        Expectation(
            file: "qm9.tar.bz2", format: "QM9", labels: [.energy, .charges], units: .hartreeAngstrom,
            records: (1...5).map { "gdb \($0)" }),
        Expectation(
            file: "deepmd/isolated/water", format: "DeePMD", labels: [.energy, .forces], rows: [0, 1, 2]),
        Expectation(
            file: "ase.extxyz", format: "extended XYZ",
            labels: [.energy, .forces, .dipole, .charges, .totalCharge]),
    ])
    private func everyNumberIsRead(expected: Expectation) throws {
        try withFolder { folder in
            let path = fixture(expected.file)
            let store = try DatasetImport().run([path], to: folder + "/data.apus")
            #expect(store.information.units == expected.units)
            #expect(store.information.sources.map(\.format) == [expected.format])
            #expect(store.hasSinglePositions == expected.isSingle)
            #expect(store.count == expected.rows.count)
            let configurations = try Configurations(store, in: expected.units)
            for (configuration, row) in zip(configurations, expected.rows) {
                let rules = FixtureRules.all[row]
                #expect(rules.difference(configuration, labels: expected.labels) == nil)
                #expect(configuration.record == expected.records[row])
                #expect(configuration.labels.keys.contains(.totalCharge) == expected.labels.contains(.totalCharge))
                #expect(expected.labels.allSatisfy { configuration[$0] != nil })
            }
            // In memory it is the same.
            var options = ReadingOptions()
            options.units = expected.units
            let direct = try Dataset.read(path: path, options: options).configurations
            #expect(direct.map(\.system) == configurations.map(\.system))
            #expect(direct.map(\.labels) == configurations.map(\.labels))
            #expect(direct.map(\.record) == configurations.map(\.record))
            #expect(configurations.map(\.place.frame) == Array(1...direct.count))
        }
    }

    @Test func theDigestIsThatOfTheSource() throws {
        try withFolder { folder in
            let store = try DatasetImport().run([fixture("md17.npz")], to: folder + "/data.apus")
            let bytes = try readFile(path: fixture("md17.npz"))
            #expect(store.information.sources[0].digest == SHA256.hexadecimal(bytes))
            #expect(store.information.sources[0].size == bytes.count)
        }
    }

    @Test func nanMarksMissingLabels() throws {
        let dataset = try Dataset.read(path: fixture("ani1x.h5"))
        #expect(dataset.configurations.map { $0.dipole != nil } == [true, false, true, false, true])
        #expect(dataset.interpretation[.dipole]?.count == 3)
        #expect(dataset.interpretation.unusedKeys == ["wb97x_tz.energy"])
    }

    @Test func somePropertiesAreMissingInSomeGroups() throws {
        let dataset = try Dataset.read(path: fixture("spice.hdf5"))
        #expect(dataset.configurations.map { $0.charges != nil } == [false, false, true, true, true])
        #expect(dataset.configurations.allSatisfy { $0.system.charge == 0 })
        #expect(dataset.interpretation[.forces]?.isNegated == true)
        #expect(dataset.interpretation.unusedKeys == ["formation_energy"])
    }

    @Test func groupedRecords() throws {
        var options = ReadingOptions()
        options.units = .kilojoulePerMoleNanometer
        let dataset = try Dataset.read(path: fixture("modelforge_grouped.hdf5"), options: options)
        #expect(dataset.configurations.map(\.record) == ["fluorane", "fluorane", "hydroxyl"])
        #expect(dataset.configurations.map(\.system.numbers) == [[9, 1], [9, 1], [8, 1]])
        #expect(dataset.configurations.map(\.energy) == [-90, -90.125, -80])
    }

    /// A description names versions, one of which can be chosen.
    @Test func versionsOfADescription() throws {
        try withFolder { folder in
            let latest = String(decoding: try readFile(path: fixture("modelforge.yaml")), as: UTF8.self)
                .replacing("modelforge.hdf5", with: fixture("modelforge.hdf5"))
            let grouped = """
                nc_1000:
                  local_dataset:
                    hdf5_data_file:
                      file_name: \(fixture("modelforge_grouped.hdf5"))

                """
            let path = folder + "/versions.yaml"
            try writeFileAtomically(path: path, bytes: Array((latest + "\n" + grouped).utf8))
            var options = ReadingOptions()
            options.units = .kilojoulePerMoleNanometer
            func numbers() throws -> [[Int]] {
                try Dataset.read(path: path, options: options).configurations.map(\.system.numbers)
            }
            let usual = try Dataset.read(path: fixture("modelforge.hdf5"), options: options).configurations
            #expect(try numbers() == usual.map(\.system.numbers))
            options.version = "nc_1000"
            #expect(try numbers() == [[9, 1], [9, 1], [8, 1]])
            options.version = "nc_2000"
            let error = #expect(throws: ApusError.self) { _ = try numbers() }
            #expect(error?.description.contains("the description has no 'nc_2000'") == true)
        }
    }

    @Test func selfEnergiesOfTheSource() throws {
        var options = ReadingOptions()
        options.units = .kilojoulePerMoleNanometer
        let described = try Dataset.read(path: fixture("modelforge.yaml"), options: options)
        #expect(described.selfEnergies?.values == [1: -13.125, 8: -75.5])
        options.units = .kilocaloriePerMoleAngstrom
        let referenced = try Dataset.read(path: fixture("schnetpack.db"), options: options)
        #expect(referenced.selfEnergies?.values == [1: -13.5, 8: -75.25, 9: -100])
        try withFolder { folder in
            let store = try DatasetImport().run([fixture("schnetpack.db")], to: folder + "/data.apus")
            #expect(try Dataset(store, options: options).selfEnergies?.values == [1: -13.5, 8: -75.25, 9: -100])
        }
    }

    @Test func mixedTypesAndPeriodicCells() throws {
        let mixed = try Dataset.read(path: fixture("deepmd/mixed"))
        #expect(mixed.configurations.map(\.system.numbers) == [[8, 1, 1], [9, 1], [1, 9, 8]])
        #expect(mixed.configurations[1].forces?.count == 2)
        let periodic = try Dataset.read(path: fixture("deepmd/periodic"))
        let cell = try Cell(
            vectors: [SIMD3(9, 0, 0), SIMD3(0, 9, 0), SIMD3(0, 0, 9)], isPeriodicAlong: [true, true, true])
        #expect(periodic.configurations.allSatisfy { $0.system.cell == cell })
        try withFolder { folder in
            let store = try DatasetImport().run([fixture("deepmd/periodic")], to: folder + "/data.apus")
            #expect(store.hasPeriodicSystems)
            let packed = try Dataset(store, options: ReadingOptions())
            #expect(Array(packed.configurations) == Array(periodic.configurations))
        }
        // A folder of systems is read as a whole.
        #expect(try Dataset.read(path: fixture("deepmd/isolated")).count == 5)
    }

    @Test(arguments: [
        ("[O:1]([H:2])[H:3]", 0), ("[NH4+]", 1), ("C#C.[Na+]", 1), ("[O-][N+](=O)[O-]", -1), ("[Ca+2]", 2),
        ("[Fe+++]", 3), ("[O-2]", -2), ("C-C", 0), ("[13CH3:4]", 0), ("[Cu--:7]", -2), ("", 0), ("[", 0),
    ])
    func chargesOfSMILES(text: String, charge: Int) {
        #expect(formalCharge(ofSMILES: text) == charge)
    }

    @Test func assignments() throws {
        var options = ReadingOptions()
        options.assignment = [.energy: "old_energies", .forces: "old_forces"]
        options.units = .kilocaloriePerMoleAngstrom
        let old = try Dataset.read(path: fixture("rmd17.npz"), options: options)
        #expect(old.configurations.map(\.energy) == [-79, -79.125, -79.25])
        #expect(old.interpretation.unusedKeys == ["energies", "forces"])
        options.assignment = [.energy: "formation_energy", .forces: ""]
        options.units = .atomic
        let formation = try Dataset.read(path: fixture("spice.hdf5"), options: options)
        #expect(formation.configurations.map(\.energy) == [-85, -85.125, -75, -75.125, -75.25])
        #expect(formation.configurations.allSatisfy { $0.forces == nil })
        options.assignment = [.energy: "homo"]
        options.units = .hartreeAngstrom
        let homo = try Dataset.read(path: fixture("qm9"), options: options)
        #expect(homo.configurations.allSatisfy { $0.energy == 1.5 })
    }
}
