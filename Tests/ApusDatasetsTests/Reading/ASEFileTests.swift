import ApusChemistry
import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusDatasets

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Trajectories and JSON databases of ASE beyond the numbers, which `ImporterTests` compares; and constraints.
@Suite struct ASEFileTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func refusal(_ bytes: [UInt8], _ name: String) throws -> String {
        let path = try folder.write(bytes, to: name)
        let sentence = apusError { _ = try Dataset.read(path: path) }?.description ?? "accepted"
        return sentence.hasPrefix(path + ", ") ? String(sentence.dropFirst(path.count + 2)) : sentence
    }

    @Test(arguments: ["fixed.traj", "fixed.json", "fixed.db"]) func constraintsAreAMask(name: String) throws {
        let dataset = try Dataset.read(path: fixture(name))
        #expect(dataset.configurations.map { $0[.forceMask] } == [[1, 1, 0], [0, 1, 1], nil])
        #expect(dataset.configurations.allSatisfy { $0[.forces] == FixtureRules.all[0].forces })
        #expect(dataset.interpretation[.forceMask]?.count == 2)
        #expect(dataset.interpretation[.forceMask]?.key == "constraints")
        #expect(
            dataset.interpretation.notes == [
                "an atom that is held in one direction counts as fixed (in 1 configuration)",
                "the constraint FixBondLengths is not a mask of forces and not used (in 1 configuration)",
            ])
        var options = ReadingOptions()
        options.assignment[.forceMask] = ""
        let without = try Dataset.read(path: fixture(name), options: options)
        #expect(without.configurations.allSatisfy { $0[.forceMask] == nil })
    }

    /// Rows of a calculator behind rows without one.
    @Test(arguments: [1, 99, 100]) func labelsThatBeginLater(without: Int) throws {
        let rows = (1...(without + 2)).map { k in
            let energy = k > without ? #""energy": -\#(k).5, "# : ""
            return #""\#(k)": {\#(energy)"numbers": {"__ndarray__": [[2], "int64", [1, 8]]}, "#
                + #""positions": {"__ndarray__": [[2, 3], "float64", [0, 0, 0, 0, 0, 1.0]]}}"#
        }
        let ids = (1...(without + 2)).map(String.init).joined(separator: ", ")
        let text = #"{\#(rows.joined(separator: ", ")), "ids": [\#(ids)], "nextid": \#(without + 3)}"#
        let dataset = try Dataset.read(path: try folder.write(Array(text.utf8), to: "a.json"))
        let energies = dataset.configurations.map(\.energy)
        #expect(energies.count == without + 2 && energies.first == .some(nil))
        if without < 100 {
            #expect(energies.last == -(Double(without) + 2.5) && dataset.interpretation.notes.isEmpty)
        } else {
            let notes = dataset.interpretation.notes
            #expect(energies.last == .some(nil) && notes.first?.contains("'energy' is not read") == true, "\(notes)")
        }
    }

    /// SchNetPack writes a multiplicity of 0 where it knows none.
    @Test func multiplicitiesThatAreNotKnown() throws {
        func multiplicity(_ value: Int) throws -> Int? {
            let text =
                #"{"1": {"energy": -1.5, "numbers": {"__ndarray__": [[2], "int64", [1, 8]]}, "positions": "#
                + #"{"__ndarray__": [[2, 3], "float64", [0, 0, 0, 0, 0, 1.0]]}, "data": {"spin_multiplicity": "#
                + #"{"__ndarray__": [[1], "int64", [\#(value)]]}}}, "ids": [1], "nextid": 2}"#
            let dataset = try Dataset.read(path: try folder.write(Array(text.utf8), to: "a.json"))
            return dataset.configurations[0].system.spinMultiplicity
        }
        #expect(try multiplicity(0) == nil && multiplicity(2) == 2)
    }

    @Test func arraysOfTextsAreLeftAlone() throws {
        let text =
            #"{"1": {"energy": -1.5, "numbers": {"__ndarray__": [[2], "int64", [1, 8]]}, "positions": "#
            + #"{"__ndarray__": [[2, 3], "float64", [0, 0, 0, 0, 0, 1.0]]}, "data": {"names": "#
            + #"{"__ndarray__": [[2], "str32", ["a", "b"]]}, "z": {"__ndarray__": [[1], "complex128", [1, 0]]}}}, "#
            + #""ids": [1], "nextid": 2}"#
        let dataset = try Dataset.read(path: try folder.write(Array(text.utf8), to: "a.json"))
        #expect(dataset.configurations.map(\.energy) == [-1.5])
    }

    @Test(arguments: ["ase.traj", "ase.json", "ase.db"]) func whatIsNotUsedIsNamed(name: String) throws {
        let interpretation = try Dataset.read(path: fixture(name)).interpretation
        #expect(interpretation[.forceMask] == nil)
        let unused = name == "ase.db" ? ["gap", "spectrum"] : ["magmoms"]
        #expect(Set(interpretation.unusedKeys).isSuperset(of: unused), "\(interpretation.unusedKeys)")
        // Calculators state a stress of zero for molecules, which have no cell.
        #expect(interpretation[.stress] == nil)
        #expect(name == "ase.db" || interpretation.leftOut.contains { $0.contains("no periodic cell with a volume") })
        #expect(interpretation[.energy]?.origin == .convention("ASE convention"))
    }

    @Test(arguments: [
        ("FixAtoms\", \"kwargs\": {\"indices\": [3]", "fixes atom 3 of 3"),
        ("FixAtoms\", \"kwargs\": {\"indices\": [-4]", "fixes atom -4 of 3"),
        ("FixAtoms\", \"kwargs\": {\"indices\": [99]", "fixes atom 99 of 3"),
        ("FixAtoms\", \"kwargs\": {\"indices\": [1.5]", "fixes atom 1.5 of 3"),
        ("FixAtoms\", \"kwargs\": {\"atoms\": [0]", "has FixAtoms without 'indices'"),
    ]) func constraintsThatCannotBe(text: String, problem: String) throws {
        let json = String(decoding: try readFile(path: fixture("fixed.json")), as: UTF8.self)
        let other = json.replacing("FixAtoms\", \"kwargs\": {\"indices\": [-1]", with: text)
        try #require(other != json)
        #expect(
            try refusal(Array(other.utf8), "a.json")
                == "frame 1: the array 'constraints' \(problem); the file is damaged.")
    }

    // MARK: Hostile files

    /// A trajectory whose integers of 64 bits at some places are others.
    private func trajectory(_ changes: [(Int, Int)]) throws -> [UInt8] {
        var bytes = try readFile(path: fixture("ase.traj"))
        for (place, value) in changes {
            let start = place < 0 ? Self.integer(bytes, 40) + 8 * (-place - 1) : place
            bytes.replaceSubrange(start..<start + 8, with: (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
        }
        return bytes
    }

    private static func integer(_ bytes: [UInt8], _ place: Int) -> Int {
        (0..<8).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }

    /// The number of items at 32, the place of the table at 40, the first and second entry of the table as -1 and -2.
    @Test(arguments: [
        ([(32, 1 << 60)], "it announces 1152921504606846976 items with a table at byte "),
        ([(32, -1)], "it announces -1 items with a table at byte "),
        ([(40, 1 << 62)], "it announces 5 items with a table at byte 4611686018427387904 of "),
        ([(40, -8)], "it announces 5 items with a table at byte -8 of "),
        ([(-1, 1 << 62)], "item 1: it stands outside of the file"),
        ([(-1, -1)], "item 1: it stands outside of the file"),
        ([(-1, 0)], "item 1: its "),
        ([(-2, 56)], "item 2: "),
    ]) func offsetsOutsideOfTheFile(changes: [(Int, Int)], beginning: String) throws {
        let sentence = try refusal(try trajectory(changes), "a.traj")
        #expect(sentence.contains(beginning) && sentence.hasSuffix("copy or download it again."), "\(sentence)")
    }

    /// Every entry of the table names the same item, so that a small file would be read for ever.
    @Test func itemsThatAreRepeated() throws {
        var bytes = try readFile(path: fixture("ase.traj"))
        let first = Array(bytes[Self.integer(bytes, 40)..<Self.integer(bytes, 40) + 8])
        let table = bytes.count
        bytes += (0..<10_000).flatMap { _ in first }
        bytes.replaceSubrange(32..<40, with: (0..<8).map { UInt8(truncatingIfNeeded: 10_000 >> (8 * $0)) })
        bytes.replaceSubrange(40..<48, with: (0..<8).map { UInt8(truncatingIfNeeded: table >> (8 * $0)) })
        #expect(try refusal(bytes, "a.traj").contains("it overlaps other items; the file is damaged"))
    }

    /// Text of JSON that is exchanged for another of the same length.
    @Test(arguments: [
        ("[[3, 3], \"float64\"", "[[3, 9], \"float64\"", "frame 1: the array 'positions' has 27 numbers for 3 atoms"),
        ("[[3, 3], \"float64\"", "[[-3,3], \"float64\"", "item 1: 'positions' is no sound array"),
        ("[[3, 3], \"float64\"", "[[3, 3], \"complex\"", "frame 1: the array 'positions' has 0 numbers for 3 atoms"),
        ("[[3], \"int64\"", "[[0], \"int64\"", "frame 1: the array 'numbers' names no atom"),
        ("{\"version\"", "[\"version\"", "item 1: it is no JSON: a comma or a closing bracket is missing at byte 10"),
    ]) func itemsThatCannotBe(text: String, other: String, beginning: String) throws {
        var bytes = try readFile(path: fixture("ase.traj"))
        let pattern = Array(text.utf8)
        let start = try #require(
            (0..<bytes.count - pattern.count).first { bytes[$0..<$0 + pattern.count].elementsEqual(pattern) })
        bytes.replaceSubrange(start..<start + pattern.count, with: other.utf8)
        let sentence = try refusal(bytes, "a.traj")
        #expect(sentence.hasPrefix(beginning), "\(sentence)")
    }

    @Test func cutTrajectories() throws {
        let bytes = try readFile(path: fixture("ase.traj"))
        for count in stride(from: 8, to: bytes.count - 8, by: 61) {
            let sentence = try refusal(Array(bytes[..<count]), "a.traj")
            #expect(sentence.hasSuffix("the file is damaged; copy or download it again."), "\(count): \(sentence)")
        }
        let model = Array("- of UlmGPAW            ".utf8) + bytes[24...]
        #expect(try refusal(model, "a.gpw").contains("this is a file of ASE with 'GPAW', not a trajectory"))
    }

    @Test(arguments: [
        ("{\"ids\": [1]}", "'ids' names a row '1', which is not there"),
        ("{\"1\": {}, \"ids\": [1, 1]}", "'ids' names the row '1' twice"),
        ("{\"1\": {}}", "frame 1: the array 'numbers' names no atom"),
        ("{\"ids\": []}", "there is no configuration"),
        ("{\"a\": 1}", "this JSON has neither 'ids' nor a row '1', as ASE writes it"),
        ("{\"1\": ", "this is no JSON"),
        ("{\"1\": " + String(repeating: "[", count: 100_000), "this is no JSON: the nesting is too deep"),
        (
            "{\"1\": {\"numbers\": {\"__ndarray__\": [[1000000000000], \"int64\", [1]]}}}",
            "has not as many numbers as its shape"
        ),
        ("{\"1\": {\"numbers\": {\"__ndarray__\": [[-1], \"int64\", [1]]}}}", "is no sound array"),
        ("{\"1\": {\"numbers\": [1e300], \"positions\": [0, 0, 0]}}", "9223372036854775807"),
        ("{\"1\": {\"numbers\": [1], \"positions\": [0, 0]}}", "the array 'positions' has 2 numbers for 1 atoms"),
    ]) func databasesThatCannotBe(text: String, problem: String) throws {
        let sentence = try refusal(Array(text.utf8), "a.json")
        #expect(sentence.contains(problem), "\(sentence)")
    }

    @Test(arguments: [("ase.traj", "gzip"), ("ase.json", "bzip2")]) func compressed(name: String, program: String)
        throws
    {
        let path = folder.file("a")
        #expect(system("\(program) -c '\(fixture(name))' > '\(path)'") == 0)
        let configurations = try Dataset.read(path: path).configurations
        #expect(configurations.map(\.labels) == (try Dataset.read(path: fixture(name)).configurations).map(\.labels))
    }
}
