import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusFormats
import ApusTestSupport
import Testing

struct WritingTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [UnitSystem.electronvoltAngstrom, .kilojoulePerMoleNanometer, .atomic])
    func whatIsWrittenReadsBackEqual(units: UnitSystem) throws {
        var options = ReadingOptions()
        options.units = units
        let dataset = try folder.read(
            ExtendedXYZReadingTests.water + ExtendedXYZReadingTests.water.replacing("name=water", with: "name=other"),
            options: options)
        let path = folder.file("out.extxyz")
        try dataset.write(to: path)
        let again = try Dataset.read(path: path, options: options)
        for (left, right) in zip(dataset.configurations, again.configurations) {
            #expect(left.system == right.system)
            #expect(left.energy == right.energy)
            #expect(left.forces == right.forces)
            #expect(left.dipole == right.dipole)
            #expect(left.charges == right.charges)
            #expect(left.record == right.record)
        }
        #expect(again.count == 2)
        #expect(again.interpretation[.energy]?.origin == .file(key: "energy_unit"))
    }

    @Test func predictionsReplaceReferenceValues() throws {
        let reference = try folder.read(ExtendedXYZReadingTests.water).configurations[0]
        let prediction = reference.labelled([.energy: [-7]])
        let path = folder.file("out.extxyz")
        try Dataset.write([prediction], units: .electronvoltAngstrom, to: path)
        let frame = try ExtendedXYZ.read(path)[0]
        #expect(frame[info: "energy"]?.real == -7)
        #expect(frame[info: "energy_unit"]?.string == "eV")
        #expect(frame[info: "length_unit"]?.string == "angstrom")
        #expect(frame[info: "total_charge"]?.integer == 1)
        #expect(frame[info: "dipole"] == nil)
        #expect(frame.columns.map(\.name) == ["species", "pos"])
        #expect(frame.periodic == [false, false, false])
    }

    @Test func anUnwritablePathIsAnError() throws {
        let dataset = try folder.read(ExtendedXYZReadingTests.water)
        let error = apusError({ try dataset.write(to: "\(folder.path)/none/out.extxyz") })
        #expect(error?.kind == .io)
    }

    @Test(arguments: [
        ("H H O", 0, "H2O"), ("C C H H H H H H O", 0, "C2H6O"), ("Br C H H H", 0, "CH3Br"), ("N H H H H", 1, "H4N+"),
        ("S O O O O", -2, "O4S2-"), ("Ca", 2, "Ca2+"),
    ])
    func formulas(symbols: String, charge: Int, formula: String) throws {
        let numbers = try symbols.split(separator: " ").map { try Element(symbol: String($0)).atomicNumber }
        let positions = numbers.indices.map { SIMD3(Double($0), 0, 0) }
        let system = try AtomicSystem(numbers: numbers, positions: positions, charge: charge)
        #expect(system.formula == formula)
        #expect(Configuration(system: system).record == formula)
    }
}
