extension NumpyArray {
    /// Reads a `.npy` file.
    ///
    /// - Throws: ``ApusError`` when the file cannot be read, is truncated or damaged, or holds elements that are not
    ///   supported, such as pickled Python objects.
    public static func read(_ path: String) throws -> NumpyArray {
        try NumpyArray(bytes: try readFile(path: path), file: path)
    }

    /// Reads the bytes of a `.npy` file (format versions 1 to 3); `name` is its name in an archive.
    ///
    /// - Throws: ``ApusError`` as ``read(_:)``.
    public init(bytes: [UInt8], file: String, name: String? = nil) throws {
        func failure(_ problem: String, remedy: String? = "the file is damaged or truncated") -> ApusError {
            let place = name.map { "array \(quoted($0))" }
            return ApusError(.data, file: file, place: place, problem: problem, remedy: remedy)
        }
        guard bytes.starts(with: [0x93] + Array("NUMPY".utf8)) else {
            throw failure("the data do not start as a NumPy array does", remedy: nil)
        }
        guard bytes.count >= 12 else { throw failure("the header is incomplete") }
        guard (1...3).contains(bytes[6]) else {
            throw failure("the format version \(bytes[6]) is unknown", remedy: "save it with numpy.save")
        }
        let lengthBytes = bytes[6] == 1 ? bytes[8..<10] : bytes[8..<12]
        let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
        let dataStart = lengthBytes.endIndex + length
        guard dataStart <= bytes.count else { throw failure("the header is incomplete") }

        let header: NumpyHeader
        do throws(NumpyHeader.Failure) {
            header = try NumpyHeader(bytes[lengthBytes.endIndex..<dataStart])
        } catch {
            throw failure(error.problem, remedy: error.remedy)
        }
        let width = header.elementType.width
        let present = bytes.count - dataStart
        guard let announced = byteCount(shape: header.shape, width: width) else {
            throw failure("the shape \(header.shape) is too large")
        }
        guard present == announced else {
            throw failure("the shape \(header.shape) needs \(announced) bytes, but \(present) are there")
        }

        var elements = Array(bytes[dataStart...])
        if header.bigEndian { reverseBytes(of: &elements, unit: header.swapUnit) }
        if header.fortranOrder { elements = rowMajor(elements, shape: header.shape, width: width) }
        self.init(shape: header.shape, elementType: header.elementType, bytes: elements, file: file, name: name)
    }
}

private func reverseBytes(of bytes: inout [UInt8], unit: Int) {
    guard unit > 1 else { return }
    for start in stride(from: 0, to: bytes.count, by: unit) {
        bytes[start..<(start + unit)].reverse()
    }
}

/// Reorders elements from first index fastest to last index fastest.
private func rowMajor(_ source: [UInt8], shape: [Int], width: Int) -> [UInt8] {
    guard shape.count > 1, !source.isEmpty else { return source }
    var strides: [Int] = []
    var stride = width
    for extent in shape {
        strides.append(stride)
        stride *= extent
    }
    var result: [UInt8] = []
    result.reserveCapacity(source.count)
    var index = [Int](repeating: 0, count: shape.count)
    var offset = 0
    while true {
        result += source[offset..<(offset + width)]
        // Counts up the index as an odometer does, last axis first.
        var axis = shape.count - 1
        while true {
            index[axis] += 1
            offset += strides[axis]
            if index[axis] < shape[axis] { break }
            offset -= strides[axis] * shape[axis]
            index[axis] = 0
            if axis == 0 { return result }
            axis -= 1
        }
    }
}
