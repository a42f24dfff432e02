import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusTestSupport
import Testing

struct SelfEnergiesTests {
    /// A configuration of these atoms in a row; only their numbers matter here.
    private func molecule(_ symbols: String, energy: Double?) throws -> Configuration {
        let numbers = try symbols.split(separator: " ").map { try Element(symbol: String($0)).atomicNumber }
        let positions = numbers.indices.map { SIMD3(Double($0), 0, 0) }
        return Configuration(
            system: try AtomicSystem(numbers: numbers, positions: positions), energy: energy,
            place: Configuration.Place(file: "data.xyz", frame: 4, line: 31))
    }

    private static let energies = ["H": -1313.0, "C": -99366.0, "O": -197082.0, "Br": -6_757_000.0]

    private func sum(_ symbols: String) -> Double {
        symbols.split(separator: " ").reduce(0) { $0 + (Self.energies[String($1)] ?? .nan) }
    }

    @Test func recoversTheEnergiesOfExactData() throws {
        let molecules = ["H H", "H H O", "C O", "C H H H H", "C H H H Br", "H Br"]
        let fit = try SelfEnergies.fit(
            molecules.map { try molecule($0, energy: sum($0)) }, unit: .kilojoulePerMole)
        for (symbol, energy) in Self.energies {
            let fitted = try #require(fit.selfEnergies.values[try Element(symbol: symbol).atomicNumber])
            #expect(abs(fitted / energy - 1) < 1e-12, "\(symbol)")
        }
        #expect(fit.rootMeanSquareResidual < 1e-8)
        #expect(fit.undetermined.isEmpty && fit.warning == nil)
        #expect(fit.conditionNumber > 1 && fit.conditionNumber < 100)
        #expect(fit.selfEnergies.elements.map(\.symbol) == ["H", "C", "O", "Br"])
    }

    /// A small problem solved by hand: E(H₂) = −2, E(H₂) = −4, E(H) = −1 gives E_H = (2·2 + 2·4 + 1)/(4 + 4 + 1).
    @Test func minimisesTheSquares() throws {
        let fit = try SelfEnergies.fit(
            [molecule("H H", energy: -2), molecule("H H", energy: -4), molecule("H", energy: -1)], unit: .hartree)
        #expect(abs(try #require(fit.selfEnergies.values[1]) + 13.0 / 9) < 1e-14)
        // The residuals are 8/9, −10/9 and 4/9.
        #expect(abs(fit.rootMeanSquareResidual - (180.0 / 81 / 3).squareRoot()) < 1e-14)
        #expect(abs(fit.largestResidual - 10.0 / 9) < 1e-14)
        #expect(fit.conditionNumber == 1)
    }

    @Test func takesTheSmallestEnergiesOfOneComposition() throws {
        let fit = try SelfEnergies.fit(
            [molecule("O H H", energy: -30), molecule("O H H", energy: -36)], unit: .electronvolt)
        // n = (2, 1) and E = −33: the smallest solution is −33 n / |n|².
        #expect(abs(try #require(fit.selfEnergies.values[1]) + 13.2) < 1e-13)
        #expect(abs(try #require(fit.selfEnergies.values[8]) + 6.6) < 1e-13)
        #expect(fit.undetermined.map(\.symbol) == ["H", "O"])
        #expect(abs(fit.rootMeanSquareResidual - 3) < 1e-13)
        #expect(try #require(fit.warning).contains("self-energies of H, O separately"))
    }

    @Test func namesOnlyTheElementsThatAreUndetermined() throws {
        // H and Br are fixed by HBr and H₂, while C and O come only as CO.
        let fit = try SelfEnergies.fit(
            [
                molecule("H H", energy: -2), molecule("H Br", energy: -11), molecule("C O", energy: -6),
                molecule("C O H H", energy: -8),
            ], unit: .hartree)
        #expect(fit.undetermined.map(\.symbol) == ["C", "O"])
        #expect(abs(try #require(fit.selfEnergies.values[35]) + 10) < 1e-13)
        #expect(abs(try #require(fit.selfEnergies.values[6]) + 3) < 1e-13)
    }

    @Test func smallDifferencesOfLargeEnergiesSurvive() throws {
        let reference = -1_000_000.123
        let configurations = try (0..<1000).map {
            try molecule("C O", energy: reference + 1e-3 * Double($0 % 7))
        }
        let fit = try SelfEnergies.fit(configurations, unit: .kilojoulePerMole)
        let removed = try configurations.map { try fit.selfEnergies.removed(from: $0) }
        for (first, second) in zip(removed, removed.dropFirst()).prefix(6) {
            #expect(abs(second - first - 1e-3) < 1e-9)
        }
        #expect(removed.allSatisfy { abs($0) < 0.0031 })
    }

    @Test func theSumDoesNotDependOnTheOrderOfAtoms() throws {
        let values = SelfEnergies([1: -0.1, 6: -0.7, 8: -1e9 / 3], unit: .hartree)
        let total = try values.total(of: molecule("C H O H C H O", energy: nil).system)
        #expect(try values.total(of: molecule("O O H H H C C", energy: nil).system) == total)
        #expect(abs(total - (-0.3 - 1.4 - 2e9 / 3)) < 1e-6)
    }

    @Test func convertsUnits() throws {
        let values = try SelfEnergies([1: -0.5], unit: .hartree).converted(to: .electronvolt)
        #expect(values.unit == .electronvolt)
        #expect(abs(try #require(values.values[1]) + 13.605_693_122_99) < 1e-9)
        #expect(throws: UnitError.self) { try values.converted(to: .angstrom) }
    }

    @Test func refusesUnknownElementsAndMissingEnergies() throws {
        let values = SelfEnergies([1: -0.5, 6: -38], unit: .hartree)
        #expect(
            apusError({ _ = try values.removed(from: try molecule("C Br H", energy: 1)) })?.description
                == "data.xyz, frame 4, line 31: there is no self-energy for the element Br of atom 1 (counted from 0), "
                + "only for H, C; remove the configuration, or train on configurations with Br.")
        #expect(
            apusError({ _ = try SelfEnergies.fit([molecule("H", energy: nil)], unit: .hartree) })?.description
                == "data.xyz, frame 4, line 31: the energy is missing; complete or remove the frame.")
        #expect(apusError({ _ = try SelfEnergies.fit([], unit: .hartree) })?.kind == .data)
    }

    /// A network learns what is left without self-energies and offset, so the mean is that, and nothing is taken off twice.
    @Test(arguments: EnergyShift.allCases) func statisticsAreOfWhatIsLearned(_ shift: EnergyShift) throws {
        let configurations = try [-10.0, -13.0, -12.0].map { try molecule("H H", energy: $0) }
        let statistics = try EnergyStatistics(configurations, removing: nil, shift: shift)
        let offset = [EnergyShift.minimum: -13, .maximum: -10, .mean: -35.0 / 3][shift]!
        #expect(abs(statistics.offset - offset) < 1e-14)
        #expect(abs(2 * statistics.perAtomMean + statistics.offset - -35.0 / 3) < 1e-14)
        // The spread of energies per atom, −5, −6.5 and −6, around their mean.
        #expect(abs(statistics.perAtomStandardDeviation - (7.0 / 18).squareRoot()) < 1e-14)
        #expect(statistics.spread == 3)
    }

    /// σ is an energy: the same one for the same forces in another unit of length.
    @Test func scaleDoesNotDependOnTheUnitOfLength() throws {
        func scale(_ units: UnitSystem, _ factor: Double) throws -> Double {
            let hydrogen = try molecule("H H", energy: -10)
            let forces = hydrogen.system.positions.flatMap { _ in [factor, -2 * factor, 2 * factor] }
            return try EnergyStatistics([hydrogen.labelled([.energy: [-10], .forces: forces])], removing: nil)
                .scale(learnsForces: true, in: units)
        }
        let nanometer = try UnitSystem(energy: .electronvolt, length: .nanometer)
        #expect(abs(try scale(.electronvoltAngstrom, 1) - 3.0.squareRoot()) < 1e-14)
        #expect(abs(try scale(nanometer, 10) - 3.0.squareRoot()) < 1e-14)
        let plain = try EnergyStatistics([molecule("H H", energy: -10)], removing: nil)
        #expect(abs(try plain.scale(learnsForces: true, in: .kilojoulePerMoleNanometer) - 96.485) < 1e-3)
    }

    @Test func statistics() throws {
        let configurations = try [("H H", -10.0), ("H", -4.0), ("H H", -12.0)].map { symbols, energy in
            let configuration = try molecule(symbols, energy: energy)
            return configuration.labelled(
                [.energy: [energy], .forces: configuration.system.positions.flatMap { _ in [1, -2, 2] }])
        }
        let selfEnergies = SelfEnergies([1: -5], unit: .hartree)
        let statistics = try EnergyStatistics(configurations, removing: selfEnergies)
        // Without self-energies 0, 1 and −2, that is 0, 1 and −1 per atom.
        #expect(statistics.perAtomMean == 0)
        #expect(abs(statistics.perAtomStandardDeviation - (2.0 / 3).squareRoot()) < 1e-15)
        #expect(statistics.spreadOfTotals == 8 && statistics.spread == 3)
        #expect(abs(try #require(statistics.forceRootMeanSquare) - 3.0.squareRoot()) < 1e-15)

        let largest = try #require(statistics.largestForce)
        #expect(largest.size == 3 && largest.position == 0 && largest.atom == 0)

        let plain = try EnergyStatistics([molecule("H H", energy: -10)], removing: nil)
        #expect(plain.perAtomMean == -5 && plain.perAtomStandardDeviation == 0)
        #expect(plain.forceRootMeanSquare == nil && plain.largestForce == nil)
        #expect(apusError({ _ = try EnergyStatistics([], removing: nil) })?.kind == .data)
    }
}
