import ApusChemistry
import ApusDatasets
import ApusTestSupport
import Testing

/// The sign and unit of stresses, by the energies of a crystal that is strained and rattled.
///
/// Energies are those of pairs with E = Σ (r − d)² and of a term in the angles between lattice vectors, whose forces and
/// stresses are written down in closed form.
struct StressConsistencyTests {
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state ^ state >> 29) &* 0x9E37_79B9_7F4A_7C15
        }
    }

    private func crystal(
        stressFactor: Double = 1, forceFactor: Double = 1, strain: Double = 0.03, hasForces: Bool = true,
        skew: Double = 0, isSlab: Bool = false
    ) throws -> Dataset {
        var generator = Generator(state: 17)
        let lattice = [SIMD3<Double>(3.6, 0, 0), SIMD3(0.3, 3.4, 0), isSlab ? .zero : SIMD3(0, -0.2, 3.8)]
        let rest = [SIMD3<Double>(0.1, 0.2, 0.3), SIMD3(1.8, 1.7, 1.9)]
        let configurations = try (0..<24).map { _ in
            let epsilon = (0..<3).map { _ in SIMD3.random(in: -strain...strain, using: &generator) }
            let free = try AtomicSystem(
                numbers: [11, 17], positions: rest,
                cell: Cell(vectors: lattice, isPeriodicAlong: [true, true, !isSlab])
            ).strained(by: epsilon)
            let system = try free.moved(
                to: free.positions.enumerated().map { atom, position in
                    // Atoms may be listed in any image.
                    let image = Double(Int.random(in: -2...2, using: &generator)) * (free.cell?.vectors[atom] ?? .zero)
                    let step = hasForces ? SIMD3.random(in: -0.03...0.03, using: &generator) : .zero
                    return position + image + step
                })
            let pairs = try NeighborPairs(system, cutoff: 5)
            var (energy, forces, slope) = (
                -100.0, [SIMD3<Double>](repeating: .zero, count: 2), [Double](repeating: 0, count: 9)
            )
            for pair in 0..<pairs.count {
                let vector = pairs.vectors[pair]
                let distance = (vector * vector).sum().squareRoot()
                // A smooth end at the cutoff.
                let (deviation, end) = (distance - 2.9, 5 - distance)
                energy += 0.4 * deviation * deviation * end * end * 0.1
                let derivative = 0.08 * deviation * end * (end - deviation)
                let gradient = derivative / distance * vector
                forces[Int(pairs.first[pair])] += gradient
                forces[Int(pairs.second[pair])] -= gradient
                for a in 0..<3 { for b in 0..<3 { slope[3 * a + b] += vector[a] * gradient[b] } }
            }
            var stress = system.volume.map { volume in slope.map { stressFactor * $0 / volume } } ?? []
            if skew != 0 { stress[1] += skew * abs(stress[0]) }
            return Configuration(
                system: system,
                labels: [
                    .energy: [energy], .stress: stress,
                    .forces: hasForces ? forces.flatMap { [$0.x, $0.y, $0.z].map { forceFactor * $0 } } : [],
                ].filter { !$0.value.isEmpty })
        }
        return Dataset(configurations: configurations, units: .electronvoltAngstrom)
    }

    private func messages(_ dataset: Dataset) throws -> [String] {
        try dataset.findings().filter { $0.kind == .stress }.map(\.message)
    }

    @Test(arguments: [true, false])
    func rightOnes(hasForces: Bool) throws {
        #expect(try messages(crystal(hasForces: hasForces)) == [])
    }

    @Test(arguments: [true, false])
    func oppositeSign(hasForces: Bool) throws {
        let found = try messages(crystal(stressFactor: -1, hasForces: hasForces))
        #expect(found.count == 1 && found[0].hasPrefix("the stresses have the opposite sign"), "\(found)")
        #expect(found.first?.contains("dataset.opposite_stress_sign = true") == true)
    }

    @Test func otherUnits() throws {
        let pascals = try messages(crystal(stressFactor: 160.2))
        #expect(pascals.count == 1 && pascals[0].contains("GPa would explain it"), "\(pascals)")
        #expect(pascals.first?.contains("dataset.source_stress_unit") == true)
        let kilobars = try messages(crystal(stressFactor: -1602))
        #expect(kilobars.count == 1 && kilobars[0].contains("and of the opposite sign"), "\(kilobars)")
        #expect(kilobars.first?.contains("kbar would explain it") == true)
    }

    /// Cells that do not change say nothing.
    @Test func oneCell() throws {
        #expect(try messages(crystal(stressFactor: -1, strain: 0)) == [])
    }

    /// In one cell, forces are compared with energies as those of molecules are.
    @Test func forcesOfCrystals() throws {
        let right = try #require(try ForceConsistency(crystal(strain: 0)))
        #expect(right.verdict == .consistent && right.pairs >= 8)
        let gradients = try #require(try ForceConsistency(crystal(forceFactor: -1, strain: 0)))
        #expect(gradients.verdict == .oppositeSign)
    }

    /// A slab may have no third vector.
    @Test func forcesOfSlabs() throws {
        let right = try #require(try ForceConsistency(crystal(strain: 0, isSlab: true)))
        #expect(right.verdict == .consistent && right.pairs >= 8)
        let gradients = try #require(try ForceConsistency(crystal(forceFactor: -1, strain: 0, isSlab: true)))
        #expect(gradients.verdict == .oppositeSign)
    }

    /// Where cells and compositions all differ, sizes alone tell; pressures of planets are no reason for a word.
    @Test func sizes() throws {
        func found(_ stresses: [[Double]], key: String = "stress") throws -> [String] {
            let text = stresses.enumerated().map { k, stress in
                let symbols = ["Na", "Cl", "Si", "Al", "C", "O"][..<(1 + k % 6)]
                let numbers = stress.map { "\($0)" }.joined(separator: " ")
                let rows = symbols.enumerated().map { "\($1) \(2 * $0) 0 0\n" }.joined()
                let side = 14 + 0.5 * Double(k)
                return "\(symbols.count)\nLattice=\"\(side) 0 0 0 \(side) 0 0 0 \(side)\" "
                    + "Properties=species:S:1:pos:R:3 energy=\(-100 * (k + 1)) \(key)=\"\(numbers)\"\n\(rows)"
            }.joined()
            let folder = try TemporaryFolder()
            var options = ReadingOptions()
            options.names.areOptions = true
            return try messages(try Dataset.read(path: folder.write(text, to: "a.xyz"), options: options))
        }
        func voigt(_ pressure: Double) -> [Double] { [pressure, pressure, pressure, 0.1 * pressure, 0, 0] }
        // The pressure in the centre of Jupiter, 4 TPa or 25 eV/Å³, in some; that of the earth in all; tension of a tenth
        // of that.
        #expect(try found([voigt(-25)] + (0..<11).map { _ in voigt(-2.3) }) == [])
        #expect(try found((0..<12).map { _ in voigt(0.2) }) == [])
        // Pressures of 5 GPa that were taken for eV/Å³.
        let pascals = try found((0..<12).map { voigt($0 % 2 == 0 ? 5 : -5) })
        #expect(pascals.count == 1 && pascals[0].hasPrefix("the stresses of 6 of 12 configurations say"), "\(pascals)")
        #expect(pascals[0].contains("state --stress-unit"))
        #expect(pascals[0].contains("declare it with --opposite-stress-sign"))
        let terapascals = try found((0..<12).map { voigt($0 % 2 == 0 ? 405 : -405) })
        #expect(terapascals.count == 1 && terapascals[0].contains("of half of the configurations"), "\(terapascals)")
        // Virials as large, of which units of stress cannot tell.
        let virials = try found(
            (0..<12).map { k in
                let volume = (14 + 0.5 * Double(k)) * (14 + 0.5 * Double(k)) * (14 + 0.5 * Double(k))
                return [1, 0, 0, 0, 1, 0, 0, 0, 1].map { $0 * -5 * volume }
            }, key: "virial")
        #expect(virials.count == 1 && virials[0].hasPrefix("the virials of 12 of 12"), "\(virials)")
        #expect(virials[0].contains("convert them to the unit of the energies"))
        #expect(!virials[0].contains("--stress-unit"))
    }

    @Test func tensorsThatAreNotSymmetric() throws {
        let found = try messages(crystal(skew: 0.5))
        #expect(found.contains { $0.contains("are not symmetric") }, "\(found)")
    }
}
