import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusTestSupport
import Testing

struct ExtendedXYZReadingTests {
    static let water = """
        3
        Properties=species:S:1:pos:R:3:forces:R:3:charges:R:1 energy=-2.5 total_charge=1 dipole="0 0.5 1" name=water
        O 0.0 0.0 0.0 1.0 2.0 3.0 -0.6
        H 1.0 0.0 0.0 -1.0 0.0 0.0 0.8
        H 0.0 1.0 0.0 0.0 -2.0 -3.0 0.8

        """

    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test func readsEveryProperty() throws {
        let dataset = try folder.read(Self.water)
        let configuration = dataset.configurations[0]
        #expect(dataset.count == 1)
        #expect(dataset.units == .electronvoltAngstrom)
        #expect(dataset.elements.map(\.symbol) == ["H", "O"])
        #expect(configuration.system.numbers == [8, 1, 1])
        #expect(configuration.system.positions == [[0, 0, 0], [1, 0, 0], [0, 1, 0]])
        #expect(configuration.system.charge == 1)
        #expect(configuration.energy == -2.5)
        #expect(configuration.forces == [[1, 2, 3], [-1, 0, 0], [0, -2, -3]])
        #expect(configuration.dipole == [0, 0.5, 1])
        #expect(configuration.charges == [-0.6, 0.8, 0.8])
        #expect(configuration.record == "water")
        #expect(configuration.place.frame == 1 && configuration.place.line == 1)
        #expect(dataset.interpretation[.energy]?.origin == .convention("ASE convention"))
    }

    @Test func convertsStatedUnits() throws {
        var options = ReadingOptions()
        options.units = .electronvoltAngstrom
        let stated = Self.water.replacing("name=water", with: "length_unit=bohr energy_unit=hartree")
        let configuration = try folder.read(stated, options: options).configurations[0]
        let hartree = try Unit.hartree.factor(to: .electronvolt)
        let bohr = try Unit.bohr.factor(to: .angstrom)
        #expect(configuration.energy == -2.5 * hartree)
        #expect(configuration.system.positions[1].x == bohr)
        #expect(abs(try #require(configuration.forces)[0].z / (3 * hartree / bohr) - 1) < 1e-15)
        #expect(abs(try #require(configuration.dipole).z / bohr - 1) < 1e-15)
        #expect(configuration.charges == [-0.6, 0.8, 0.8])
        #expect(configuration.record == "H2O+")
    }

    @Test func convertsUnitSystemAndForceAndDipoleUnit() throws {
        let stated = Self.water.replacing(
            "name=water", with: "units=\"kcal/mol, nm\" force_unit=eV/angstrom dipole_unit=debye")
        let dataset = try folder.read(stated)
        let configuration = dataset.configurations[0]
        #expect(configuration.forces?[0] == [1, 2, 3])
        #expect(configuration.system.positions[1].x == 10)
        #expect(abs(try #require(configuration.energy) / -2.5 / 0.043_364_104_241_8 - 1) < 1e-10)
        #expect(abs(try #require(configuration.dipole).z - 0.208_194_3) < 1e-6)
        #expect(dataset.interpretation[.energy]?.origin == .file(key: "units"))
        #expect(dataset.interpretation[.forces]?.origin == .file(key: "force_unit"))
    }

    @Test func optionsStateUnitsAndKeys() throws {
        var options = ReadingOptions()
        options.sourceUnits[.energy] = .kilocaloriePerMole
        options.assignment = [.energy: "energy_xtb", .forces: "forces_xtb"]
        let text = Self.water.replacing("energy=", with: "energy_xtb=").replacing("forces:R", with: "forces_xtb:R")
        let dataset = try folder.read(text, options: options)
        #expect(dataset.interpretation[.energy]?.key == "energy_xtb")
        #expect(dataset.interpretation[.energy]?.origin == .option)
        #expect(dataset.interpretation[.positions]?.origin == .convention("ASE convention"))
        #expect(abs(try #require(dataset.configurations[0].energy) + 2.5 * 0.043_364_104_241_8) < 1e-12)
        #expect(
            dataset.interpretation.lines.contains("energy from 'energy_xtb' in kcal/mol (stated by the configuration)"))
    }

    @Test func elementsMayBeNumbersAndFramesPlain() throws {
        let numbers = try folder.read("2\nProperties=Z:I:1:pos:R:3\n6 0 0 0\n8 0 0 1.1\n")
        #expect(numbers.configurations[0].system.numbers == [6, 8])
        let plain = try folder.read("2\na comment\nC 0 0 0\n8 0 0 1.1\n")
        #expect(plain.configurations[0].system.numbers == [6, 8])
        #expect(plain.configurations[0].record == "CO")
        #expect(plain.configurations[0].energy == nil)
    }

    @Test func keysThatAgreeNeedNoChoice() throws {
        let text = Self.water.replacing("energy=-2.5", with: "REF_energy=-2.5 energy=-2.5")
        #expect(try folder.read(text).configurations[0].energy == -2.5)
    }

    @Test func aBoxWithoutPeriodicityIsKept() throws {
        let text = Self.water.replacing("name=water", with: "Lattice=\"9 0 0 0 9 0 0 0 9\" pbc=\"F F F\"")
        let cell = try #require(try folder.read(text).configurations[0].system.cell)
        #expect(!cell.isPeriodic && cell.volume == 729)
    }

    @Test func recognisesFilesByContent() throws {
        let path = try folder.write(Self.water, to: "data.txt")
        #expect(try Dataset.read(path: path).count == 1)
        let unknown = try folder.write("molecule water", to: "data.h5")
        let error = apusError { _ = try Dataset.read(path: unknown) }
        #expect(error?.kind == .data)
        #expect(sentence(error).contains("the format of the file is not known; extended XYZ"))
        let missing = apusError { _ = try Dataset.read(path: "\(folder.path)/none.xyz") }
        #expect(missing?.kind == .missingInput)
    }
}

extension String {
    /// Replaces the first occurrence of a text that must be there.
    func replacing(_ text: String, with other: String) -> String {
        guard let range = firstRange(of: text) else { preconditionFailure("'\(text)' does not occur") }
        return String(self[..<range.lowerBound]) + other + self[range.upperBound...]
    }
}

struct LabelReadingTests {
    /// One configuration with every label, in kcal/mol, bohr and debye.
    static let ion = """
        2
        Properties=species:S:1:pos:R:3:gradient:R:3:partial_charges:R:1:spin_multiplicities:R:1:energies:R:1 \
        energy=-2 total_charge=-1 spin_multiplicity=2 dipole="0 0 1" quadrupole="1 0 0 0 2 0 0 0 -3" \
        alpha=7 units="kcal/mol, bohr" dipole_unit=debye
        O 0 0 0 1 2 3 -0.6 1.75 -1.5
        H 0 0 2 -1 -2 -3 -0.4 1.25 -0.5

        """
    static let polarizability = Property(
        key: "polarizability", target: "per_system_polarizability", name: "polarizability", owner: .system,
        dimension: Dimension(length: 3))

    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test func readsAndConvertsEveryLabel() throws {
        let configuration = try folder.read(Self.ion).configurations[0]
        let bohr = 0.529_177_210_544
        let kcal = 0.043_364_104_241_800_934
        #expect(configuration.system.charge == -1)
        #expect(configuration.system.spinMultiplicity == 2)
        #expect(configuration[.totalCharge] == [-1])
        #expect(configuration[.spinMultiplicity] == [2])
        #expect(configuration[.charges] == [-0.6, -0.4])
        #expect(configuration[.atomicSpinMultiplicities] == [1.75, 1.25])
        func isNear(_ property: Property, _ expected: [Double]) throws {
            for (found, expected) in zip(try #require(configuration[property]), expected) {
                #expect(abs(found - expected) <= 1e-12 * abs(expected))
            }
        }
        try isNear(.atomicEnergies, [-1.5 * kcal, -0.5 * kcal])
        try isNear(.forces, [-1, -2, -3, 1, 2, 3].map { $0 * kcal / bohr })
        try isNear(.quadrupole, [1, 0, 0, 0, 2, 0, 0, 0, -3].map { $0 * bohr * bohr })
        #expect(abs(configuration.dipole!.z - 0.208_194_333_270_266_7) < 1e-9)
    }

    @Test func saysThatGradientsAreNegated() throws {
        let entry = try #require(try folder.read(Self.ion).interpretation[.forces])
        #expect(entry.isNegated)
        #expect(
            "\(entry)"
                == "forces from 'gradient' in kcal/mol/bohr (from the units above), gradients with the opposite sign")
    }

    @Test func forcesCanBeDeclaredGradients() throws {
        var options = ReadingOptions()
        let forces = try folder.read(ExtendedXYZReadingTests.water).configurations[0].forces
        options.forcesAreGradients = true
        let negated = try folder.read(ExtendedXYZReadingTests.water, options: options).configurations[0].forces
        #expect(negated == forces?.map { -$0 })
    }

    @Test func aFurtherPropertyCanBeRead() throws {
        var options = ReadingOptions()
        options.assignment[Self.polarizability] = "alpha"
        let configuration = try folder.read(Self.ion, options: options).configurations[0]
        let bohr = 0.529_177_210_544
        #expect(abs(configuration[Self.polarizability]![0] - 7 * bohr * bohr * bohr) < 1e-14)
    }

    @Test func everyLabelSurvivesWriting() throws {
        let dataset = try folder.read(Self.ion)
        try dataset.write(to: folder.file("out.extxyz"))
        let again = try Dataset.read(path: folder.file("out.extxyz"))
        #expect(again.configurations[0].labels == dataset.configurations[0].labels)
        #expect(again.configurations[0].system == dataset.configurations[0].system)
    }

    @Test func aChargeThatIsNotStatedIsNoLabel() throws {
        let text = ExtendedXYZReadingTests.water.replacing("total_charge=1 ", with: "")
        #expect(try folder.read(text).configurations[0][.totalCharge] == nil)
    }
}

struct StatedSelfEnergyTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func water(_ statement: String) -> String {
        ExtendedXYZReadingTests.water.replacing(
            "name=water", with: "name=water units=\"hartree, angstrom\" \(statement)")
    }

    @Test(arguments: [#""_JSON {\"H\": -0.5, \"O\": -75}""#, #""{\"H\": -0.5, \"O\": -75}""#])
    func aFileCanStateSelfEnergies(_ json: String) throws {
        let dataset = try folder.read(water("atomic_self_energies=\(json)"))
        let found = try #require(dataset.selfEnergies)
        #expect(found.unit == .electronvolt)
        #expect(abs(found.values[1]! + 0.5 * 27.211_386_245_981) < 1e-12)
        #expect(abs(found.values[8]! + 75 * 27.211_386_245_981) < 1e-9)
        #expect(!dataset.interpretation.unusedKeys.contains("atomic_self_energies"))
        #expect(try folder.read(ExtendedXYZReadingTests.water).selfEnergies == nil)
    }

    @Test(arguments: [
        (#""{\"Hx\": 1}""#, "names 'Hx', which is no element"),
        (#""{\"H\": \"a\"}""#, "of H must be a finite number, but it is"),
        ("5", "must be a JSON object"),
    ])
    func whatIsNoSelfEnergyIsRefused(_ json: String, _ sentence: String) throws {
        let error = apusError { _ = try folder.read(water("atomic_self_energies=\(json)")) }
        #expect(
            error?.description.contains("frame 1, line 1: 'atomic_self_energies' \(sentence)") == true,
            "\(error?.description ?? "")")
    }
}

struct DatasetSummaryTests {
    @Test func countsRangesAndRepetitions() throws {
        func hydrogen(_ length: Double, charge: Int = 0, dipole: SIMD3<Double>? = nil) throws -> Configuration {
            Configuration(
                system: try AtomicSystem(
                    numbers: [1, 1], positions: [.zero, SIMD3(0, 0, length)], charge: charge),
                record: "H2", energy: length, dipole: dipole)
        }
        let dataset = Dataset(
            configurations: [
                try hydrogen(0.7), try hydrogen(0.8, dipole: SIMD3(0, 0, 2)), try hydrogen(0.7),
                try hydrogen(0.7, charge: 1),
            ], units: .electronvoltAngstrom)
        let summary = DatasetSummary(dataset)
        #expect(summary.configurations == 4 && summary.records == 1)
        #expect(summary.duplicates == 1 && summary.otherStates == 1)
        #expect(summary.elements.count == 1 && summary.elements[0].systems == 4 && summary.elements[0].atoms == 8)
        #expect(summary.charges.map(\.charge) == [1] && summary.shortestDistance == 0.7)
        let dipole = try #require(summary.ranges.first { $0.property == .dipole })
        #expect(dipole.configurations == 1 && dipole.count == 3 && dipole.maximum == 2 && dipole.minimum == 0)
        #expect(abs(dipole.mean - 2.0 / 3) < 1e-15 && abs(dipole.deviation - (8.0 / 9).squareRoot()) < 1e-15)
        #expect(summary.ranges.map(\.property) == [.energy, .totalCharge, .dipole])
        #expect(summary.forceConsistency == nil)
    }
}
