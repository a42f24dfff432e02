import ApusTestSupport
import Testing

@testable import ApusFiles

@Suite struct SafetensorsTests {
    /// 0, 1, … 5, the elements of the fixtures.
    private let numbers = Array(0..<6)

    @Test func readsWhatTheOriginalWrites() throws {
        let file = try Safetensors.read(fileFixture("types.safetensors"))
        #expect(file.metadata == ["text": "ü \"quoted\"\n"])
        #expect(file.tensors.count == 10)
        #expect(try file.tensor("b.f64").shape == [2, 3])
        #expect(try file.doubles("b.f64") == numbers.map { Double($0) / 8 })
        #expect(try file.tensor("a.f64").shape == [])
        #expect(try file.doubles("a.f64") == [2.5])
        #expect(try file.doubles("f32") == numbers.map { Double($0) / 4 })
        #expect(try file.floats("f32") == numbers.map { Float($0) / 4 })
        #expect(try file.floats("b.f64") == numbers.map { Float($0) / 8 })
        #expect(try file.integers("i64") == numbers.map { $0 - 3 })
        #expect(try file.integers("i32") == numbers.map { $0 - 3 })
        #expect(try file.integers("u8") == numbers)
        #expect(try file.doubles("i32") == numbers.map { Double($0 - 3) })
        #expect(try file.floats("u8") == numbers.map { Float($0) })
        #expect(try file.tensor("empty").shape == [0, 3])
        #expect(try file.floats("empty") == [])
        #expect(try file.tensor("bool").elementType == .bool)
    }

    @Test func accessorsNameTheTensor() throws {
        let file = try Safetensors.read(fileFixture("types.safetensors"))
        let missing = apusError { _ = try file.doubles("weight") }
        #expect(missing?.description.hasSuffix("types.safetensors, tensor 'weight': there is no such tensor.") == true)
        #expect(
            apusError { _ = try file.doubles("f16") }?.problem == "the element type is F16, which does not fit here")
        #expect(throws: ApusError.self) { try file.integers("f32") }
        #expect(throws: ApusError.self) { try file.floats("bool") }
    }

    @Test(arguments: ["types.safetensors", "model.safetensors"])
    func writesTheSameBytesAsTheOriginal(name: String) throws {
        let file = try Safetensors.read(fileFixture(name))
        #expect(file.serialized() == (try readFile(path: fileFixture(name))))
    }

    @Test func writtenFilesReadBackEqual() throws {
        let file = Safetensors(
            metadata: ["z": "1", "a": "\u{1}\\\"ü"],
            tensors: [
                "doubles": .init([0.1, -.infinity] as [Double], shape: [2, 1]),
                "floats": .init([0.1, .leastNonzeroMagnitude] as [Float], shape: [2]),
                "scalar": .init([7] as [Int], shape: []),
                "integers": .init([.min, .max] as [Int32], shape: [1, 2]), "bytes": .init([255] as [UInt8], shape: [1]),
                "nothing": .init([] as [Float], shape: [3, 0]),
            ])
        try withTemporaryFolder { folder in
            try file.write(to: "\(folder)/a.safetensors")
            let copy = try Safetensors.read("\(folder)/a.safetensors")
            #expect(copy == file)
            #expect(try copy.doubles("doubles") == [0.1, -.infinity])
            #expect(try copy.floats("floats") == [0.1, .leastNonzeroMagnitude])
            #expect(try copy.integers("scalar") == [7])
            #expect(try copy.integers("integers") == [Int(Int32.min), Int(Int32.max)])
            #expect(names(in: folder) == ["a.safetensors"])
        }
        #expect(try Safetensors(bytes: Safetensors().serialized(), file: "").tensors.isEmpty)
    }

    @Test func dataAreAligned() throws {
        let file = Safetensors(tensors: [
            "a": .init([1, 2, 3] as [UInt8], shape: [3]), "b": .init([1] as [Double], shape: [1]),
            "c": .init([1] as [Float], shape: [1]),
        ])
        let bytes = file.serialized()
        for (_, tensor) in try Safetensors(bytes: bytes, file: "").tensors {
            #expect(tensor.bytes.startIndex % tensor.elementType.width == 0)
        }
    }

    /// Headers with one fault each, in front of 8 bytes of data.
    static let headers: [(String, String?, String)] = [
        ("[]", nil, "the header does not start with '{'"),
        ("{", nil, "the header is no JSON: a key in quotes is missing at byte 1"),
        ("{\"__metadata__\":{\"a\":1}}", nil, "the metadata are not all strings"),
        ("{\"__metadata__\":[]}", nil, "the metadata are not all strings"),
        ("{\"a\":1}", "tensor 'a'", "its header entry is no object"),
        ("{\"a\":{\"shape\":[1],\"data_offsets\":[0,8]}}", "tensor 'a'", "its element type is missing"),
        (
            "{\"a\":{\"dtype\":\"F80\",\"shape\":[1],\"data_offsets\":[0,8]}}", "tensor 'a'",
            "its element type 'F80' is unknown"
        ),
        (
            "{\"a\":{\"dtype\":\"F64\",\"shape\":[-1],\"data_offsets\":[0,8]}}", "tensor 'a'",
            "its shape is not a list of integers from 0 on"
        ),
        (
            "{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[8,0]}}", "tensor 'a'",
            "its data_offsets are not two ascending integers"
        ),
        (
            "{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8],\"x\":0}}", "tensor 'a'",
            "its header entry has the unknown key 'x'"
        ),
        (
            "{\"a\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,8]}}", "tensor 'a'",
            "its shape [2] needs 16 bytes, but its offsets span 8"
        ),
        (
            "{\"a\":{\"dtype\":\"F64\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]}}", "tensor 'a'",
            "its shape [4294967296, 4294967296] is too large"
        ),
        (
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "tensor 'a'",
            "it starts at byte 4 of the data and leaves a hole before it"
        ),
        (
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "tensor 'b'",
            "it starts at byte 4 of the data and overlaps the tensor before it"
        ),
        (
            "{\"a\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]}}", "tensor 'a'",
            "it ends at byte 16 of the data, which has only 8"
        ),
        (
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", nil,
            "the tensors end at byte 4 of the data, the file at 8"
        ),
        (
            "{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                + "\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}", nil,
            "the header is no JSON: the key 'a' occurs twice at byte 54"
        ),
    ]

    @Test(arguments: headers.indices)
    func faultyHeaders(index: Int) {
        let (header, place, problem) = Self.headers[index]
        let bytes =
            [UInt8(header.utf8.count)] + [0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + [UInt8](repeating: 0, count: 8)
        let error = apusError { _ = try Safetensors(bytes: bytes, file: "a.safetensors") }
        #expect(error?.kind == .data)
        #expect(error?.place == place)
        #expect(error?.problem == problem)
    }

    @Test func lyingLengths() {
        func problem(_ bytes: [UInt8]) -> String? {
            apusError { _ = try Safetensors(bytes: bytes, file: "a.safetensors") }?.problem
        }
        #expect(problem([1, 2, 3]) == "the file has 3 bytes, too few for safetensors")
        #expect(
            problem([UInt8](repeating: 0xff, count: 16))
                == "the header announces 18446744073709551615 bytes, more than safetensors allows")
        #expect(problem([9, 0, 0, 0, 0, 0, 0, 0, 0x7b]) == "the header announces 9 bytes, but only 1 follow")
        #expect(problem([0, 0, 0, 0, 0, 0, 0, 0]) == "the header does not start with '{'")
    }

    @Test(arguments: ["types.safetensors", "model.safetensors"])
    func damagedFilesNeverCrash(name: String) throws {
        let bytes = try readFile(path: fileFixture(name))
        for variant in damagedVariants(of: bytes) {
            guard let file = try? Safetensors(bytes: variant, file: name) else { continue }
            for name in file.tensors.keys { _ = try? file.doubles(name) }
        }
        // Every truncation is noticed.
        for count in bytes.indices {
            #expect(throws: ApusError.self) { try Safetensors(bytes: Array(bytes[..<count]), file: name) }
        }
    }
}
