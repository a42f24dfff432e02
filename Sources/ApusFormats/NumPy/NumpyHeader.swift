import ApusFiles

/// The header of a `.npy` file: a Python dictionary literal with `descr`, `fortran_order` and `shape`.
struct NumpyHeader {
    struct Failure: Error {
        let problem: String
        var remedy: String? = "the file is damaged"
    }

    let elementType: NumpyArray.ElementType
    let bigEndian: Bool
    let fortranOrder: Bool
    let shape: [Int]

    /// The bytes that the byte order concerns together: a number, or one Unicode scalar of a string.
    var swapUnit: Int {
        switch elementType {
        case .bytes: 1
        case .unicode: 4
        default: elementType.width
        }
    }

    init(_ text: ArraySlice<UInt8>) throws(Failure) {
        var parser = PythonLiteralParser(bytes: text)
        guard case .dictionary(let members)? = parser.value(depth: 0), parser.isAtEnd else {
            throw Failure(problem: "the header is not a Python dictionary")
        }
        guard case .logical(let fortranOrder)? = members["fortran_order"] else {
            throw Failure(problem: "the header has no 'fortran_order'")
        }
        guard case .list(let extents)? = members["shape"] else { throw Failure(problem: "the header has no 'shape'") }
        var shape: [Int] = []
        for extent in extents {
            guard case .integer(let extent) = extent, extent >= 0 else {
                throw Failure(problem: "the shape is not a tuple of integers from 0 on")
            }
            shape.append(extent)
        }
        guard case .string(let descriptor)? = members["descr"] else {
            if members["descr"] == nil { throw Failure(problem: "the header has no 'descr'") }
            throw Failure(
                problem: "it holds records of several fields, which are not supported",
                remedy: "save each field as an array of its own")
        }
        (elementType, bigEndian) = try Self.elementType(descriptor)
        (self.fortranOrder, self.shape) = (fortranOrder, shape)
    }

    /// Reads a type such as `<f8`, `|b1` or `>U7`.
    private static func elementType(
        _ descriptor: String
    ) throws(Failure) -> (type: NumpyArray.ElementType, bigEndian: Bool) {
        var rest = descriptor[...]
        var bigEndian = false
        if let order = rest.first, "<>|=".contains(order) {
            bigEndian = order == ">"
            rest.removeFirst()
        }
        let kind = rest.popFirst()
        if kind == "O" {
            throw Failure(
                problem: "it holds pickled Python objects, which are not read because they may run code",
                remedy:
                    "load it in Python with allow_pickle=True and save arrays of numbers with numpy.savez: the configurations "
                    + "filled up with zeros to one number of atoms, or one after the other with their numbers of atoms as N"
            )
        }
        let size = Int(rest)
        let type: NumpyArray.ElementType? =
            switch (kind, size) {
            case ("f", 4?), ("f", 8?): .real(width: size ?? 0)
            case ("i", 1?), ("i", 2?), ("i", 4?), ("i", 8?): .integer(width: size ?? 0)
            case ("u", 1?), ("u", 2?), ("u", 4?), ("u", 8?): .unsigned(width: size ?? 0)
            case ("b", 1?): .logical
            case ("S", let count?) where (1...Int(Int32.max)).contains(count): .bytes(count: count)
            case ("U", let count?) where (1...Int(Int32.max)).contains(count): .unicode(count: count)
            default: nil
            }
        guard let type else {
            throw Failure(
                problem: "the element type \(quoted(descriptor)) is not supported",
                remedy: "save it as float64, int64 or a string")
        }
        return (type, bigEndian)
    }
}
