import ApusChemistry
import ApusFiles
import ApusSystem
import Testing

@testable import ApusDatasets

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Configurations of a diatomic with a spring, E = ½ (r − 1)², near each other, in eV and Å.
private func springs(energy: Double = 1, force: Double = 1) throws -> Dataset {
    let configurations = try (0..<40).map { k in
        // Lengths 0.8 to 1.2 and slowly turning axes.
        let length = 0.8 + 0.01 * Double((k * 17) % 40)
        let axis = SIMD3(0.6, 0.8, 0)
        let system = try AtomicSystem(numbers: [8, 1], positions: [.zero, length * axis])
        let pull = (length - 1) * axis
        return Configuration(
            system: system, record: "OH", energy: energy * (length - 1) * (length - 1) / 2,
            forces: [force * pull, -force * pull], place: .init(file: "s.xyz", frame: k + 1))
    }
    return Dataset(configurations: configurations, units: .electronvoltAngstrom)
}

@Suite struct ForceConsistencyTests {
    @Test func forcesPass() throws {
        let found = try #require(try ForceConsistency(springs()))
        #expect(found.isConclusive && abs(found.slope - 1) < 1e-3 && found.warning == nil)
    }

    @Test func gradientsAreRecognised() throws {
        let found = try #require(try ForceConsistency(springs(force: -1)))
        #expect(abs(found.slope + 1) < 1e-3)
        #expect(found.warning?.hasPrefix("the forces look like gradients, of the opposite sign (between near") == true)
        #expect(found.warning?.contains("--forces-are-gradients") == true)
    }

    @Test(arguments: [
        (27.211_386 as Double, 1.0 as Double, "forces in Ha/Å read as eV/Å"),
        (1.0, 0.0433641, "energies in kcal/mol read as eV"),
        (1.0, 1.88973, "lengths in bohr read as Å"),
        (1.0, 1 / 51.422_067, "forces in Ha/bohr read as eV/Å"),
    ])
    func otherUnitsAreRecognised(energy: Double, force: Double, hint: String) throws {
        let found = try #require(try ForceConsistency(springs(energy: energy, force: force)))
        let warning = try #require(found.warning)
        #expect(warning.hasPrefix("the forces seem to be in another unit than the energies say (between near"))
        #expect(warning.contains("; this would explain it, and only you know which is true: \(hint) ("), "\(warning)")
    }

    /// Hartree and hartree/bohr read as eV and eV/Å look as if forces alone were in eV/bohr.
    @Test func bothUnitsMayBeOthers() throws {
        let found = try #require(try ForceConsistency(springs(energy: 1 / 27.211_386, force: 1 / 51.422_067)))
        let warning = try #require(found.warning)
        #expect(
            warning.hasSuffix(
                "true: forces in eV/bohr read as eV/Å (dataset.source_force_unit = \"eV/bohr\"), or energies in Ha read as "
                    + "eV and forces in Ha/bohr read as eV/Å (dataset.source_energy_unit = \"Ha\", "
                    + "dataset.source_force_unit = \"Ha/bohr\")"), "\(warning)")
        let units: [Dimension: Unit] = [.energy: try Unit("Ha"), .force: try Unit("Ha/bohr")]
        #expect(units == [.energy: .hartree, .force: .hartree / .bohr])
    }

    @Test func unrelatedConfigurationsSayNothing() throws {
        let one = try Dataset(configurations: Array(springs().configurations.prefix(1)), units: .electronvoltAngstrom)
        #expect(ForceConsistency(one) == nil)
        // Energies without relation to the forces.
        let shuffled = try springs().configurations.enumerated().map { k, configuration in
            Configuration(
                system: configuration.system, record: "OH", energy: Double((k * 7919) % 13),
                forces: configuration.forces)
        }
        let found = try #require(ForceConsistency(Dataset(configurations: shuffled, units: .electronvoltAngstrom)))
        #expect(
            found.verdict == .unrelated && found.warning?.hasPrefix("the forces do not belong to the energies") == true)
    }

    /// A bond with E = D (1 − exp(−a x))², D = 4.5 eV, a = 2 /Å, ten times pressed by 0.35 Å and stretched by 0.45 Å.
    ///
    /// The rule says 13 eV where the energy changes by 3 eV, and its error is estimated as 13 eV, so neither right forces
    /// nor gradients are judged.
    @Test(arguments: [1.0, -1.0]) func geometriesThatAreTooFarApartAreNotJudged(sign: Double) throws {
        let configurations = try (0..<20).map { k in
            let stretch = k % 2 == 0 ? -0.35 : 0.45
            let system = try AtomicSystem(numbers: [8, 1], positions: [.zero, SIMD3(1 + stretch, 0, 0)])
            let decay = 1 - exp(-2 * stretch)
            let pull = 2 * 4.5 * 2 * decay * exp(-2 * stretch) * SIMD3(1.0, 0, 0)
            return Configuration(
                system: system, record: "OH", energy: 4.5 * decay * decay, forces: [sign * pull, -sign * pull])
        }
        let found = try #require(
            ForceConsistency(Dataset(configurations: configurations, units: .electronvoltAngstrom)))
        #expect(found.verdict == .tooFarApart && !found.isConclusive && found.warning == nil)
    }

    /// From step to step the energies change by more of what the forces say: by no common factor, but never the other way
    /// round, as the rule errs for stiff molecules.
    @Test(arguments: [1.0, -1.0]) func oneSignIsNotUnrelated(sign: Double) throws {
        var energy = 0.0
        let configurations = try (0..<40).map { k in
            energy += 0.05 * pow(1.3, Double(k)) * 0.01
            let system = try AtomicSystem(numbers: [8, 1], positions: [.zero, SIMD3(1 + 0.01 * Double(k), 0, 0)])
            let pull = SIMD3(1.0, 0, 0)
            return Configuration(
                system: system, record: "OH", energy: energy, forces: [sign * pull, -sign * pull])
        }
        let found = try #require(
            ForceConsistency(Dataset(configurations: configurations, units: .electronvoltAngstrom)))
        #expect(found.verdict == (sign > 0 ? .tooFarApart : .oppositeSign))
    }
}

@Suite struct MomentOriginTests {
    /// Moments of point charges about the origin of the coordinates, and about the centre of mass, both by the definition.
    @Test(arguments: [[0.5, 0.3, 0.2], [0.5, -0.3, -0.2]])
    func momentsMoveToTheCenterOfMass(charges: [Double]) throws {
        let total = Int(charges.reduce(0, +).rounded())
        let system = try AtomicSystem(
            numbers: [8, 1, 6], positions: [SIMD3(3, 1, -2), SIMD3(4, 1.5, -2), SIMD3(3, 0, -1)], charge: total)
        func moments(_ origin: SIMD3<Double>) -> [Property: [Double]] {
            var dipole = SIMD3<Double>.zero
            var quadrupole = [Double](repeating: 0, count: 9)
            for (q, position) in zip(charges, system.positions) {
                let r = position - origin
                dipole += q * r
                for (k, (a, b)) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2)].enumerated()
                {
                    quadrupole[k] += q * (3 * r[a] * r[b] - (a == b ? (r * r).sum() : 0))
                }
            }
            return [.dipole: [dipole.x, dipole.y, dipole.z], .quadrupole: quadrupole]
        }
        let moved = try Configuration(system: system, labels: moments(.zero)).momentsFromCenterOfMass()
        let expected = moments(system.centerOfMass)
        for property in [Property.dipole, .quadrupole] {
            for (a, b) in zip(moved[property]!, expected[property]!) { #expect(abs(a - b) < 1e-11) }
        }
    }

    @Test func anUnknownOriginMattersForChargedSystems() throws {
        func dataset(charge: Int) throws -> Dataset {
            let system = try AtomicSystem(numbers: [8, 1], positions: [.zero, SIMD3(1, 0, 0)], charge: charge)
            return Dataset(
                configurations: [
                    Configuration(
                        system: system, dipole: SIMD3(1, 0, 0), place: .init(file: "a.xyz", frame: 3, line: 7))
                ], units: .electronvoltAngstrom)
        }
        let error = #expect(throws: ApusError.self) {
            _ = try dataset(charge: -1).momentsFromCenterOfMass(given: nil, for: [.dipole])
        }
        #expect(
            error?.description
                == "a.xyz, frame 3, line 7: the dipole moment of this system of charge -1 depends on the point it refers "
                + "to, which nobody states; set dataset.multipole_origin to \"center_of_mass\" or \"coordinates\".")
        _ = try dataset(charge: -1).momentsFromCenterOfMass(given: nil, for: [])
        _ = try dataset(charge: 0).momentsFromCenterOfMass(given: nil, for: [.dipole])
        let stated = try dataset(charge: -1).momentsFromCenterOfMass(given: .centerOfMass, for: [.dipole])
        #expect(stated.configurations[0].dipole == SIMD3(1, 0, 0))
    }
}

@Suite struct ChargeSumTests {
    @Test func chargesThatMissTheTotalAreReported() throws {
        let system = try AtomicSystem(numbers: [8, 1], positions: [.zero, SIMD3(1, 0, 0)], charge: -1)
        func dataset(_ charges: [Double]) -> Dataset {
            Dataset(
                configurations: [Configuration(system: system, charges: charges, place: .init(frame: 2))],
                units: .electronvoltAngstrom)
        }
        #expect(dataset([-0.7, -0.305]).chargeSumFinding() == nil)
        #expect(
            dataset([-0.7, 0.3]).chargeSumFinding()?.message
                == "the partial charges of 1 of 1 configurations do not sum to the total charge within 0.01 e; in frame 2 "
                + "they sum to -0.4 e, but the total charge is -1 e")
    }
}

@Suite struct SelfEnergySourceTests {
    private func atom(_ number: Int, _ energy: Double, charge: Int = 0) throws -> Configuration {
        Configuration(
            system: try AtomicSystem(numbers: [number], positions: [.zero], charge: charge), energy: energy,
            place: .init(file: "a.xyz"))
    }

    @Test func isolatedAtoms() throws {
        let configurations = [try atom(1, -0.5), try atom(8, -70, charge: -1), try atom(8, -75), try atom(8, -74)]
        let elements = [1, 8].map { Element.all[$0 - 1] }
        let found = try SelfEnergies.isolatedAtoms(in: configurations, for: elements, unit: .hartree)
        // The neutral atom in its lowest state.
        #expect(found.values == [1: -0.5, 8: -75])
        let error = #expect(throws: ApusError.self) {
            _ = try SelfEnergies.isolatedAtoms(in: configurations, for: [Element.all[5]], unit: .hartree)
        }
        #expect(
            error?.description.hasPrefix("a.xyz: there is no configuration of a single C atom with an energy") == true)
    }

    /// Energies near −10⁶ kJ/mol that differ by 10⁻³ kJ/mol: taken off first, the differences survive float32; rounded
    /// first, they are lost, because float32 has steps of 2⁻⁴ there.
    @Test func removalMustComeBeforeRounding() throws {
        let energies = (0..<10).map { -1e6 - 1e-3 * Double($0) }
        let selfEnergies = SelfEnergies([8: -1e6], unit: .kilojoulePerMole)
        let rounded = try energies.map { Float(try selfEnergies.removed(from: atom(8, $0))) }
        for (k, value) in rounded.enumerated() { #expect(abs(Double(value) + 1e-3 * Double(k)) < 1e-7) }
        let wrong = energies.map { Float($0) - Float(-1e6) }
        #expect(Set(wrong).count == 1)
    }

    /// In whatever order elements appear, each gets its own energy.
    @Test(arguments: [[1, 6, 7, 8, 17, 35], [35, 17, 8, 7, 6, 1], [17, 1, 35, 6, 8, 7]])
    func regressionIsExact(order: [Int]) throws {
        let exact = [1: -0.6, 6: -38.1, 7: -54.7, 8: -75.2, 17: -460.3, 35: -2574.4]
        var configurations: [Configuration] = []
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<24 {
            var numbers: [Int] = []
            for z in order { numbers += [Int](repeating: z, count: 1 + generator.index(below: 5)) }
            let system = try AtomicSystem(
                numbers: numbers, positions: numbers.indices.map { SIMD3(Double($0), 0, 0) })
            var energy = 0.0
            for number in numbers { energy += exact[number]! }
            configurations.append(Configuration(system: system, energy: energy))
        }
        let fit = try SelfEnergies.fit(configurations, unit: .hartree)
        #expect(fit.undetermined.isEmpty)
        for (number, energy) in exact { #expect(abs(fit.selfEnergies.values[number]! - energy) < 1e-9) }
    }
}
