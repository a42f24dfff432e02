import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusFormats

@Suite struct ExtendedXYZWritingTests {
    private func roundTrip(_ frames: [ExtendedXYZ.Frame]) throws -> [ExtendedXYZ.Frame] {
        try withTemporaryFolder { folder in
            try ExtendedXYZ.write(frames, to: "\(folder)/a.xyz")
            return try ExtendedXYZ.read("\(folder)/a.xyz")
        }
    }

    private func frame(_ value: ExtendedXYZ.Value) -> ExtendedXYZ.Frame {
        let column = ExtendedXYZ.Column(name: "Z", width: 1, values: .integer([1]))
        return ExtendedXYZ.Frame(atomCount: 1, columns: [column], info: [("key", value)])
    }

    @Test func everyColumnReadsBackEqual() throws {
        var generator = SystemRandomNumberGenerator()
        let numbers = (0..<300).map { _ in
            let value = Double(bitPattern: UInt64.random(in: 0 ... .max, using: &generator))
            return value.isFinite ? value : 0.1
        }
        let frame = ExtendedXYZ.Frame(
            atomCount: 100,
            columns: [
                .init(name: "species", width: 1, values: .string((0..<100).map { "X\($0)" })),
                .init(name: "pos", width: 3, values: .real(numbers)),
                .init(name: "Z", width: 2, values: .integer((0..<200).map { $0 * $0 - 7 })),
                .init(name: "on", width: 1, values: .logical((0..<100).map { $0 % 3 == 0 })),
            ],
            info: [("energy", .real(-0.1 - 0.2)), ("alone", .logical(true)), ("a \"key\" = {1}", .integer(.min))],
            lattice: [1, 0, 0, 0.1, 2, 0, 0, 1e-17, 3], periodic: [true, false, true])
        #expect(try roundTrip([frame, frame]) == [frame, frame])
    }

    static let values: [ExtendedXYZ.Value] = [
        .integer(-3), .real(1e-300), .real(5), .real(.infinity), .logical(false),
        .string("water"), .string(""), .string("a b"), .string("12"), .string("1 2"), .string("1,2"), .string("T"),
        .string("nan"),
        .string("say \"hi\", \\ {you} [all] = \n end"), .string("_JSON [1]"), .string(" padded "), .string("007"),
        .array([]), .array([.integer(1)]), .array([.integer(1), .integer(2)]), .array([.real(1), .real(0.1)]),
        .array([.logical(true), .logical(false)]), .array([.string("a"), .string("b c")]),
        .array([.string("1"), .string("2")]), .array([.integer(1), .string("x")]),
        .array([.integer(1), .real(2.5)]), .array([.real(.infinity), .real(1)]),
        .array([.array([.real(1), .real(2)]), .array([.real(3), .real(4)])]),
        .array([.array([.integer(1)]), .array([.integer(2), .integer(3)])]),
        .json(.object(["a": .array([.integer(1), .null])])), .json(.null),
    ]

    @Test(arguments: values.indices)
    func everyValueReadsBackEqual(index: Int) throws {
        let frame = frame(Self.values[index])
        #expect(try roundTrip([frame]) == [frame])
    }

    @Test func notANumberReadsBack() throws {
        #expect(try roundTrip([frame(.real(.nan))])[0][info: "key"]?.real?.isNaN == true)
        let list = try roundTrip([frame(ExtendedXYZ.Value([.nan, 1]))])[0][info: "key"]
        #expect(list?.reals?.first?.isNaN == true)
    }

    @Test func framesOfASEReadBackEqual() throws {
        var frames = try ExtendedXYZ.read(fileFixture("ase.extxyz"))
        frames[0].info.removeAll { $0.key == "missing" }  // not a number, so not equal to itself
        #expect(try roundTrip(frames) == frames)
    }

    @Test func plainFramesKeepTheirComment() throws {
        let frames = try ExtendedXYZ.read(fileFixture("plain.xyz"))
        #expect(try roundTrip(frames) == frames)
    }

    @Test func usesTheFormsThatOldReadersKnow() throws {
        try withTemporaryFolder { folder in
            let frame = ExtendedXYZ.Frame(
                atomCount: 1, columns: [.init(name: "species", width: 1, values: .string(["H"]))],
                info: [("dipole", ExtendedXYZ.Value([0, 1.5])), ("name", .string("two words"))],
                lattice: [1, 0, 0, 0, 1, 0, 0, 0, 1])
            try ExtendedXYZ.write([frame], to: "\(folder)/a.xyz")
            #expect(
                String(decoding: try readFile(path: "\(folder)/a.xyz"), as: UTF8.self) == """
                    1
                    Lattice="1.0 0.0 0.0 0.0 1.0 0.0 0.0 0.0 1.0" Properties=species:S:1 dipole="0.0 1.5" \
                    name="two words" pbc="T T T"
                    H

                    """)
        }
    }

    @Test(arguments: ["", "two words", "line\nbreak"])
    func refusesStringsThatAreNoWord(text: String) {
        let frame = ExtendedXYZ.Frame(
            atomCount: 1, columns: [.init(name: "species", width: 1, values: .string([text]))])
        let error = apusError { try ExtendedXYZ.write([frame], to: "/tmp/never-written.xyz") }
        #expect(error?.problem == "column 'species' cannot hold \(quoted(text))")
        #expect(error?.place == "frame 1")
    }

    @Test(arguments: ["", "a:b", "a b"])
    func refusesColumnNames(name: String) {
        let frame = ExtendedXYZ.Frame(atomCount: 1, columns: [.init(name: name, width: 1, values: .integer([1]))])
        #expect(
            apusError { try ExtendedXYZ.write([frame], to: "/tmp/never-written.xyz") }?.problem
                == "\(quoted(name)) cannot be the name of a column")
    }
}
