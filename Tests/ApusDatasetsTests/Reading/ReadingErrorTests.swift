import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusTestSupport
import Testing

/// Every rule that a data file can break: the sentence names place, value and remedy.
struct ReadingErrorTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private static let good = ExtendedXYZReadingTests.water

    @Test(arguments: [
        (
            "energy=-2.5", "energy=nan",
            "frame 2, line 6: the energy must be finite, but nan was found; correct the value or remove the frame"
                + ", or set dataset.missing_labels to \"drop\" or \"mask\"."
        ),
        (
            "energy=-2.5", "energy=-1e300",
            "frame 2, line 6: the energy must be at most 1e15 in size, but -1e+300 eV was found; correct the value or its "
                + "unit."
        ),
        (
            "H 1.0 0.0 0.0", "H 1e300 0.0 0.0",
            "frame 2, line 6: the positions must be at most 1e9 in size, but 1e+300 Å was found; correct the value or its "
                + "unit."
        ),
        (
            "energy=-2.5", "energy=low",
            "frame 2, line 6: the energy 'energy' must be one number, but it is 'low'; correct it, or remove it and "
                + "set dataset.missing_labels to \"drop\" or \"mask\"."
        ),
        (
            "total_charge=1", "total_charge=0.5",
            "frame 2, line 6: the total charge 'total_charge' must be a whole number, but it is '0.5'; "
                + "correct or remove it."
        ),
        (
            "dipole=\"0 0.5 1\"", "dipole=1.7",
            "frame 2, line 6: the dipole moment 'dipole' must be three numbers, but it is '1.7'; correct it, or "
                + "remove it and set dataset.missing_labels to \"drop\" or \"mask\"."
        ),
        (
            "1.0 2.0 3.0", "1.0 inf 3.0",
            "frame 2, line 6: the forces of atom 0 (counted from 0) must be finite, but inf was found; "
                + "correct the value or remove the frame."
        ),
        (
            "H 1.0 0.0 0.0", "H nan 0.0 0.0",
            "frame 2, line 6: the positions of atom 1 (counted from 0) must be finite, but nan was found; "
                + "correct the value or remove the frame."
        ),
        (
            "-0.6", "nan",
            "frame 2, line 6: the partial charges of atom 0 (counted from 0) must be finite, but nan was found; "
                + "correct the value or remove the frame, or set dataset.missing_labels to \"drop\" or \"mask\"."
        ),
        (
            "H 0.0 1.0", "Hx 0.0 1.0",
            "frame 2, line 10: \"Hx\" is not the symbol of an element; symbols are written like H, C or Cl."
        ),
        (
            "H 0.0 1.0", "CO 0.0 1.0",
            "frame 2, line 10: \"CO\" is not the symbol of an element; did you mean \"Co\"?"
        ),
        (
            "forces:R:3:charges:R:1", "forces:R:2:two:R:2",
            "frame 2, line 6: the column 'forces' with the forces must have three numbers per atom, but it is "
                + "forces:R:2; correct 'Properties', or name another column with --assign or dataset.properties_assignment."
        ),
        (
            "H 0.0 1.0 0.0", "H 1.0 0.0 0.0002",
            "frame 2, line 6: the atoms 1 (H) and 2 (H), counted from 0, are 0.0002 Å apart, which is as good as on "
                + "one point; remove one of them or correct its position."
        ),
        (
            "name=water", "Lattice=\"9 0 0 0 9 0 0 0 0\"",
            "frame 2, line 6: the system is periodic along c, which must not be zero, but the lattice vectors are "
                + "(9.0, 0.0, 0.0), (0.0, 9.0, 0.0), (0.0, 0.0, 0.0); give the vector, or make the system not periodic "
                + "along it."
        ),
        (
            "name=water", "Lattice=\"9 0 0 0 9 0 9 9 0\"",
            "frame 2, line 6: the lattice vectors of the periodic directions must enclose a volume and not lie in one plane "
                + "or on one line, but the lattice vectors are (9.0, 0.0, 0.0), (0.0, 9.0, 0.0), (9.0, 9.0, 0.0); correct "
                + "them, or make the system not periodic along them."
        ),
        (
            "name=water", "Lattice=\"9 0 0 0 nan 0 0 0 9\"",
            "frame 2, line 6: the components of lattice vectors must be numbers up to 1e9 in size, but the lattice vectors "
                + "are (9.0, 0.0, 0.0), (0.0, nan, 0.0), (0.0, 0.0, 9.0); correct them."
        ),
        (
            "name=water", "Lattice=\"1e200 0 0 0 1e200 0 0 0 1e200\"",
            "frame 2, line 6: the components of lattice vectors must be numbers up to 1e9 in size, but the lattice vectors "
                + "are (1e+200, 0.0, 0.0), (0.0, 1e+200, 0.0), (0.0, 0.0, 1e+200); correct them."
        ),
        (
            "name=water", "Lattice=\"1e12 0 0 0 9 0 0 0 9\"",
            "frame 2, line 6: the components of lattice vectors must be numbers up to 1e9 in size, and their volume at least "
                + "1e-20, but the lattice vectors are (1000000000000.0, 0.0, 0.0), (0.0, 9.0, 0.0), (0.0, 0.0, 9.0); correct them or "
                + "their unit."
        ),
        (
            "name=water", "Lattice=\"1 2 3 4\"",
            "frame 2, line 7: 'Lattice' must be nine numbers, or the three of a diagonal, but it is '1 2 3 4'; correct the "
                + "comment line."
        ),
        (
            "name=water", "pbc=\"T F\"",
            "frame 2, line 7: 'pbc' must be three booleans (T or F), or one for all, but it is 'T F'; correct the comment "
                + "line."
        ),
        (
            "name=water", "Lattice=\"9 0 0 0 1.0002 0 0 0 9\"",
            "frame 2, line 6: the atom 0 (O) and the image of atom 2 (H), counted from 0, in the cell (0, -1, 0) are "
                + "0.00019999999999997797 Å apart, which is as good as on one point; remove one of them, or correct its "
                + "position or the lattice vectors."
        ),
        (
            "name=water", "pbc=\"T T F\"",
            "frame 2, line 6: 'pbc' says that the frame is periodic, but it has no 'Lattice'; write the lattice vectors, as "
                + "in Lattice=\"9 0 0 0 9 0 0 0 9\", or pbc=\"F F F\"."
        ),
        (
            "name=water", "energy_unit=hartree",
            "frame 2, line 6: 'energy_unit' must be the same in all frames, but it is 'hartree' here and nothing in "
                + "frame 1; write all frames in the same units."
        ),
        (
            "energy=-2.5", "energy=-2.5 REF_energy=-2.4",
            "frame 2, line 6: both 'energy' and 'REF_energy' of this file could be the energy, and in this frame they "
                + "differ; choose one with dataset.properties_assignment.E."
        ),
        (
            "energy=-2.5", "Energy=-2.5",
            "frame 2, line 6: both 'energy' and 'Energy' of this file could be the energy, and in this frame they are "
                + "not both there; choose one with dataset.properties_assignment.E."
        ),
    ])
    func refusesADamagedFrame(part: String, damage: String, expected: String) throws {
        // Labels that are not needed are left out, which is another test.
        var options = ReadingOptions()
        options.needed = Set(Property.allCases)
        let error = folder.readingError(Self.good + Self.good.replacing(part, with: damage), options: options)
        #expect(error?.kind == .data)
        #expect(error?.file?.hasSuffix("data.xyz") == true)
        #expect(sentence(error) == expected)
    }

    @Test(arguments: [
        ("energy_unit=eW", "frame 1, line 1, key 'energy_unit': unknown unit \"eW\""),
        ("energy_unit=nm", "frame 1, line 1, key 'energy_unit': \"nm\" is a unit of length, but a unit of energy"),
        ("length_unit=eV", "frame 1, line 1, key 'length_unit': \"eV\" is a unit of energy, but a unit of length"),
        ("force_unit=eV", "frame 1, line 1, key 'force_unit': \"eV\" is a unit of energy, but a unit of force"),
        ("units=metal", "frame 1, line 1, key 'units': \"metal\" is not a unit system"),
    ])
    func refusesWrongUnits(statement: String, expected: String) throws {
        let error = folder.readingError(Self.good.replacing("name=water", with: statement))
        #expect(error?.kind == .data)
        #expect(sentence(error).hasPrefix(expected))
    }

    @Test func refusesOptionsThatContradictTheFile() throws {
        var options = ReadingOptions()
        options.sourceUnits[.energy] = .hartree
        let text = Self.good.replacing("name=water", with: "energy_unit=eV")
        let contradiction = folder.readingError(text, options: options)
        #expect(contradiction?.kind == .configuration)
        #expect(
            sentence(contradiction) == "frame 1, line 1: the file states the unit 'eV' under 'energy_unit', but "
                + "dataset.source_energy_unit is 'Ha'; remove the option, or correct the file.")

        options.sourceUnits[.energy] = .electronvolt
        #expect(try folder.read(text, options: options).interpretation[.energy]?.origin == .file(key: "energy_unit"))

        options.sourceUnits[.energy] = .angstrom
        let dimension = folder.readingError(text, options: options)
        #expect(dimension?.kind == .configuration)
        #expect(
            sentence(dimension).hasPrefix(
                "dataset.source_energy_unit Å: \"Å\" is a unit of length, but a unit of energy is needed"))
    }

    @Test func refusesAnAssignedKeyThatIsMissing() throws {
        var options = ReadingOptions()
        options.assignment = [.energy: "U0"]
        let energy = folder.readingError(Self.good, options: options)
        #expect(energy?.kind == .configuration)
        #expect(
            sentence(energy) == "dataset.properties_assignment.E: no frame has a key 'U0'; "
                + "there are energy, total_charge, dipole, name.")
        options.assignment = [.forces: "energy"]
        #expect(
            sentence(folder.readingError(Self.good, options: options))
                == "dataset.properties_assignment.F: no frame has a column 'energy'; there are species, pos, forces, charges."
        )
    }

    @Test func refusesFramesWithoutElementsOrPositions() throws {
        let error = folder.readingError("1\nProperties=species:S:1:place:R:3\nH 0 0 0\n")
        #expect(
            sentence(error).hasPrefix("frame 1, line 1: there is no column with the positions, looked for as 'pos'"))
        let mixed = folder.readingError(
            Self.good + "1\nProperties=element:S:1:pos:R:3 energy=1\nH 0 0 0\n")
        #expect(sentence(mixed).hasPrefix("frame 2, line 6: the frame has no column with the elements"))
    }

    @Test func refusesTheFileWithoutFrames() throws {
        #expect(folder.readingError("")?.kind == .data)
    }

    @Test func requiresLabels() throws {
        let without = Self.good.replacing("energy=-2.5", with: "U0=-2.5")
        let dataset = try folder.read(Self.good + without)
        try dataset.require([.forces])
        #expect(
            sentence(apusError { try dataset.require([.energy, .forces]) })
                == "frame 2, line 6: the energy 'energy' is missing, although frame 1 has it; "
                + "complete or remove the frame.")

        let unlabelled = try folder.read(without)
        #expect(
            sentence(apusError { try unlabelled.require([.energy, .forces]) })
                == "the file has no energy under a usual name; name the key with dataset.properties_assignment.E "
                + "(the file has U0).")
        let bare = try folder.read("1\nProperties=species:S:1:pos:R:3\nH 0 0 0\n")
        #expect(
            sentence(apusError { try bare.require([.forces]) })
                == "the file has no forces under a usual name; use a file with this label.")
    }
}
