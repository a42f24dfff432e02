import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusFormats

@Suite struct NumpyTests {
    static let archives = ["stored.npz", "deflated.npz", "zip64.npz"]

    /// 0, 1, … 23, the elements of most arrays of the fixtures.
    private let numbers = Array(0..<24)

    @Test(arguments: archives, ["", "big_"])
    func numericTypes(file: String, prefix: String) throws {
        let archive = try NumpyArchive.read(fileFixture(file))
        for name in ["f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"] {
            let array = try archive[prefix + name]
            let expected = numbers.map { name.hasPrefix("u") ? $0 : $0 - 5 }
            #expect(array.shape == [2, 3, 4])
            #expect(try array.doubles() == expected.map(Double.init))
            if name.hasPrefix("f") {
                #expect(throws: ApusError.self) { try array.integers() }
            } else {
                #expect(try array.integers() == expected)
            }
        }
    }

    @Test(arguments: archives)
    func otherTypes(file: String) throws {
        let archive = try NumpyArchive.read(fileFixture(file))
        #expect(archive.names.count == 32)
        #expect(try archive["fortran"].doubles() == numbers.map { Double($0) / 8 })
        #expect(try archive["logical"].logicals() == numbers.map { $0 % 3 == 0 })
        #expect(try archive["scalar"].shape == [])
        #expect(try archive["scalar"].doubles() == [2.5])
        #expect(try archive["empty"].shape == [0, 3])
        #expect(try archive["empty"].doubles() == [])
        #expect(try archive["bytes"].strings() == ["H", "He", ""])
        #expect(try archive["text"].strings() == ["H", "Hé", "日本"])
        #expect(try archive["big_text"].strings() == ["ab", "c"])
        #expect(try archive["one_text"].strings() == ["single"])
        #expect(try archive["large"].doubles() == [0x1p64])
    }

    @Test func accessorsRefuseOtherTypes() throws {
        let archive = try NumpyArchive.read(fileFixture("stored.npz"))
        let error = apusError { _ = try archive["text"].doubles() }
        #expect(error?.place == "array 'text'")
        #expect(error?.problem == "it holds strings where real numbers are needed")
        #expect(throws: ApusError.self) { try archive["logical"].integers() }
        #expect(throws: ApusError.self) { try archive["f8"].strings() }
        #expect(throws: ApusError.self) { try archive["f8"].logicals() }
        let large = apusError { _ = try archive["large"].integers() }
        #expect(large?.problem == "the value 18446744073709551615 is too large")
    }

    @Test(arguments: ["version1.npy", "version2.npy", "version3.npy", "fortran.npy"])
    func singleFiles(file: String) throws {
        let array = try NumpyArray.read(fileFixture(file))
        #expect(array.shape == [2, 3, 4])
        #expect(array.elementType == .real(width: 8))
        #expect(try array.doubles() == numbers.map { Double($0) / 8 })
    }

    @Test(arguments: [
        ("half", "the element type '<f2' is not supported"),
        ("complex", "the element type '<c16' is not supported"),
        ("records", "it holds records of several fields, which are not supported"),
    ])
    func unsupportedTypes(name: String, problem: String) throws {
        let archive = try NumpyArchive.read(fileFixture("stored.npz"))
        let error = apusError { _ = try archive[name] }
        #expect(error?.place == "array '\(name)'")
        #expect(error?.problem == problem)
    }

    @Test func pickledObjectsAreRefusedButHarmless() throws {
        let archive = try NumpyArchive.read(fileFixture("objects.npz"))
        #expect(archive.names == ["good", "bad"])
        #expect(try archive["good"].doubles() == [0, 1, 2])
        let error = apusError { _ = try archive["bad"] }
        #expect(
            error?.description.contains(
                "objects.npz, array 'bad': it holds pickled Python objects, which are not read because they may run "
                    + "code; load it in Python with allow_pickle=True and save arrays of numbers with numpy.savez")
                == true)
    }

    @Test func missingArray() throws {
        let archive = try NumpyArchive.read(fileFixture("objects.npz"))
        #expect(
            apusError { _ = try archive["E"] }?.description.hasSuffix(
                "array 'E': there is no such array; the file has good, bad.") == true)
    }

    @Test func checksumIsCompared() throws {
        let archive = try NumpyArchive.read(fileFixture("stored.npz"))
        var bytes = try readFile(path: fileFixture("stored.npz"))
        let last = try archive["f8"].bytes.suffix(16)
        let position = try #require(bytes.indices.first { bytes[$0...].starts(with: last) })
        bytes[position + 6] ^= 1
        let damaged = try NumpyArchive(bytes: bytes, file: "a.npz")
        #expect(
            apusError { _ = try damaged["f8"] }?.description
                == "a.npz, array 'f8': the checksum is wrong; the file is damaged or truncated.")
    }

    @Test func sizesOfTheWholeArchiveMayBeWide() throws {
        var bytes = try readFile(path: fileFixture("zip64.npz"))
        for index in (bytes.count - 10)..<(bytes.count - 2) { bytes[index] = 0xff }
        #expect(try NumpyArchive(bytes: bytes, file: "a.npz")["u1"].integers() == numbers)
    }

    /// Headers with one fault each.
    static let headers: [(String, String)] = [
        ("x", "the header is not a Python dictionary"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)", "the header is not a Python dictionary"),
        ("{'descr': '<f8', 'fortran_order': False}", "the header has no 'shape'"),
        ("{'descr': '<f8', 'shape': (2,)}", "the header has no 'fortran_order'"),
        ("{'fortran_order': False, 'shape': (2,)}", "the header has no 'descr'"),
        (
            "{'descr': '<f8', 'fortran_order': False, 'shape': (True,)}",
            "the shape is not a tuple of integers from 0 on"
        ),
        ("{'descr': '<U0', 'fortran_order': False, 'shape': (2,)}", "the element type '<U0' is not supported"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (3,)}", "the shape [3] needs 24 bytes, but 16 are there"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", "the shape [1] needs 8 bytes, but 16 are there"),
        (
            "{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 4611686018427387904)}",
            "the shape [4611686018427387904, 4611686018427387904] is too large"
        ),
        (
            "{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 4611686018427387904, 0)}",
            "the shape [4611686018427387904, 4611686018427387904, 0] is too large"
        ),
    ]

    private func file(header: String, version: UInt8 = 1) -> [UInt8] {
        let start = [0x93] + Array("NUMPY".utf8) + [version, 0, UInt8(header.utf8.count), 0]
        return start + (version == 1 ? [] : [0, 0]) + Array(header.utf8) + [UInt8](repeating: 0, count: 16)
    }

    @Test(arguments: headers.indices)
    func faultyHeaders(index: Int) {
        let (header, problem) = Self.headers[index]
        #expect(apusError { _ = try NumpyArray(bytes: file(header: header), file: "a.npy") }?.problem == problem)
    }

    @Test func pythonTwoHeader() throws {
        let header = "{'shape': (2L, ), \"descr\": \"<f8\", 'fortran_order': False, } \n"
        #expect(try NumpyArray(bytes: file(header: header), file: "a.npy").doubles() == [0, 0])
        #expect(try NumpyArray(bytes: file(header: header, version: 3), file: "a.npy").doubles() == [0, 0])
        #expect(
            apusError { _ = try NumpyArray(bytes: file(header: header, version: 4), file: "a.npy") }?.problem
                == "the format version 4 is unknown")
    }

    @Test func otherFiles() {
        #expect(
            apusError { _ = try NumpyArchive.read(fileFixture("plain.xyz")) }?.problem == "this is no zip archive")
        #expect(
            apusError { _ = try NumpyArray.read(fileFixture("plain.xyz")) }?.problem
                == "the data do not start as a NumPy array does")
        #expect(apusError { _ = try NumpyArchive(bytes: [], file: "a.npz") }?.kind == .data)
        #expect(apusError { _ = try NumpyArray(bytes: [], file: "a.npy") }?.kind == .data)
    }

    @Test func truncatedArchive() throws {
        let bytes = try readFile(path: fileFixture("stored.npz"))
        #expect(
            apusError { _ = try NumpyArchive(bytes: bytes.dropLast(30), file: "a.npz") }?.description
                == "a.npz: the archive has no table of contents at its end; the file is damaged or truncated.")
    }

    @Test(arguments: [
        "stored.npz", "deflated.npz", "zip64.npz", "objects.npz", "version1.npy", "version3.npy", "fortran.npy",
    ])
    func damagedFilesNeverCrash(name: String) throws {
        for variant in damagedVariants(of: try readFile(path: fileFixture(name))) {
            if let array = try? NumpyArray(bytes: variant, file: name) { readAll(array) }
            guard let archive = try? NumpyArchive(bytes: variant, file: name) else { continue }
            for member in archive.names {
                if let array = try? archive[member] { readAll(array) }
            }
        }
    }

    @Test func everyTruncationIsNoticed() throws {
        let array = try readFile(path: fileFixture("version1.npy"))
        for count in array.indices {
            #expect(throws: ApusError.self) { try NumpyArray(bytes: Array(array[..<count]), file: "a.npy") }
        }
        let archive = try readFile(path: fileFixture("objects.npz"))
        for count in archive.indices {
            #expect(throws: ApusError.self) { try NumpyArchive(bytes: Array(archive[..<count]), file: "a.npz") }
        }
    }

    private func readAll(_ array: NumpyArray) {
        _ = try? array.doubles()
        _ = try? array.integers()
        _ = try? array.logicals()
        _ = try? array.strings()
    }
}
