import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusFormats

/// Reads one frame whose comment line is `comment` plus the usual `Properties`.
private func value(_ text: String) throws -> ExtendedXYZ.Value? {
    let frames = try ExtendedXYZ.read(
        bytes: Array("1\nProperties=species:S:1:pos:R:3 key=\(text)\nH 0 0 0\n".utf8), file: "a.xyz")
    return frames[0][info: "key"]
}

@Suite struct ExtendedXYZTests {
    @Test func readsWhatASEWrites() throws {
        let frames = try ExtendedXYZ.read(fileFixture("ase.extxyz"))
        #expect(frames.count == 2)
        let water = frames[0]
        #expect(water.atomCount == 3)
        #expect(water.line == 1)
        #expect(water.lattice == nil)
        #expect(water.periodic == [false, false, false])
        #expect(try water.string(column: "species") == ["O", "H", "H"])
        #expect(try water.real(column: "pos") == [0, 0, 0.119, 0, 0.763, -0.477, 0, -0.763, -0.477])
        #expect(try water.real(column: "forces")[8] == 1.14285714)
        #expect(water[info: "count"] == .integer(3))
        #expect(water[info: "ratio"] == .real(0.25))
        #expect(water[info: "flag"] == .logical(true))
        #expect(water[info: "name"] == .string("water"))
        #expect(water[info: "title"] == .string("a b"))
        #expect(water[info: "quote"] == .string("say \"hi\""))
        #expect(water[info: "smiles"] == .string("[H]O[H]"))
        #expect(water[info: "dipole"]?.reals == [0, 0, 1.85])
        #expect(water[info: "cells"] == .array([.integer(2), .integer(3), .integer(4)]))
        #expect(water[info: "flags"] == .array([.logical(true), .logical(false)]))
        #expect(water[info: "matrix"]?.reals == [1, 2, 3, 4.5])
        #expect(water[info: "table"] == .json(.object(["a": .array([.integer(1), .null])])))
        #expect(water[info: "missing"]?.real?.isNaN == true)
        #expect(water[info: "energy"]?.real == -76.4)
        #expect(water[info: "pbc"] == nil)

        let salt = frames[1]
        #expect(salt.line == 6)
        #expect(salt.lattice == [4, 0, 0, 0.5, 5, 0, 0, 0, 6.25])
        #expect(salt.periodic == [true, true, false])
        #expect(salt[info: "energy"]?.real == -1e-7)
        #expect(salt[info: "stress"]?.reals?.count == 9)
        #expect(try salt.integer(column: "layer") == [1, -2])
        #expect(try salt.real(column: "layer") == [1, -2])
        #expect(try salt.logical(column: "frozen") == [true, false])
        #expect(try salt.string(column: "label") == ["first", "second"])
    }

    @Test func readsGzip() throws {
        #expect(
            try ExtendedXYZ.read(fileFixture("ase.extxyz.gz")).map(\.atomCount)
                == ExtendedXYZ.read(fileFixture("ase.extxyz")).map(\.atomCount))
    }

    @Test func readsPlainFrames() throws {
        let frame = try ExtendedXYZ.read(fileFixture("plain.xyz"))[0]
        #expect(frame.info.map(\.key) == ["comment"])
        #expect(frame[info: "comment"] == .string("a plain file"))
        #expect(try frame.string(column: "species") == ["O", "H", "H"])
        #expect(try frame.real(column: "pos")[4] == 0.763)
    }

    @Test func plainFramesIgnoreFurtherColumnsAndProse() throws {
        let text = "2\nthe cell of the \"crystal\nO 0 0 0 1.5 x\r\nH 1 0 0\n\n1\n\nH 0 0 0\n1\nenergy=-1 pbc=T\nH 0 0 0"
        let frames = try ExtendedXYZ.read(bytes: Array(text.utf8), file: "a.xyz")
        #expect(frames[0][info: "comment"] == .string("the cell of the \"crystal"))
        #expect(frames[1].info.isEmpty)
        #expect(frames[2].info.map(\.key) == ["energy"])
        #expect(frames[2][info: "energy"]?.real == -1)
        #expect(frames[2].periodic == [true, true, true])
        #expect(frames[1].line == 6)
    }

    @Test func latticeMeansPeriodic() throws {
        let text = """
            1
            Lattice="1 0 0 0 2 0 0 0 3"
            H 0 0 0
            1
            properties=species:S:1:pos:R:3 lattice=[4, 5, 6] PBC="1 0 1"
            H 0 0 0
            """
        let frames = try ExtendedXYZ.read(bytes: Array(text.utf8), file: "a.xyz")
        #expect(frames[0].lattice == [1, 0, 0, 0, 2, 0, 0, 0, 3])
        #expect(frames[0].periodic == [true, true, true])
        #expect(frames[1].lattice == [4, 0, 0, 0, 5, 0, 0, 0, 6])
        #expect(frames[1].periodic == [true, false, true])
    }

    @Test func valueTypes() throws {
        #expect(try value("12") == .integer(12))
        #expect(try value("-12") == .integer(-12))
        #expect(try value("\"12\"") == .integer(12))
        #expect(try value("1.5d2") == .real(150))
        #expect(try value("1.E-6") == .real(1e-6))
        #expect(try value("99999999999999999999") == .real(1e20))
        #expect(try value("inf") == .real(.infinity))
        #expect(try value("007") == .string("007"))
        #expect(try value("T") == .logical(true))
        #expect(try value("False") == .logical(false))
        #expect(try value("t") == .string("t"))
        #expect(try value("C8H18") == .string("C8H18"))
        #expect(try value(" spaced") == .string("spaced"))
        #expect(try value("\"\"") == .string(""))
        #expect(try value(#""a\"b\\c\nd""#) == .string("a\"b\\c\nd"))
        #expect(try value("[Na+].[Cl-]") == .string("[Na+].[Cl-]"))
        #expect(try value("a=b") == .string("a=b"))
    }

    @Test func arrays() throws {
        #expect(try value("\"1 2 3\"") == .array([.integer(1), .integer(2), .integer(3)]))
        #expect(try value("{1 2.5}") == .array([.real(1), .real(2.5)]))
        #expect(try value("{a b}") == .array([.string("a"), .string("b")]))
        #expect(try value("{1, 2}") == .array([.integer(1), .integer(2)]))
        #expect(try value("\"T F\"") == .array([.logical(true), .logical(false)]))
        #expect(try value("\"1.5,2, 3\"")?.reals == [1.5, 2, 3])
        #expect(try value("\"1 a\"") == .string("1 a"))
        #expect(try value("[1]") == .array([.integer(1)]))
        #expect(try value("[ 1 , 2.0]") == .array([.real(1), .real(2)]))
        #expect(try value("[\"a b\", c]") == .array([.string("a b"), .string("c")]))
        #expect(
            try value("[[1, 2], [3, x]]")
                == .array([.array([.string("1"), .string("2")]), .array([.string("3"), .string("x")])]))
        #expect(try value("[[1,2],[3,4]]")?.reals == [1, 2, 3, 4])
        #expect(try value("\"_JSON [[1, 2], [3]]\"")?.reals == [1, 2, 3])
        #expect(try value("[T]")?.reals == nil)
    }

    @Test func keys() throws {
        let text = "1\nProperties=species:S:1:pos:R:3 alone \"a b\" = 2 <R2>=3\nH 0 0 0\n"
        let frame = try ExtendedXYZ.read(bytes: Array(text.utf8), file: "a.xyz")[0]
        #expect(frame.info.map(\.key) == ["alone", "a b", "<R2>"])
        #expect(frame.info.map(\.value) == [.logical(true), .integer(2), .integer(3)])
    }

    @Test func nonFiniteNumbersAreRead() throws {
        let text = "1\nProperties=pos:R:3\nnan -inf 1d400\n"
        let numbers = try ExtendedXYZ.read(bytes: Array(text.utf8), file: "a.xyz")[0].real(column: "pos")
        #expect(numbers[0].isNaN)
        #expect(numbers[1...] == [-.infinity, .infinity])
    }

    @Test func columnErrorsNameFileAndFrame() throws {
        let frame = try ExtendedXYZ.read(fileFixture("plain.xyz"))[0]
        #expect(
            apusError { _ = try frame.real(column: "forces") }?.description.hasSuffix(
                "plain.xyz, frame at line 1: there is no column 'forces'; the columns are species, pos.") == true)
        #expect(
            apusError { _ = try frame.real(column: "species") }?.problem
                == "column 'species' is of kind S where real numbers (R) are needed")
        #expect(apusError { _ = try frame.integer(column: "pos") } != nil)
        #expect(apusError { _ = try frame.string(column: "pos") } != nil)
        #expect(apusError { _ = try frame.logical(column: "pos") } != nil)
    }
}

@Suite struct ExtendedXYZErrorTests {
    private static let properties = "Properties=species:S:1:pos:R:3"

    /// Broken files and what the message must say.
    static let cases: [(text: String, place: String?, problem: String)] = [
        ("", nil, "the file has no frame"),
        ("\n\n", nil, "the file has no frame"),
        ("two\n", "frame 1, line 1", "the number of atoms must be a positive integer, but the line holds 'two'"),
        ("0\n\n", "frame 1, line 1", "the number of atoms must be a positive integer, but the line holds '0'"),
        ("-1\n\n", "frame 1, line 1", "the number of atoms must be a positive integer, but the line holds '-1'"),
        ("1.0\n\n", "frame 1, line 1", "the number of atoms must be a positive integer, but the line holds '1.0'"),
        ("1", "frame 1, line 1", "the comment line is missing"),
        ("1\n\n", "frame 1, line 2", "the frame announces 1 atom in line 1, but the file ends after 0"),
        (
            "1\n\nH 0 0 0\n3\n\nH 0 0 0\nH 0 0 0\n", "frame 2, line 7",
            "the frame announces 3 atoms in line 4, but the file ends after 2"
        ),
        (
            "999999999999999\n\(properties)\nH 0 0 0\n", "frame 1, line 3",
            "the frame announces 999999999999999 atoms in line 1, but the file ends after 1"
        ),
        ("1\n\nH 0 0\n", "frame 1, line 3", "an atom needs 4 columns, but the line has 3"),
        ("1\n\(properties)\nH 0 0\n", "frame 1, line 3", "an atom needs 4 columns, but the line has 3"),
        ("1\n\(properties)\nH 0 0 0 0\n", "frame 1, line 3", "an atom needs 4 columns, but the line has 5"),
        (
            "2\n\(properties)\nH 0 0 0\n1\n\(properties)\nH 0 0 0\n", "frame 1, line 4",
            "an atom needs 4 columns, but the line has 1"
        ),
        (
            "1\n\(properties)\nH 0 1.2.3 0\n", "frame 1, line 3", "column 'pos' holds '1.2.3', which is not a number"
        ),
        (
            "1\nProperties=n:I:1\n1.5\n", "frame 1, line 3", "column 'n' holds '1.5', which is not an integer"
        ),
        (
            "1\nProperties=n:L:1\n1\n", "frame 1, line 3", "column 'n' holds '1', which is not a boolean (T or F)"
        ),
        (
            "1\n\(properties) name=\"a b\nH 0 0 0\n", "frame 1, line 2",
            "the quotes are unbalanced, there is no closing quote for '\"a b'"
        ),
        (
            "1\n\(properties) energy=-1.0\"\nH 0 0 0\n", "frame 1, line 2",
            "the value of 'energy' has unbalanced quotes, '-1.0\"'"
        ),
        ("1\n\(properties) a=[1, 2\nH 0 0 0\n", "frame 1, line 2", "the value of 'a' has no closing ']'"),
        ("1\n\(properties) a={1 2\nH 0 0 0\n", "frame 1, line 2", "the value of 'a' has no closing '}'"),
        ("1\n\(properties) a=\nH 0 0 0\n", "frame 1, line 2", "the key 'a' has no value after '='"),
        ("1\n\(properties) =1\nH 0 0 0\n", "frame 1, line 2", "a value stands without a key"),
        ("1\n\(properties) pbc=F PBC=T\nH 0 0 0\n", "frame 1, line 2", "the key 'pbc' occurs twice"),
        ("1\n\(properties) a=[[1],[2,3]]\nH 0 0 0\n", "frame 1, line 2", "the rows of 'a' have different lengths"),
        (
            "1\n\(properties) a=[[[[[[[[[[[[1]\nH 0 0 0\n", "frame 1, line 2",
            "the value of 'a' is nested too deeply"
        ),
        (
            "1\nLattice=\"1 0 0\nH 0 0 0\n", "frame 1, line 2",
            "the quotes are unbalanced, there is no closing quote for '\"1 0 0'"
        ),
        (
            "1\nLattice=\"1 0 0 0\"\nH 0 0 0\n", "frame 1, line 2",
            "'Lattice' must be nine numbers, or the three of a diagonal, but it is '1 0 0 0'"
        ),
        (
            "1\n\(properties) pbc=\"T F\"\nH 0 0 0\n", "frame 1, line 2",
            "'pbc' must be three booleans (T or F), or one for all, but it is 'T F'"
        ),
        (
            "1\nProperties=3\nH 0 0 0\n", "frame 1, line 2", "'Properties' is not of the form species:S:1:pos:R:3"
        ),
        (
            "1\nProperties=species:S\nH 0 0 0\n", "frame 1, line 2",
            "'Properties' must consist of triples name:kind:count, but it is 'species:S'"
        ),
        (
            "1\nProperties=:S:1\nH\n", "frame 1, line 2", "'Properties' has a column without a name, ':S:1'"
        ),
        ("1\nProperties=a:S:1:a:S:1\nH H\n", "frame 1, line 2", "'Properties' names the column 'a' twice"),
        (
            "1\nProperties=a:X:1\nH\n", "frame 1, line 2",
            "'Properties' gives column 'a' the kind 'X', not S, I, R or L"
        ),
        (
            "1\nProperties=a:R:0\nH\n", "frame 1, line 2",
            "'Properties' gives column 'a' the count '0', not an integer from 1 to 1000000"
        ),
        (
            "1\nProperties=a:R:99999999999999999999\nH\n", "frame 1, line 2",
            "'Properties' gives column 'a' the count '99999999999999999999', not an integer from 1 to 1000000"
        ),
    ]

    @Test(arguments: cases.indices)
    func saysWhatIsWrong(index: Int) {
        let (text, place, problem) = Self.cases[index]
        let error = apusError { _ = try ExtendedXYZ.read(bytes: Array(text.utf8), file: "a.xyz") }
        #expect(error?.kind == .data)
        #expect(error?.file == "a.xyz")
        #expect(error?.place == place)
        #expect(error?.problem == problem)
        #expect(error?.remedy != nil)
    }

    @Test func missingFile() {
        #expect(apusError { _ = try ExtendedXYZ.read("/no/such.xyz") }?.kind == .missingInput)
    }

    @Test(arguments: ["ase.extxyz", "plain.xyz"])
    func damagedFilesNeverCrash(name: String) throws {
        for variant in damagedVariants(of: try readFile(path: fileFixture(name))) {
            _ = try? ExtendedXYZ.read(bytes: variant, file: name)
        }
    }
}
