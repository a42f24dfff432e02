import ApusFiles

extension NumpyArray {
    /// Reads a `.npy` file.
    ///
    /// - Throws: ``ApusError`` when the file cannot be read, is truncated or damaged, or holds elements that are not
    ///   supported, such as pickled Python objects.
    public static func read(_ path: String) throws -> NumpyArray {
        try NumpyRows(path: path).all()
    }

    /// Reads the bytes of a `.npy` file (format versions 1 to 3); `name` is its name in an archive.
    ///
    /// - Throws: ``ApusError`` as ``read(_:)``.
    public init(bytes: [UInt8], file: String, name: String? = nil) throws {
        self = try NumpyRows(MemoryStream(bytes), byteCount: bytes.count, file: file, name: name).all()
    }

    /// Elements as they stand in a file.
    init(_ header: NumpyHeader, shape: [Int], elements: [UInt8], file: String, name: String?) {
        var elements = elements
        if header.bigEndian { reverseBytes(of: &elements, unit: header.swapUnit) }
        if header.fortranOrder {
            elements = rowMajor(elements, shape: shape, width: header.elementType.width)
        }
        self.init(shape: shape, elementType: header.elementType, bytes: elements, file: file, name: name)
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
