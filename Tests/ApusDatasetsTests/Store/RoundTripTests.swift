import ApusChemistry
import ApusDatasets
import ApusTestSupport
import Testing

/// Every label, cell and charge comes back from every format that is written, and nothing where nothing was.
struct RoundTripTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// All labels that are kept, of systems of two atoms.
    private static let labels: [Property] = Property.allCases.filter {
        ![.atomicNumbers, .positions, .virial].contains($0)
    }

    /// Six frames of two names and one formula, open and periodic in turn: frame k lacks every label whose number is k modulo 4.
    private func dataset(orders: Bool) throws -> Dataset {
        let configurations = try (0..<6).map { k in
            let isPeriodic = k % 2 == 1
            let cell = try Cell(
                vectors: [SIMD3(6, 0, 0), SIMD3(1, 7, 0), SIMD3(0, 0.5, 8)], isPeriodicAlong: [true, k != 3, true])
            let system = try AtomicSystem(
                numbers: orders && k >= 4 ? [1, 8] : [8, 1], positions: [.zero, SIMD3(0.9, 0.01 * Double(k), 0)],
                cell: isPeriodic ? cell : nil)
            var labels: [Property: [Double]] = [:]
            for (number, property) in Self.labels.enumerated() where number % 4 != k % 4 {
                if property == .stress, !isPeriodic { continue }
                labels[property] = (0..<property.count(atoms: 2)).map { index in
                    property.isWhole ? 1 : 0.25 * Double(index + 1) + Double(number)
                }
            }
            if let charge = labels[.totalCharge] {
                return Configuration(
                    system: try AtomicSystem(
                        numbers: system.numbers, positions: system.positions, cell: system.cell, charge: Int(charge[0]),
                        spinMultiplicity: labels[.spinMultiplicity].map { Int($0[0]) }),
                    record: k % 3 == 0 ? "a/b" : "a_b", labels: labels)
            }
            return Configuration(
                system: try AtomicSystem(
                    numbers: system.numbers, positions: system.positions, cell: system.cell,
                    spinMultiplicity: labels[.spinMultiplicity].map { Int($0[0]) }),
                record: k % 3 == 0 ? "a/b" : "a_b", labels: labels)
        }
        return Dataset(configurations: configurations, units: .electronvoltAngstrom)
    }

    private static func isClose(_ left: [Double], _ right: [Double]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) <= 1e-12 * max(1, abs($1)) }
    }

    @Test(arguments: ["extxyz", "npz", "db", "hdf5"], [false, true])
    func everything(ending: String, orders: Bool) throws {
        if ending == "npz" && orders { return }
        let all = try dataset(orders: orders)
        let path = folder.file("all.\(ending)")
        try all.write(to: path, as: .init(path: path))
        let again = try Dataset.read(path: path)
        #expect(again.count == all.count)
        #expect(again.interpretation.unusedKeys == [] && again.interpretation.leftOut == [])
        // HDF5 has the configurations of one molecule, and of one order of atoms, together.
        var left = Array(again.configurations)
        for one in all.configurations {
            let place = try #require(
                left.firstIndex { other in
                    one.system.numbers == other.system.numbers
                        && zip(one.system.positions, other.system.positions).allSatisfy {
                            Self.isClose([$0.x, $0.y, $0.z], [$1.x, $1.y, $1.z])
                        }
                })
            let other = left.remove(at: place)
            #expect(Set(one.labels.keys.map(\.key)) == Set(other.labels.keys.map(\.key)), "\(one.place)")
            for (property, values) in one.labels {
                #expect(Self.isClose(other.labels[property] ?? [], values), "\(property.name)")
            }
            #expect(one.system.cell?.isPeriodicAlong == other.system.cell?.isPeriodicAlong)
            #expect(one.system.charge == other.system.charge)
            #expect(one.system.spinMultiplicity == other.system.spinMultiplicity)
            for (a, b) in zip(one.system.cell?.vectors ?? [], other.system.cell?.vectors ?? []) {
                #expect(Self.isClose([a.x, a.y, a.z], [b.x, b.y, b.z]))
            }
        }
    }

    /// Groups of a file have names that differ: of a molecule whose atoms stand in two orders, and of names that become equal.
    @Test func groupsOfHDF5() throws {
        let path = folder.file("groups.hdf5")
        try dataset(orders: true).write(to: path, as: .modelforge)
        #expect(try Dataset.read(path: path).configurations.recordNames == ["a_b", "a_b_2", "a_b_3"])
    }

    /// A label that the first hundred rows of a database lack is read, because the metadata name it.
    @Test func labelsOfLaterRows() throws {
        let configurations = try (0..<103).map { k in
            Configuration(
                system: try AtomicSystem(numbers: [1], positions: [SIMD3(Double(k), 0, 0)]), energy: -1,
                dipole: k == 102 ? SIMD3(1, 2, 3) : nil)
        }
        let path = folder.file("later.db")
        try Dataset(configurations: configurations, units: .electronvoltAngstrom).write(to: path, as: .aseDatabase)
        #expect(try Dataset.read(path: path).configurations[102].dipole == SIMD3(1, 2, 3))
    }

    /// One configuration alone has arrays of one row, whose charges are those of its atoms.
    @Test(arguments: ["npz", "hdf5", "db", "extxyz"])
    func oneConfiguration(ending: String) throws {
        let one = Configuration(
            system: try AtomicSystem(numbers: [8, 1], positions: [.zero, SIMD3(0, 0, 1)], charge: -1), energy: -3,
            charges: [-0.9, -0.1])
        let path = folder.file("one.\(ending)")
        try Dataset(configurations: [one], units: .electronvoltAngstrom).write(to: path, as: .init(path: path))
        let again = try Dataset.read(path: path).configurations[0]
        #expect(again.charges == [-0.9, -0.1] && again.system.charge == -1)
    }
}
