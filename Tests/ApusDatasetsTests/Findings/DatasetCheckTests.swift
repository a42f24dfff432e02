import ApusChemistry
import ApusDatasets
import ApusFiles
import Testing

/// What `data check` looks for in geometries and forces.
struct DatasetCheckTests {
    private func count(_ finding: String, _ configurations: [Configuration]) throws -> Int? {
        let dataset = Dataset(configurations: configurations, units: .electronvoltAngstrom)
        return try DatasetCheck(dataset).findings.first { $0.name.contains(finding) }?.count
    }

    private func hydrogen(_ distance: Double, periodic: Bool = false, labels: [Property: [Double]] = [:]) throws
        -> Configuration
    {
        let cell =
            periodic
            ? try Cell(
                vectors: [SIMD3(9, 0, 0), SIMD3(0, 9, 0), SIMD3(0, 0, 9)], isPeriodicAlong: [true, true, true]) : nil
        return Configuration(
            system: try AtomicSystem(
                numbers: [1, 1, 8], positions: [.zero, SIMD3(0.74, 0, 0), SIMD3(distance, 0, 0)], cell: cell),
            labels: labels)
    }

    @Test func atomsWithoutCompany() throws {
        #expect(try count("further than 6 Å", [hydrogen(6.7)]) == 0)
        #expect(try count("further than 6 Å", [hydrogen(6.8), hydrogen(2)]) == 1)
        #expect(try count("further than 6 Å", [hydrogen(8, periodic: true)]) == 0)
        let alone = try AtomicSystem(numbers: [1], positions: [.zero])
        #expect(try count("further than 6 Å", [Configuration(system: alone)]) == 0)
    }

    /// Single atoms give self-energies, which bonds are far from.
    @Test func singleAtomsAreNoOutliers() throws {
        let atom = try AtomicSystem(numbers: [8], positions: [.zero])
        let molecules = try (0..<20).map { k in
            try hydrogen(2, labels: [.energy: [-2000 + 0.01 * Double(k % 7)]])
        }
        let single = Configuration(system: atom, labels: [.energy: [-1500]])
        #expect(try count("energies far", molecules + [single]) == 0)
        let far = try hydrogen(2, labels: [.energy: [-1900]])
        #expect(try count("energies far", molecules + [far]) == 1)
    }

    @Test func atomsThatOverlap() throws {
        #expect(try count("overlap", [hydrogen(1.5), hydrogen(0.9)]) == 1)
    }

    /// Atoms that are held fixed take up what would balance the others.
    @Test func netForcesOfFreeMolecules() throws {
        let forces = [1.0, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(try count("net force", [hydrogen(2, labels: [.forces: forces])]) == 1)
        #expect(try count("net force", [hydrogen(2, labels: [.forces: forces, .forceMask: [1, 1, 1]])]) == 1)
        #expect(try count("net force", [hydrogen(2, labels: [.forces: forces, .forceMask: [1, 1, 0]])]) == 0)
    }
}
