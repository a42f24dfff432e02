import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusTestSupport
import Testing

/// Published data sets, read where the folder with them is there (environment variable `APUS_SHARED`).
@Suite(.enabled(if: sharedData != nil, "there is no folder APUS_SHARED/data"))
struct PublicDataTests {
    private func read(_ name: String, options: ReadingOptions = ReadingOptions()) throws -> Dataset {
        try Dataset.read(path: "\(try #require(sharedData))/\(name)", options: options)
    }

    @Test func revisedMD17() throws {
        let dataset = try read("rmd17/rmd17_ethanol_train_01.npz")
        try dataset.require([.energy, .forces])
        #expect(dataset.count == 1000)
        #expect(dataset.configurations.allSatisfy { $0.system.formula == "C2H6O" })
        #expect(dataset.interpretation.unusedKeys == ["old_indices", "old_energies", "old_forces"])

        // The mean energy and zero forces miss the test frames by 141 meV and 877 meV/Å.
        let fit = try SelfEnergies.fit(dataset.configurations, unit: dataset.units.energy)
        let test = try read("rmd17/rmd17_ethanol_test_01.npz").configurations
        let energyErrors = try test.map { abs(try fit.selfEnergies.removed(from: $0)) }
        let forces = test.flatMap { $0.forces ?? [] }.flatMap { [abs($0.x), abs($0.y), abs($0.z)] }
        #expect(abs(energyErrors.reduce(0, +) / Double(energyErrors.count) - 0.141) < 0.001)
        #expect(abs(forces.reduce(0, +) / Double(forces.count) - 0.877) < 0.001)

        let split = try dataset.split(.randomConformer, sizes: .counts(training: 950, validation: 50, test: 0))
        #expect(split.training.count == 950 && split.validation.count == 50 && split.test.isEmpty)
    }

    @Test func waterOfMBGDML() throws {
        let name = "mbgdml/datasets/1h2o/140h2o.sphere.gfn2.md.500k.prod1.3h2o.dset.1h2o-dset.npz"
        let dataset = try read(name)
        #expect(dataset.count == 14027)
        #expect(dataset.interpretation[.energy]?.origin == .file(key: "e_unit"))
        #expect(dataset.configurations.allSatisfy { $0.system.formula == "H2O" })
    }

    @Test func acetylacetone() throws {
        let dataset = try read("acac/train_300K.xyz")
        try dataset.require([.energy, .forces])
        #expect(dataset.count == 500)
        #expect(dataset.configurations[0].energy == -9391.45554428476)
        #expect(dataset.configurations.allSatisfy { $0.record == "C5H8O2" && $0.system.cell?.isPeriodic != true })
    }

    @Test func solventClusters() throws {
        var options = ReadingOptions()
        options.assignment = [.energy: "energy_xtb", .forces: "forces_xtb"]
        let dataset = try read("solvent_xtb/solvent_xtb_train_200.xyz", options: options)
        try dataset.require([.energy, .forces])
        #expect(dataset.count == 203)
        let clusters = Array(dataset.configurations.dropFirst(3))
        let fit = try SelfEnergies.fit(clusters, unit: dataset.units.energy)
        let statistics = try EnergyStatistics(clusters, removing: fit.selfEnergies)
        #expect(fit.warning == nil)
        #expect(statistics.spread < statistics.spreadOfTotals / 100)
    }
}

/// The data set that ships with the project.
struct ExampleDataTests {
    static let path = "\(packageRoot)/Examples/small-molecules/small-molecules.extxyz"

    @Test func everyFrameIsLabelled() throws {
        let dataset = try Dataset.read(path: Self.path)
        try dataset.require([.energy, .forces])
        #expect(dataset.interpretation[.energy]?.origin == .file(key: "energy_unit"))
        #expect(dataset.configurations.allSatisfy { $0.dipole != nil && $0.charges != nil })
        let charges = Set(dataset.configurations.map(\.system.charge))
        #expect(charges == [-1, 0, 1])
        for configuration in dataset.configurations {
            let sum = configuration.charges?.reduce(0, +) ?? .nan
            #expect(abs(sum - Double(configuration.system.charge)) < 1e-3, "\(configuration.place)")
        }
        let fit = try SelfEnergies.fit(dataset.configurations, unit: dataset.units.energy)
        #expect(fit.warning == nil)
        let split = try dataset.split(.randomRecord, sizes: .fractions(training: 0.8, validation: 0.1, test: 0.1))
        try dataset.requireElements(of: split)
    }
}

extension PublicDataTests {
    /// Random frames of a trajectory are too far apart to tell a unit, but not to tell forces from gradients.
    @Test func forcesOfRMD17AreConsistent() throws {
        let name = "rmd17/rmd17_ethanol_train_01.npz"
        let forces = try #require(ForceConsistency(try read(name)))
        #expect(forces.warning == nil)
        var options = ReadingOptions()
        options.forcesAreGradients = true
        let gradients = try #require(ForceConsistency(try read(name, options: options)))
        #expect(gradients.warning?.hasPrefix("the forces look like gradients") == true)
    }

    /// The same regression by NumPy (`Tools/make_self_energies_golden.py`).
    @Test func selfEnergiesOfQM9() throws {
        var options = ReadingOptions()
        options.assignment[.energy] = "energy_U0_Ha"
        options.sourceUnits[.energy] = .hartree
        options.units = .atomic
        let dataset = try read("qm9/qm9_10k_subset.extxyz.gz", options: options)
        let golden = try JSONValue(parsing: readFile(path: "\(goldenFolder)/qm9_self_energies.json"))
        #expect(dataset.count == golden["configurations"]?.integer)
        let fit = try SelfEnergies.fit(dataset.configurations, unit: .hartree)
        for element in fit.selfEnergies.elements {
            let expected = try #require(golden["self_energies"]?[element.symbol]?.real)
            let found = fit.selfEnergies.values[element.atomicNumber]!
            // Both solve the same problem, of condition 58, in float64; 1e-6 is asked for.
            #expect(abs(found / expected - 1) < 1e-11, "\(element)")
        }
        #expect(fit.selfEnergies.elements.map(\.symbol) == ["H", "C", "N", "O", "F"] && fit.undetermined.isEmpty)
        #expect(abs(fit.rootMeanSquareResidual / (golden["residual_rms"]?.real ?? 0) - 1) < 1e-9)
        #expect(abs(fit.conditionNumber / (golden["condition_number"]?.real ?? 0) - 1) < 1e-9)
    }
}
