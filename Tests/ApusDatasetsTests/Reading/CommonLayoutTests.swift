import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusFormats
import ApusTestSupport
import Testing

/// Layouts and spellings that other programs write.
struct CommonLayoutTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private var stated: ReadingOptions {
        var options = ReadingOptions()
        options.sourceUnits = [.length: .angstrom, .energy: .electronvolt]
        return options
    }

    private func read(_ file: NumpyFile, _ options: ReadingOptions) throws -> Dataset {
        try Dataset.read(path: try folder.write(file.bytes, to: "data.npz"), options: options)
    }

    // MARK: npz

    /// Water and hydroxide, filled up to three atoms.
    private func padded(
        _ last: [Double] = [0, 0, 0], numbers: [UInt8] = [8, 1, 1, 8, 1, 0], counts: [UInt8]? = [3, 2]
    ) -> NumpyFile {
        var file = NumpyFile()
        file.add("Z", bytes: numbers, shape: [2, 3])
        file.add("R", [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0.9, 0, 0] + last, shape: [2, 3, 3])
        file.add("E", [-5, -4], shape: [2])
        file.add("F", (0..<15).map { Double($0) } + [0, 0, 0], shape: [2, 3, 3])
        file.add("Q", [0, -1], shape: [2])
        if let counts { file.add("N", bytes: counts, shape: [counts.count]) }
        return file
    }

    @Test(arguments: [true, false]) func paddedArrays(_ hasCounts: Bool) throws {
        let dataset = try read(padded(counts: hasCounts ? [3, 2] : nil), stated)
        #expect(dataset.configurations.map(\.system.numbers) == [[8, 1, 1], [8, 1]])
        #expect(dataset.configurations[1].system.charge == -1)
        #expect(dataset.configurations[1].forces == [[9, 10, 11], [12, 13, 14]])
        #expect(dataset.configurations.map(\.energy) == [-5, -4])
        #expect(dataset.interpretation.unusedKeys == [])
    }

    @Test func numbersBelowOneThatAreNoFilling() throws {
        let message = { (file: NumpyFile) in sentence(apusError { _ = try read(file, stated) }) }
        let indices = padded(numbers: [2, 0, 0, 2, 0, 0], counts: nil)
        #expect(
            message(indices)
                == "frame 1: the atomic number of atom 1, counted from 0, is 0, but the atom has coordinates or a force; "
                + "if these are indices of a list of elements, write the atomic numbers in their place.")
        #expect(
            message(padded(counts: [3, 3]))
                == "frame 2: the count of atoms is 3, but 2 atomic numbers are above 0; correct the file.")
        #expect(
            message(padded(counts: [3]))
                == "there must be 2 counts of atoms, one for each configuration; correct the file.")
    }

    @Test func concatenatedArrays() throws {
        var file = NumpyFile()
        file.add("N", bytes: [3, 2], shape: [2])
        file.add("Z", bytes: [8, 1, 1, 8, 1], shape: [5])
        file.add("R", [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0.9, 0, 0], shape: [5, 3])
        file.add("E", [-5, -4], shape: [2, 1])
        file.add("F", (0..<15).map { Double($0) }, shape: [5, 3])
        let dataset = try read(file, stated)
        #expect(dataset.configurations.map(\.system.numbers) == [[8, 1, 1], [8, 1]])
        #expect(dataset.configurations[1].forces == [[9, 10, 11], [12, 13, 14]])
        #expect(dataset.configurations[1].system.positions[1].x == 0.9)
        #expect(dataset.configurations.map(\.energy) == [-5, -4])
    }

    /// What the message asks for is all that is missing.
    @Test func bothUnitsAreAskedForAtOnce() throws {
        let error = apusError { _ = try read(padded(), ReadingOptions()) }
        #expect(error?.remedy == "state them with dataset.source_length_unit and dataset.source_energy_unit")
        #expect(try read(padded(), stated).count == 2)
    }

    // MARK: Extended XYZ

    private static func frame(_ comment: String, rows: String = "O 0 0 0\nH 1 0 0\n") -> String {
        "2\n\(comment)\n\(rows)"
    }

    @Test func singleQuotesAndKindsInAnyCase() throws {
        let text = Self.frame(
            "properties=species:s:1:pos:r:3 energy=-2 pbc='F F F' note='two words' name=5'-end",
            rows: "O 0 0 0\nH 1 0 0\n")
        let dataset = try folder.read(text)
        #expect(dataset.configurations[0].energy == -2)
        #expect(dataset.configurations[0].record == "5'-end")
        #expect(dataset.interpretation.unusedKeys == ["note"])
    }

    @Test func elementsInOtherCaseAndIsotopes() throws {
        let dataset = try folder.read(Self.frame("hydride", rows: "CL 0 0 0\nD 1.3 0 0\n"))
        #expect(dataset.configurations[0].system.numbers == [17, 1])
        #expect(dataset.interpretation.lines.contains("D and T are read as hydrogen (in 1 configuration)"))
        #expect(
            sentence(folder.readingError(Self.frame("", rows: "CO 0 0 0\nH 1 0 0\n"))).contains(
                "did you mean \"Co\""))
    }

    @Test(arguments: ["spin", "mult", "multiplicity", "spin_multiplicity"])
    func multiplicityUnderOtherNames(_ key: String) throws {
        let text = Self.frame("Properties=species:S:1:pos:R:3 energy=-2 \(key)=2")
        let dataset = try folder.read(text)
        #expect(dataset.configurations[0].system.spinMultiplicity == 2)
        #expect(dataset.interpretation[.spinMultiplicity]?.key == key)
    }

    /// `spin` is S or 2S in other programs.
    @Test func spinThatIsNoMultiplicity() throws {
        let header = "Properties=species:S:1:pos:R:3 energy=-2 spin="
        for value in ["0", "0.5", "-1", "up"] {
            let dataset = try folder.read(Self.frame(header + value))
            #expect(dataset.configurations[0].system.spinMultiplicity == nil)
            #expect(dataset.interpretation.unusedKeys == ["spin"])
        }
        #expect(
            sentence(folder.readingError(Self.frame(header + "1")))
                == "frame 1, line 1: 'spin' is read as the multiplicity 2S + 1, but it is 1 here for 9 electrons; correct "
                + "it, or leave it out with --assign spin_multiplicity= or dataset.properties_assignment.spin_multiplicity = "
                + "\"\".")
        var options = ReadingOptions()
        options.assignment[.spinMultiplicity] = ""
        #expect(
            try folder.read(Self.frame(header + "1"), options: options).configurations[0].system.spinMultiplicity == nil
        )
    }

    @Test(arguments: [
        "-11.5", "-11.5 converged=true", "Coordinates from ORCA-job job E -11.5",
        " energy: -11.5 gnorm: 0.0123 xtb: 6.6.1 (abc)",
    ])
    func energiesInCommentLines(_ comment: String) throws {
        let text = Self.frame(comment)
        // The message offers what then works.
        let error = apusError { try folder.read(text).require([.energy]) }
        #expect(
            error?.remedy
                == "if it is the number in the comment lines, set dataset.properties_assignment.E to \"comment\" and state "
                + "its unit")
        var options = ReadingOptions()
        options.assignment[.energy] = "comment"
        #expect(
            folder.readingError(text, options: options)?.remedy
                == "state it with dataset.source_energy_unit")
        options.sourceUnits[.energy] = .hartree
        let energy = try #require(try folder.read(text, options: options).configurations[0].energy)
        #expect(energy == -11.5 * (try Unit.hartree.factor(to: .electronvolt)))
    }

    /// Where no number is clearly the energy, it is not offered.
    @Test(arguments: ["generated by a program", "step 3 -11.5", ""])
    func commentsWithoutAnEnergy(_ comment: String) throws {
        let error = apusError { try folder.read(Self.frame(comment)).require([.energy]) }
        #expect(error?.remedy == "use a file with this label")
    }

    @Test func columnsOfPlainFramesThatAreNotRead() throws {
        let dataset = try folder.read(Self.frame("", rows: "O 0 0 0 1 2 3\nH 1 0 0 1 2 3\n"))
        #expect(
            dataset.interpretation.notes == [
                "3 further columns of plain frames not read, because no 'Properties' of the comment line names them, as in "
                    + "Properties=species:S:1:pos:R:3:forces:R:3 (in 1 configuration)"
            ])
    }

    @Test func masksAndWeights() throws {
        let rows = "O 0 0 0 0 0 0 T\nH 1 0 0 0 0 0 F\n"
        let text = Self.frame("Properties=species:S:1:pos:R:3:forces:R:3:move_mask:L:1 config_weight=0.5", rows: rows)
        let configuration = try folder.read(text).configurations[0]
        #expect(configuration[.forceMask] == [1, 0])
        #expect(configuration[.configurationWeight] == [0.5])
        #expect(sentence(folder.readingError(text.replacing("=0.5", with: "=-1"))).contains("must not be negative"))
        let directions = text.replacing("mask:L:1", with: "mask:L:3").replacing(" T\n", with: " T T T\n").replacing(
            " F\n", with: " T F T\n")
        #expect(try folder.read(directions).configurations[0][.forceMask] == [1, 0])
    }

    @Test func labelsThatAreNoNumbersMayBeMissing() throws {
        var options = ReadingOptions()
        options.marksMissingLabels = true
        let text =
            Self.frame("Properties=species:S:1:pos:R:3 energy=-2")
            + Self.frame(
                "Properties=species:S:1:pos:R:3 energy=nan")
        let dataset = try folder.read(text, options: options)
        #expect(dataset.configurations.map(\.energy) == [-2, nil])
        #expect(dataset.interpretation[.energy]?.count == 1)
        #expect(
            dataset.interpretation.lines.contains(
                "not a number and taken as missing: the energy of 1 configuration (frame 2, line 5)"))
        #expect(folder.readingError(text)?.place == "frame 2, line 5")
    }

    // MARK: HDF5

    @Test func transition1x() throws {
        let path = folder.file("t1x.h5")
        let writer = try HDF5Writer(path)
        for part in ["data", "train", "val", "test"] {
            try writer.group("/\(part)")
            try writer.group("/\(part)/H2O")
            for (group, count) in [("/\(part)/H2O/rxn1", 2), ("/\(part)/H2O/rxn1/product", 1)] {
                try writer.group(group)
                try writer.write(group + "/atomic_numbers", [8, 1], shape: [2])
                try writer.write(
                    group + "/positions", (0..<count).flatMap { [0, 0, 0, 1 + Double($0), 0, 0] }, shape: [count, 2, 3])
                try writer.write(
                    group + "/wB97x_6-31G(d).energy", (0..<count).map { -10 - Double($0) }, shape: [count])
                try writer.write(
                    group + "/wB97x_6-31G(d).forces", [Double](repeating: 0.5, count: 6 * count), shape: [count, 2, 3])
            }
        }
        try writer.finish()
        let dataset = try Dataset.read(path: path)
        #expect(dataset.count == 2)
        #expect(dataset.configurations.map(\.energy) == [-10, -11])
        #expect(dataset.configurations[0].record == "rxn1")
        #expect(dataset.interpretation.format == "HDF5 of Transition1x")
    }

    @Test func qm7x() throws {
        let path = folder.file("qm7x.h5")
        let writer = try HDF5Writer(path)
        try writer.group("/1")
        for (number, name) in ["Geom-m1-i1-c1-opt", "Geom-m1-i1-c1-d1"].enumerated() {
            let group = "/1/\(name)"
            try writer.group(group)
            try writer.write(group + "/atNUM", [8, 1], shape: [2])
            try writer.write(group + "/atXYZ", [0, 0, 0, 1 + Double(number), 0, 0], shape: [2, 3])
            try writer.write(group + "/ePBE0+MBD", [-20 - Double(number)], shape: [1])
            try writer.write(group + "/totFOR", [0.0, 0, 1, 0, 0, -1], shape: [2, 3])
            try writer.write(group + "/vDIP", [0, 0, 0.3], shape: [3])
            try writer.write(group + "/hCHG", [-0.2, 0.2], shape: [2, 1])
        }
        try writer.finish()
        let dataset = try Dataset.read(path: path)
        #expect(dataset.count == 2)
        #expect(Set(dataset.configurations.map(\.energy)) == [-20, -21])
        #expect(dataset.configurations[0].forces == [[0, 0, 1], [0, 0, -1]])
        #expect(dataset.configurations[0].dipole == [0, 0, 0.3])
        #expect(dataset.configurations[0].charges == [-0.2, 0.2])
        #expect(dataset.configurations.map(\.record) == ["Geom-m1-i1", "Geom-m1-i1"])
    }
}
