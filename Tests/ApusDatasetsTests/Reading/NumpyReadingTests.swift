import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusTestSupport
import Testing

struct NumpyReadingTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// Two geometries of HF with the names of MD17, except for the arrays that a test brings itself.
    private func molecule(
        positions: String = "R", elements: String = "z", energies: String = "E", forces: String = "F",
        numbers: [UInt8] = [1, 9], energyShape: [Int] = [2], forceShape: [Int] = [2, 2, 3]
    ) -> NumpyFile {
        var file = NumpyFile()
        file.add(elements, bytes: numbers, shape: [numbers.count])
        file.add(positions, [0, 0, 0, 0, 0, 0.9, 0, 0, 0, 0, 0, 1.1], shape: [2, 2, 3])
        file.add(energies, [-10, -11], shape: energyShape)
        file.add(forces, (0..<12).map(Double.init), shape: forceShape)
        return file
    }

    private func read(_ file: NumpyFile, options: ReadingOptions = ReadingOptions()) throws -> Dataset {
        try Dataset.read(path: try folder.write(file.bytes, to: "data.npz"), options: options)
    }

    private func sentenceOfReading(_ file: NumpyFile, options: ReadingOptions = ReadingOptions()) throws -> String {
        sentence(apusError { _ = try read(file, options: options) })
    }

    private static let kilocalorie = 4184 / 6.022_140_76e23 / 1.602_176_634e-19

    @Test func readsMD17() throws {
        let dataset = try read(molecule(energyShape: [2, 1]))
        #expect(dataset.count == 2)
        let second = dataset.configurations[1]
        #expect(second.system.numbers == [1, 9])
        #expect(second.system.positions == [[0, 0, 0], [0, 0, 1.1]])
        #expect(abs(try #require(second.energy) + 11 * Self.kilocalorie) < 1e-12)
        #expect(abs(try #require(second.forces)[1].z - 11 * Self.kilocalorie) < 1e-12)
        #expect(second.record == "FH")
        #expect(second.place == Configuration.Place(file: dataset.path, frame: 2))
        #expect(dataset.interpretation[.energy]?.origin == .convention("MD17 convention"))
    }

    @Test func readsRMD17() throws {
        let file = molecule(
            positions: "coords", elements: "nuclear_charges", energies: "energies", forces: "forces")
        let dataset = try read(file)
        #expect(dataset.interpretation[.positions]?.origin == .convention("rMD17 convention"))
        #expect(abs(try #require(dataset.configurations[0].energy) + 10 * Self.kilocalorie) < 1e-12)
    }

    @Test func readsUnitsAndNameOfSGDML() throws {
        var file = molecule()
        file.add("e_unit", "hartree")
        file.add("r_unit", "bohr")
        file.add("name", "fluoride")
        var options = ReadingOptions()
        options.units = .atomic
        let dataset = try read(file, options: options)
        #expect(dataset.configurations[1].energy == -11)
        #expect(dataset.configurations[1].forces?[1] == [9, 10, 11])
        #expect(dataset.configurations[1].record == "fluoride")
        #expect(dataset.interpretation[.energy]?.origin == .file(key: "e_unit"))
        #expect(dataset.interpretation[.forces]?.unit == .hartree / .bohr)
    }

    /// Units stand under the names that headers of extended XYZ have, too.
    @Test func readsUnitsUnderTheNamesOfExtendedXYZ() throws {
        var file = molecule()
        file.add("force_unit", "eV/nm")
        file.add("energy_unit", "hartree")
        file.add("length_unit", "bohr")
        file.add("stress_unit", "GPa")
        let size = [2, 3, 3]
        file.add("cell", [9, 0, 0, 0, 9, 0, 0, 0, 9], shape: [3, 3])
        file.add("stress", [Double](repeating: 1, count: 18), shape: size)
        var options = ReadingOptions()
        options.units = .atomic
        let dataset = try read(file, options: options)
        #expect(dataset.configurations[1].energy == -11)
        #expect(dataset.interpretation[.stress]?.origin == .file(key: "stress_unit"))
        #expect(dataset.interpretation[.stress]?.unit == .gigapascal && dataset.interpretation.unusedKeys.isEmpty)
        // 1 hartree/bohr³ is 29,421 GPa (CODATA 2018).
        let stress = try #require(dataset.configurations[0][.stress]?.first)
        #expect(abs(stress * 29_421.0157 - 1) < 1e-6)
    }

    @Test func otherNamesNeedUnits() throws {
        var options = ReadingOptions()
        options.assignment = [.positions: "xyz", .atomicNumbers: "Z", .energy: "U", .forces: "grad"]
        let file = molecule(positions: "xyz", elements: "Z", energies: "U", forces: "grad")
        #expect(
            try sentenceOfReading(file, options: options)
                == "the file does not state the unit of lengths and of energies; state them with "
                + "dataset.source_length_unit and dataset.source_energy_unit.")
        options.sourceUnits[.length] = .angstrom
        #expect(
            try sentenceOfReading(file, options: options)
                == "the file does not state the unit of energies; state it with dataset.source_energy_unit.")
        options.sourceUnits[.energy] = .electronvolt
        #expect(try read(file, options: options).configurations[1].energy == -11)
        options.assignment[.energy] = "V"
        #expect(
            try sentenceOfReading(file, options: options)
                == "dataset.properties_assignment.E: there is no array 'V'; the arrays are Z, xyz, U, grad.")
        options.assignment = [.dipole: "D"]
        #expect(
            try sentenceOfReading(file, options: options)
                == "dataset.properties_assignment.dipole_moment: there is no array 'D'; the arrays are Z, xyz, U, grad."
        )
        #expect(
            try sentenceOfReading(file)
                == "no array has the usual name of the positions; the arrays are Z, xyz, U, grad; choose one with "
                + "dataset.properties_assignment.positions.")
    }

    @Test func refusesWrongShapes() throws {
        #expect(
            try sentenceOfReading(molecule(forceShape: [2, 6]))
                == "array 'F': the forces must have the shape [2, 2, 3], but it is [2, 6]; correct the file, or "
                + "choose another array with --assign or dataset.properties_assignment.")
        #expect(
            try sentenceOfReading(molecule(energyShape: [1, 2])).hasPrefix(
                "array 'E': the energy must have the shape [2], but it is [1, 2]"))
        #expect(
            try sentenceOfReading(molecule(numbers: [1, 9, 9])).hasPrefix(
                "array 'R': the positions must have the shape [configurations, 3, 3], or [3, 3] beside"))
    }

    @Test func refusesUnknownElementsAndTwoCandidates() throws {
        let elements = try sentenceOfReading(molecule(numbers: [1, 119]))
        #expect(elements.hasPrefix("frame 1: atom 1 (counted from 0): no element has the atomic number 119"))
        var file = molecule()
        file.add("energies", [-10, -11], shape: [2])
        #expect(
            try sentenceOfReading(file)
                == "both 'E' and 'energies' could be the energy; choose one with dataset.properties_assignment.E.")
    }

    @Test func refusesNumbersThatAreNotFinite() throws {
        var file = NumpyFile()
        file.add("z", bytes: [1], shape: [1])
        file.add("R", [0, 0, 0, 0, 0, 0], shape: [2, 1, 3])
        file.add("E", [1, .nan], shape: [2])
        #expect(try sentenceOfReading(file).hasPrefix("frame 2: the energy must be finite, but nan was found"))
    }

    @Test func refusesAnEmptyFile() throws {
        var file = NumpyFile()
        file.add("z", bytes: [1], shape: [1])
        file.add("R", [], shape: [0, 1, 3])
        #expect(try sentenceOfReading(file) == "the file has no configuration.")
    }
}
