extension Safetensors {
    /// Reads a file.
    ///
    /// - Throws: ``ApusError`` when the file cannot be read, is truncated, or breaks a rule of the format.
    public static func read(_ path: String) throws -> Safetensors {
        try Safetensors(bytes: try readFile(path: path), file: path)
    }

    /// Reads the bytes of a file whose name is used in messages.
    ///
    /// - Throws: ``ApusError`` when they are truncated or break a rule of the format.
    public init(bytes: [UInt8], file: String) throws {
        let header = try SafetensorsHeader(InputFile(bytes: bytes, path: file))
        self.init(
            metadata: header.metadata,
            tensors: header.tensors.mapValues { place in
                Tensor(elementType: place.elementType, shape: place.shape, bytes: bytes[place.range])
            }, file: file)
    }
}

/// The header of a safetensors file: its metadata, and where which tensor stands.
struct SafetensorsHeader {
    /// Where a tensor stands in the file.
    struct Place {
        let elementType: Safetensors.ElementType
        let shape: [Int]
        let range: Range<Int>
    }

    let metadata: [String: String]
    let tensors: [String: Place]

    /// The largest header the format allows, in bytes.
    private static let maximumLength = 100_000_000

    /// Reads and checks the header, the size of the file included.
    init(_ input: InputFile) throws {
        func failure(
            _ problem: String, place: String? = nil, remedy: String = "the file is damaged or truncated"
        ) -> ApusError {
            ApusError(.data, file: input.path, place: place, problem: problem, remedy: remedy)
        }
        guard input.count >= 8 else {
            throw failure("the file has \(counted(input.count, "byte")), too few for safetensors")
        }
        let announced = try input.bytes(0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard announced <= Self.maximumLength else {
            throw failure(
                "the header announces \(announced) bytes, more than safetensors allows",
                remedy: "the file is damaged, or no safetensors file")
        }
        let dataStart = 8 + Int(announced)
        guard dataStart <= input.count else {
            throw failure("the header announces \(announced) bytes, but only \(input.count - 8) follow")
        }
        let text = try input.bytes(8..<dataStart)
        guard text.first == UInt8(ascii: "{") else {
            throw failure("the header does not start with '{'")
        }
        let header: [String: JSONValue]
        do {
            header = try JSONValue(parsing: text).object ?? [:]
        } catch {
            throw failure("the header is no JSON: \(error)")
        }

        var metadata: [String: String] = [:]
        var entries: [(name: String, entry: HeaderEntry)] = []
        for (name, value) in header {
            if name == "__metadata__" {
                guard let members = value.object, case let texts = members.compactMapValues(\.string),
                    texts.count == members.count
                else { throw failure("the metadata are not all strings") }
                metadata = texts
            } else {
                do throws(HeaderEntry.Failure) {
                    entries.append((name, try HeaderEntry(value)))
                } catch {
                    throw failure(error.problem, place: "tensor \(quoted(name))")
                }
            }
        }

        // Sorted by offset, each tensor must start where the one before ends: no hole, no overlap.
        entries.sort { ($0.entry.begin, $0.entry.end, $0.name) < ($1.entry.begin, $1.entry.end, $1.name) }
        var tensors: [String: Place] = [:]
        var position = 0
        let available = input.count - dataStart
        for (name, entry) in entries {
            let place = "tensor \(quoted(name))"
            guard entry.begin == position else {
                let fault = entry.begin < position ? "overlaps the tensor before it" : "leaves a hole before it"
                throw failure("it starts at byte \(entry.begin) of the data and \(fault)", place: place)
            }
            guard entry.end <= available else {
                throw failure("it ends at byte \(entry.end) of the data, which has only \(available)", place: place)
            }
            tensors[name] = Place(
                elementType: entry.elementType, shape: entry.shape,
                range: (dataStart + entry.begin)..<(dataStart + entry.end))
            position = entry.end
        }
        guard position == available else {
            throw failure("the tensors end at byte \(position) of the data, the file at \(available)")
        }
        (self.metadata, self.tensors) = (metadata, tensors)
    }
}

/// What the header says of one tensor.
private struct HeaderEntry {
    struct Failure: Error {
        let problem: String
    }

    let elementType: Safetensors.ElementType
    let shape: [Int]
    let begin: Int
    let end: Int

    init(_ value: JSONValue) throws(Failure) {
        guard let members = value.object else { throw Failure(problem: "its header entry is no object") }
        let known: Set<String> = ["dtype", "shape", "data_offsets"]
        if let key = members.keys.sorted().first(where: { !known.contains($0) }) {
            throw Failure(problem: "its header entry has the unknown key \(quoted(key))")
        }
        guard let name = members["dtype"]?.string else { throw Failure(problem: "its element type is missing") }
        guard let type = Safetensors.ElementType(rawValue: name) else {
            throw Failure(problem: "its element type \(quoted(name)) is unknown")
        }
        guard let extents = members["shape"]?.array, case let shape = extents.compactMap(\.integer),
            shape.count == extents.count, shape.allSatisfy({ $0 >= 0 })
        else { throw Failure(problem: "its shape is not a list of integers from 0 on") }
        guard let offsets = members["data_offsets"]?.array?.compactMap(\.integer), offsets.count == 2,
            0 <= offsets[0], offsets[0] <= offsets[1]
        else { throw Failure(problem: "its data_offsets are not two ascending integers") }

        guard let size = byteCount(shape: shape, width: type.width) else {
            throw Failure(problem: "its shape \(shape) is too large")
        }
        guard size == offsets[1] - offsets[0] else {
            throw Failure(
                problem: "its shape \(shape) needs \(size) bytes, but its offsets span \(offsets[1] - offsets[0])")
        }
        (elementType, self.shape, begin, end) = (type, shape, offsets[0], offsets[1])
    }
}

/// The size of an array in bytes; nil when it overflows, even if another extent is 0.
package func byteCount(shape: [Int], width: Int) -> Int? {
    var size = width
    for extent in shape {
        let (product, overflow) = size.multipliedReportingOverflow(by: max(extent, 1))
        if overflow { return nil }
        size = product
    }
    return shape.contains(0) ? 0 : size
}
