import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusFormats
import ApusTestSupport
import Testing

/// Cells, stresses and virials through readers and writers.
struct CellTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// A triclinic, left-handed cell of volume 120.
    private static let lattice = "5 0 0 1 0 6 0.5 -4 2"
    private static let vectors = [SIMD3<Double>(5, 0, 0), SIMD3(1, 0, 6), SIMD3(0.5, -4, 2)]
    /// xx, yy, zz, yz, xz, xy.
    private static let voigt = "0.01 -0.02 0.03 0.004 -0.005 0.006"
    private static let stress = [0.01, 0.006, -0.005, 0.006, -0.02, 0.004, -0.005, 0.004, 0.03]

    private static func frame(_ keys: String, energy: Double = -1) -> String {
        "2\nProperties=species:S:1:pos:R:3:forces:R:3 energy=\(energy) \(keys)\nO 0 0 0 0 0 1\nH 1 0 9 0 0 -1\n"
    }

    private static func isClose(_ left: [Double]?, _ right: [Double]) -> Bool {
        guard let left, left.count == right.count else { return false }
        return zip(left, right).allSatisfy { abs($0 - $1) <= 1e-14 * max(1, abs($1)) }
    }

    /// Every way of stating the same stress.
    @Test(arguments: [
        "stress=\"\(voigt)\"",
        "stress=\"0.01 0.006 -0.005 0.006 -0.02 0.004 -0.005 0.004 0.03\"",
        "REF_stress=[[0.01, 0.006, -0.005], [0.006, -0.02, 0.004], [-0.005, 0.004, 0.03]]",
        "virial=\"-1.2 -0.72 0.6 -0.72 2.4 -0.48 0.6 -0.48 -3.6\"",
        "virials=\"-1.2 -0.72 0.6 -0.72 2.4 -0.48 0.6 -0.48 -3.6\"",
        "stress=\"\(voigt)\" virial=\"-1.2 -0.72 0.6 -0.72 2.4 -0.48 0.6 -0.48 -3.6\"",
    ])
    func statements(keys: String) throws {
        let configuration = try folder.read(Self.frame("Lattice=\"\(Self.lattice)\" \(keys)")).configurations[0]
        #expect(configuration.system.cell?.vectors == Self.vectors)
        #expect(configuration.system.cell?.isPeriodicAlong == [true, true, true])
        #expect(configuration.system.volume == 120)
        #expect(Self.isClose(configuration[.stress], Self.stress))
        #expect(Self.isClose(configuration[.virial], Self.stress.map { -120 * $0 }))
        #expect(Set(configuration.labels.keys) == [.energy, .forces, .stress])
    }

    /// Stresses in GPa, kbar and kJ/mol/nm³, and in the units of a file in kJ/mol and nm.
    @Test func units() throws {
        let gigapascals = Self.stress.map { $0 * 160.217_663_4 }
        func read(_ factor: Double, _ keys: String, _ options: ReadingOptions = ReadingOptions()) throws -> [Double]? {
            let numbers = gigapascals.map { "\($0 * factor)" }.joined(separator: " ")
            return try folder.read(
                Self.frame("Lattice=\"\(Self.lattice)\" stress=\"\(numbers)\" \(keys)"), options: options
            ).configurations[0][.stress]
        }
        func isNear(_ values: [Double]?) -> Bool {
            zip(values ?? [], Self.stress).allSatisfy { abs($0 / $1 - 1) < 1e-9 } && values?.count == 9
        }
        #expect(isNear(try read(1, "stress_unit=GPa")))
        #expect(isNear(try read(10, "stress_unit=kbar")))
        var options = ReadingOptions()
        options.sourceUnits[.stress] = .gigapascal
        #expect(isNear(try read(1, "", options)))
        options.stressesAreOpposite = true
        #expect(isNear(try read(-1, "", options)))
        // 1 GPa is 602.2 kJ/mol/nm³, and cells are in nm too.
        let nanometers = try folder.read(
            Self.frame("Lattice=\"\(Self.lattice)\" units=\"kJ/mol, nm\" stress=\"602.214076 0 0 0 0 0\""))
        let stress = try #require(nanometers.configurations[0][.stress])
        #expect(abs(stress[0] * 160.217_663_4 - 1) < 1e-9)
        #expect(nanometers.configurations[0].system.cell?.vectors[0] == SIMD3(50, 0, 0))
        #expect(abs((nanometers.configurations[0][.virial]?[0] ?? 0) / (-120_000 * stress[0]) - 1) < 1e-12)
    }

    @Test func refusals() throws {
        func problem(_ keys: String, needed: Bool = true) throws -> String {
            var options = ReadingOptions()
            if needed { options.needed.insert(.stress) }
            return sentence(folder.readingError(Self.frame(keys), options: options))
        }
        #expect(
            try problem("Lattice=\"\(Self.lattice)\" stress=\"\(Self.voigt)\" virial=\"1 0 0 0 1 0 0 0 1\"")
                .contains("the virial is not −V times the stress, as it is in the signs of ASE; leave one of them out"))
        #expect(
            try problem("virial=\"1 0 0 0 1 0 0 0 1\"").contains(
                "there is a virial, but no periodic cell with a volume"))
        #expect(try problem("stress=\"\(Self.voigt)\"").contains("there is a stress, but no periodic cell"))
        #expect(
            try problem("Lattice=\"5 0 0 0 5 0 0 0 0\" pbc=\"T T F\" stress=\"\(Self.voigt)\"")
                .contains("no periodic cell with a volume"))
        #expect(try problem("Lattice=\"\(Self.lattice)\" stress=\"1 2 3\"").contains("must be six or nine numbers"))
        #expect(
            try problem("Lattice=\"\(Self.lattice)\" virial=\"\(Self.voigt)\"").contains(
                "the virial 'virial' must be nine"))
        // What nobody needs is left out, with a line.
        let dataset = try folder.read(Self.frame("virial=\"1 0 0 0 1 0 0 0 1\""))
        #expect(dataset.configurations[0][.virial] == nil)
        #expect(dataset.interpretation.leftOut.first?.contains("virial of 1 of 1 configurations") == true)
    }

    /// Where the virial is wanted, a file with stresses has it, and the other way round.
    @Test func oneStandsForTheOther() throws {
        for (wanted, keys) in [
            (Property.virial, "stress=\"\(Self.voigt)\""),
            (.stress, "virial=\"-1.2 -0.72 0.6 -0.72 2.4 -0.48 0.6 -0.48 -3.6\""),
        ] {
            var options = ReadingOptions()
            options.labels = [.energy, wanted]
            let cell = "Lattice=\"\(Self.lattice)\""
            let dataset = try folder.read(Self.frame("\(cell) \(keys)"), options: options)
            try dataset.require([wanted])
            #expect(dataset.configurations.hasLabel(wanted, 0))
            #expect(dataset.configurations.label(wanted, 0) == dataset.configurations[0][wanted])
            let partly = try folder.read(Self.frame("\(cell) \(keys)") + Self.frame(cell), options: options)
            let error = apusError { try partly.require([wanted]) }
            #expect(error?.description.contains("is missing, although frame 1 has it") == true)
        }
    }

    private func mixed() throws -> Dataset {
        try folder.read(
            Self.frame("Lattice=\"\(Self.lattice)\" stress=\"\(Self.voigt)\" name=a")
                + Self.frame("Lattice=\"\(Self.lattice)\" pbc=\"T F T\" stress=\"\(Self.voigt)\" name=a")
                + Self.frame("Lattice=\"7 0 0 0 7 0 0 0 7\" pbc=\"F F F\" name=b") + Self.frame("name=b"))
    }

    /// Cells, flags and stresses come back from every format with the same bits.
    @Test(arguments: ["a.extxyz", "a.db", "a.hdf5", "a.npz"])
    func writing(name: String) throws {
        var all = try mixed()
        if name == "a.npz" {
            // One formula, and labels that all have.
            all = Dataset(configurations: Array(all[[0, 1]]), units: all.units)
        }
        let path = folder.file(name)
        try all.write(to: path, as: .init(path: path))
        var options = ReadingOptions()
        options.units = all.units
        let again = try Dataset.read(path: path, options: options)
        #expect(again.count == all.count)
        let isExact = name != "a.hdf5"
        for (left, right) in zip(all.configurations, again.configurations) {
            let (one, other) = (left.system.cell, right.system.cell)
            #expect(one?.isPeriodicAlong == other?.isPeriodicAlong, "\(name)")
            // modelforge's files are in nm and kJ/mol.
            for (a, b) in zip(one?.vectors ?? [], other?.vectors ?? []) {
                #expect(isExact ? a == b : Self.isClose([a.x, a.y, a.z], [b.x, b.y, b.z]), "\(name)")
            }
            #expect(isExact ? left[.stress] == right[.stress] : Self.isClose(left[.stress] ?? [], right[.stress] ?? []))
        }
        #expect(again.configurations[0][.stress] != nil)
    }

    @Test func store() throws {
        let text = try folder.write(
            Self.frame("Lattice=\"\(Self.lattice)\" stress=\"\(Self.voigt)\"") + Self.frame(""), to: "two.xyz")
        let store = try DatasetImport().run([text], to: folder.file("two.apus"))
        let packed = try Dataset(store, options: ReadingOptions())
        let plain = try Dataset.read(path: text)
        #expect(Array(packed.configurations) == Array(plain.configurations))
        #expect(packed.configurations.hasLabel(.virial, 0) && !packed.configurations.hasLabel(.virial, 1))
        #expect(packed.configurations.label(.virial, 0) == plain.configurations[0][.virial])
        #expect(packed.configurations.label(.virial, 1) == nil)
    }

    /// One cell for all, one for each, flags, and sGDML's lattice vectors in columns.
    @Test func numpyCells() throws {
        func read(_ fill: (inout NumpyArchiveWriter) -> Void) throws -> [Configuration] {
            var archive = NumpyArchiveWriter()
            archive.add("z", [8, 1], shape: [2])
            archive.add("R", [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2].map { Double($0) }, shape: [2, 2, 3])
            archive.add("E", [-1.0, -2], shape: [2])
            fill(&archive)
            let path = folder.file("cells.npz")
            try archive.write(to: path)
            var options = ReadingOptions()
            options.sourceUnits = [.energy: .electronvolt]
            return Array(try Dataset.read(path: path, options: options).configurations)
        }
        let rows = Self.vectors.flatMap { [$0.x, $0.y, $0.z] }
        let columns = (0..<9).map { rows[$0 % 3 * 3 + $0 / 3] }
        for (name, numbers) in [("cell", rows), ("lattice", columns)] {
            let both = try read { $0.add(name, numbers, shape: [3, 3]) }
            #expect(both.allSatisfy { $0.system.cell?.vectors == Self.vectors })
            #expect(both.allSatisfy { $0.system.cell?.isPeriodicAlong == [true, true, true] })
        }
        let second = try read { archive in
            archive.add("cell", [Double](repeating: 0, count: 9) + rows, shape: [2, 9])
            archive.add("stress", [1.0, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6].map { 0.01 * $0 }, shape: [2, 6])
        }
        #expect(second[0].system.cell == nil && second[1].system.cell?.vectors == Self.vectors)
        #expect(second[0][.stress] == nil && second[1][.stress]?[1] == 0.06 && second[1][.stress]?[8] == 0.03)
        let flags = try read { archive in
            archive.add("cell", rows + rows, shape: [2, 3, 3])
            archive.add("pbc", [1, 0, 1, 0, 0, 0], shape: [2, 3])
        }
        #expect(flags[0].system.cell?.isPeriodicAlong == [true, false, true])
        #expect(flags[1].system.cell?.isPeriodic == false)
        let wrong = apusError { _ = try read { $0.add("cell", [1.0, 2, 3], shape: [3]) } }
        #expect(
            wrong?.description.contains("array 'cell': the shape must be [3, 3], [2, 3, 3] or [2, 9], but it is [3]")
                == true)
        let alone = apusError { _ = try read { $0.add("pbc", [1, 1, 1], shape: [3]) } }
        #expect(alone?.description.contains("'pbc' says periodic, but there is no cell") == true)
    }

    /// NumPy's own flags are booleans, one for each direction, for each configuration, or one for all; anything but 0 and 1
    /// is none.
    @Test func numpyFlags() throws {
        func read(_ fill: (inout NumpyFile) -> Void) throws -> [[Bool]?] {
            var file = NumpyFile()
            file.add("z", bytes: [8, 1], shape: [2])
            file.add("R", [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2], shape: [2, 2, 3])
            file.add("cell", Self.vectors.flatMap { [$0.x, $0.y, $0.z] }, shape: [3, 3])
            fill(&file)
            var options = ReadingOptions()
            options.sourceUnits = [.energy: .electronvolt]
            let path = try folder.write(file.bytes, to: "flags.npz")
            return try Dataset.read(path: path, options: options).configurations.map { $0.system.cell?.isPeriodicAlong }
        }
        let slab = [true, true, false]
        #expect(try read { $0.add("pbc", flags: slab, shape: [3]) } == [slab, slab])
        let each = try read { $0.add("pbc", flags: slab + [false, false, true], shape: [2, 3]) }
        #expect(each == [slab, [false, false, true]])
        #expect(try read { $0.add("pbc", flags: [true], shape: []) } == [[true, true, true], [true, true, true]])
        #expect(try read { $0.add("pbc", bytes: [1, 0, 1], shape: [3]) }.first == [true, false, true])
        #expect(try read { $0.add("pbc", [0, 1, 1], shape: [3]) }.first == [false, true, true])
        for values in [[1, 1, 2], [.nan, 1, 1]] {
            let error = apusError { _ = try read { $0.add("pbc", values, shape: [3]) } }
            #expect(error?.description.contains("the flags of periodic directions must be 0 or 1") == true, "\(values)")
            #expect(error?.remedy?.isEmpty == false)
        }
    }

    /// A stress in an array of six or nine numbers is read, and the message about another shape says so.
    @Test func shapesOfStresses() throws {
        var file = NumpyFile()
        file.add("z", bytes: [8, 1], shape: [2])
        file.add("R", [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2], shape: [2, 2, 3])
        file.add("cell", Self.vectors.flatMap { [$0.x, $0.y, $0.z] }, shape: [3, 3])
        file.add("stress", [1, 2, 3, 4], shape: [2, 2])
        var options = ReadingOptions()
        options.sourceUnits = [.energy: .electronvolt]
        options.needed.insert(.stress)
        let path = try folder.write(file.bytes, to: "stress.npz")
        let error = apusError { _ = try Dataset.read(path: path, options: options) }
        #expect(error?.problem == "the stress must have the shape [2, 3, 3], [2, 9] or [2, 6], but it is [2, 2]")
    }

    /// Where labels may be missing, a stress without a volume is one that is missing; elsewhere the message says how that is
    /// stated, and following it helps.
    @Test func stressesWithoutVolume() throws {
        let stress = "stress=\"\(Self.voigt)\""
        let text = Self.frame("Lattice=\"\(Self.lattice)\" \(stress)") + Self.frame(stress)
        var options = ReadingOptions()
        options.needed.insert(.stress)
        let error = folder.readingError(text, options: options)
        #expect(error?.remedy == "add the cell, or set dataset.missing_labels to \"drop\" or \"mask\"")
        options.marksMissingLabels = true
        let dataset = try folder.read(text, options: options)
        #expect(dataset.configurations.map { $0[.stress] != nil } == [true, false])
        #expect(dataset.interpretation.leftOut.count == 1 && dataset.interpretation[.stress]?.count == 1)
        // A virial that contradicts the stress is no missing one.
        let wrong = Self.frame("Lattice=\"\(Self.lattice)\" \(stress) virial=\"1 0 0 0 1 0 0 0 1\"")
        #expect(folder.readingError(wrong, options: options)?.problem.contains("is not −V times the stress") == true)
        // Without options that could say it, the label is left out.
        options = ReadingOptions()
        options.names.areOptions = true
        options.assignment[.stress] = "stress"
        #expect(folder.readingError(text, options: options)?.remedy?.contains("with --assign stress=") == true)
    }

    /// A label that is missing names the remedy that works for it.
    @Test func remediesOfMissingLabels() throws {
        let cell = "Lattice=\"\(Self.lattice)\""
        let dataset = try folder.read(Self.frame("\(cell) stress=\"\(Self.voigt)\"") + Self.frame(cell))
        let error = apusError { try dataset.require([.stress], mayBeMissing: true) }
        #expect(
            error?.remedy
                == "complete or remove the frame, or set dataset.missing_labels to \"drop\" or \"mask\"")
        #expect(apusError { try dataset.require([.stress]) }?.remedy == "complete or remove the frame")
    }

    /// Units stand in names of stresses as in those of energies, for columns and keys of any format, where no plain name is.
    @Test func unitsInNames() throws {
        let cell = "Lattice=\"\(Self.lattice)\""
        let gigapascals = Self.stress.map { "\($0 * 160.217_663_4)" }.joined(separator: " ")
        let named = try folder.read(
            Self.frame("\(cell) stress_GPa=\"\(gigapascals)\"").replacing(" energy=", with: " energy_meV="))
        let values = try #require(named.configurations[0][.stress])
        #expect(zip(values, Self.stress).allSatisfy { abs($0 / $1 - 1) < 1e-9 })
        #expect(named.interpretation[.stress]?.unit == .gigapascal)
        #expect(named.configurations[0].energy == -1e-3)
        let both = try folder.read(Self.frame("\(cell) stress_GPa=\"1 1 1 0 0 0\" stress=\"\(Self.voigt)\""))
        #expect(Self.isClose(both.configurations[0][.stress], Self.stress))
        // What only a later frame has cannot tell the units of all.
        var options = ReadingOptions()
        options.needed.insert(.stress)
        let later = Self.frame(cell) + Self.frame("\(cell) stress_GPa=\"\(gigapascals)\"")
        let error = folder.readingError(later, options: options)
        #expect(error?.place == "frame 2, line 5" && error?.remedy?.contains("dataset.source_stress_unit") == true)
        options.sourceUnits[.stress] = .gigapascal
        let stated = try #require(try folder.read(later, options: options).configurations[1][.stress])
        #expect(zip(stated, Self.stress).allSatisfy { abs($0 / $1 - 1) < 1e-9 })

        var archive = NumpyArchiveWriter()
        archive.add("z", [8, 1], shape: [2])
        archive.add("R", [0.0, 0, 0, 0, 0, 1], shape: [1, 2, 3])
        archive.add("E", [-1.0], shape: [1])
        archive.add("cell", Self.vectors.flatMap { [$0.x, $0.y, $0.z] }, shape: [3, 3])
        archive.add("stress_GPa", Self.stress.map { $0 * 160.217_663_4 }, shape: [1, 9])
        try archive.write(to: folder.file("named.npz"))
        let array = try #require(try Dataset.read(path: folder.file("named.npz")).configurations[0][.stress])
        #expect(zip(array, Self.stress).allSatisfy { abs($0 / $1 - 1) < 1e-9 })
    }

    /// A unit that concerns nothing in the file is told; of virials also why.
    @Test func unitsInVain() throws {
        func notes(_ keys: String, _ dimension: Dimension, _ unit: Unit) throws -> [String] {
            var options = ReadingOptions()
            options.names.areOptions = true
            options.sourceUnits[dimension] = unit
            return try folder.read(Self.frame("Lattice=\"\(Self.lattice)\" \(keys)"), options: options).interpretation
                .notes
        }
        #expect(
            try notes("virial=\"1 0 0 0 1 0 0 0 1\"", .stress, .gigapascal) == [
                "--stress-unit has no effect, because the file has no stress; its virials are energies, in the unit of these"
            ])
        #expect(try notes("stress=\"\(Self.voigt)\"", .stress, .gigapascal) == [])
        #expect(
            try notes("", .dipole, .debye) == ["--dipole-unit has no effect, because the file has no dipole moment"])
    }

    /// A crystal with one atom in the cell is no isolated atom; an atom in a large box is.
    @Test func singleAtoms() throws {
        func frame(_ side: Double, _ pbc: String) -> String {
            "1\nProperties=species:S:1:pos:R:3 energy=-1 pbc=\"\(pbc)\" "
                + "Lattice=\"\(side) 0 0 0 \(side) 0 0 0 \(side)\"\nSi 0 0 0\n"
        }
        let text = frame(2.7, "T T T") + frame(12, "T T T") + frame(2.7, "F F F") + Self.frame("")
        for units in [UnitSystem.electronvoltAngstrom, .kilojoulePerMoleNanometer] {
            var options = ReadingOptions()
            options.units = units
            let dataset = try folder.read(text, options: options)
            #expect(dataset.molecules == [0, 3])
            #expect(dataset.configurations.singleAtoms == [1, 2])
        }
    }

    /// The two nearest images of one atom decide about the shortest distance and about atoms that overlap.
    @Test func checks() throws {
        func findings(_ side: Double) throws -> DatasetCheck {
            let system = try AtomicSystem(
                numbers: [6], positions: [SIMD3(50, 0, 0)],
                cell: Cell(
                    vectors: [SIMD3(side, 0, 0), SIMD3(0, 9, 0), SIMD3(0, 0, 9)], isPeriodicAlong: [true, true, true]))
            return try DatasetCheck(
                Dataset(configurations: [Configuration(system: system, energy: -1)], units: .electronvoltAngstrom))
        }
        #expect(try findings(0.6).findings[0].count == 1)
        // So small that the images within 6 Å cannot be listed.
        for side in [0.002, 0.02, 0.05, 0.1, 0.2] {
            #expect(try findings(side).findings[0].count == 1, "\(side)")
            #expect(try findings(side).findings[0].examples[0].detail == "atom 0 (C) is \(side) Å from its own image")
        }
        #expect(try findings(2).findings.prefix(2).allSatisfy { $0.count == 0 })
        #expect(try findings(9).findings[1].count == 1)
        let summary = DatasetSummary(try folder.read(Self.frame("Lattice=\"1.1 0 0 0 9 0 0 0 9\"")))
        // The oxygen at z = 0 and the image of hydrogen 0.1 away at z = 9.
        #expect(abs((summary.shortestDistance ?? 0) - 0.1) < 1e-12)
    }
}
