import ApusChemistry
import ApusFiles
import ApusSystem
import Testing

@testable import ApusDatasets

/// What the numbers of a data set show, each with the same data that do not have it.
@Suite struct LabelScreenTests {
    /// 40 distorted water molecules with springs, energies near −76 hartree.
    private func waters(
        energy: (Int, Double) -> Double = { $1 }, forces: (Int, [SIMD3<Double>]) -> [SIMD3<Double>] = { $1 },
        labels: [Property: [Double]] = [:], repeats: Int? = nil
    ) throws -> Dataset {
        var generator = SeededGenerator(seed: 5)
        var kept: [SIMD3<Double>] = []
        let configurations = try (0..<40).map { k in
            var positions = [SIMD3(0, 0, 0.12), SIMD3(0, 0.76, -0.48), SIMD3(0, -0.76, -0.48)].map { position in
                position + 0.05 * SIMD3(generator.normal(), generator.normal(), generator.normal())
            }
            if k == 0 { kept = positions }
            if k == repeats { positions = kept }
            var total = -2079.0
            var pulls = [SIMD3<Double>](repeating: .zero, count: 3)
            for (i, j, length) in [(0, 1, 0.97), (0, 2, 0.97), (1, 2, 1.52)] {
                let vector = positions[j] - positions[i]
                let distance = (vector * vector).sum().squareRoot()
                total += 15 * (distance - length) * (distance - length)
                pulls[i] += 30 * (distance - length) / distance * vector
                pulls[j] -= 30 * (distance - length) / distance * vector
            }
            let pulled = forces(k, pulls)
            return Configuration(
                system: try AtomicSystem(numbers: [8, 1, 1], positions: positions), record: "water",
                labels: labels.merging([
                    .energy: [energy(k, total)], .forces: pulled.flatMap { [$0.x, $0.y, $0.z] },
                ]) { $1 }, place: .init(file: "w.xyz", frame: k + 1))
        }
        return Dataset(configurations: configurations, units: .electronvoltAngstrom)
    }

    private func messages(_ dataset: Dataset, about labels: [Property]? = nil) throws -> [String] {
        try dataset.findings(about: labels).map(\.message)
    }

    private func expect(_ dataset: Dataset, _ severity: Finding.Severity, _ start: String) throws {
        let found = try dataset.findings()
        #expect(found.contains { $0.severity == severity && $0.message.contains(start) }, "\(found.map(\.message))")
    }

    @Test func rightDataGiveNoFinding() throws {
        #expect(try messages(waters()).isEmpty)
    }

    @Test func forcesOfZero() throws {
        try expect(
            waters(forces: { _, f in f.map { _ in .zero } }), .fault,
            "all forces of 40 of 40 configurations are exactly zero")
        try expect(
            waters(forces: { k, f in k < 3 ? f.map { _ in .zero } : f }), .warning,
            "all forces of 3 of 40 configurations are exactly zero, first of water (frame 1)")
        try expect(
            waters(forces: { _, f in [.zero, f[1], f[2]] }), .warning,
            "in 40 of 40 configurations the forces of many atoms, but not of all, are exactly zero")
        // Whoever does not use forces is not told.
        #expect(try messages(waters(forces: { _, f in f.map { _ in .zero } }), about: [.energy]).isEmpty)
    }

    @Test func forcesBeyondChemistry() throws {
        // Of another unit, energies too: consistent with each other.
        try expect(
            waters(energy: { $1 * 60 }, forces: { _, f in f.map { $0 * 60 } }), .warning,
            "the forces of half of the configurations are above")
        try expect(
            waters(forces: { k, f in k == 7 ? f.map { $0 * 1e5 } : f }), .warning, "water (frame 8): the force on atom")
    }

    /// −2079 eV in kcal/mol is −47,900; Thomas and Fermi give water −98.4 − 2 · 0.77 hartree, −2720 eV.
    @Test func energiesBelowWhatAtomsAllow() throws {
        try expect(
            waters(energy: { $1 * 23.06 }), .fault,
            "the energies of 40 configurations are below any that their atoms can have")
        try expect(
            waters(energy: { -$1 }), .warning, "the energies of 40 configurations are more than 100 eV for each atom")
        // Atomisation energies and pseudopotentials are fine.
        #expect(try messages(waters(energy: { $1 + 2069 })).isEmpty)
        #expect(try messages(waters(energy: { $1 + 1600 })).isEmpty)
    }

    @Test func twoMethodsInOneFile() throws {
        try expect(
            waters(energy: { $0 % 2 == 0 ? $1 : $1 + 1600 }), .warning,
            "the energies of H2O lie in two groups, of 20 and 20 configurations, ")
    }

    @Test func oneEnergyFarFromAllOthers() throws {
        try expect(
            waters(energy: { $0 == 4 ? $1 + 300 : $1 }), .warning,
            "the energy of 1 configuration is far from all others of the same atoms, most that of water (frame 5), ")
    }

    /// The limit that the message proposes is per atom, as the selection takes it, and leaves out just this configuration.
    @Test func theLimitOfAnOutlierWorks() throws {
        let dataset = try waters(energy: { $0 == 4 ? $1 + 300 : $1 })
        let message = try #require(try messages(dataset).first { $0.contains("far from all others") })
        #expect(message.contains("eV per atom from the median"))
        let limit = try #require(message.firstMatch(of: /--maximum-energy-deviation "([0-9.]+) eV"/)?.output.1)
        var selection = Selection()
        selection.maximumEnergyDeviation = Double(limit)
        #expect(selection.maximumEnergyDeviation ?? .infinity < 100)
        #expect(try dataset.selected(by: selection).count == 39)
    }

    @Test func oneGeometryWithTwoEnergies() throws {
        try expect(
            waters(energy: { $0 == 9 ? $1 + 0.5 : $1 }, repeats: 9), .warning,
            "1 configuration repeats the geometry, charge and multiplicity of an earlier one with another energy; "
                + "water (frame 1) and water (frame 10) differ by 0.5 eV")
        #expect(try messages(waters(repeats: 9)).isEmpty)
    }

    /// Floats near 10⁶ have steps of 1/16.
    @Test func energiesOf32Bits() throws {
        try expect(
            waters(energy: { Double(Float($1 - 1e6 + 2079)) + 1e6 - 2079 }), .warning,
            "the energies of H2O are multiples of 0.0625 eV")
        // Six decimals are enough.
        #expect(try messages(waters(energy: { ($1 * 1e6).rounded() / 1e6 })).isEmpty)
    }

    @Test func quadrupolesWithATrace() throws {
        try expect(
            waters(labels: [.quadrupole: [-7.2, 0.3, 0, 0.3, -7.9, 0, 0, 0, -7.8], .dipole: [0, 0, 0]]), .warning,
            "the quadrupole moments of 40 of 40 configurations have a trace")
        let traceless: [Double] = [0.4, 0.3, 0, 0.3, -0.3, 0, 0, 0, -0.1]
        #expect(try messages(waters(labels: [.quadrupole: traceless, .dipole: [0, 0, 0]])).isEmpty)
    }
}
