import ApusSystem
import CHDF5

/// A data set of an HDF5 file, read as a whole or some rows at a time: a row is what the first index selects.
public final class HDF5Dataset {
    /// The types of elements that are told apart.
    public enum ElementType: Sendable, Equatable {
        /// Floating point of this many bytes.
        case real(width: Int)
        /// Whole numbers and booleans.
        case integer
        /// Text.
        case text
        /// Anything else, such as compound types.
        case other
    }

    /// The path in the file.
    public let name: String
    /// The extents, slowest first; empty for a scalar.
    public let shape: [Int]
    /// The type of the elements.
    public let elementType: ElementType
    private let handle: HDF5Handle
    private let type: HDF5Handle
    private let file: HDF5File

    /// Deflate gains a factor of 1032 at most: what needs more than that is a lie about the size.
    private static let largestCompression = 1032

    init(_ handle: HDF5Handle, name: String, file: HDF5File) throws {
        (self.handle, self.name, self.file) = (handle, name, file)
        guard let type = HDF5Handle(withHDF5 { H5Dget_type(handle.id) }, H5Tclose),
            let space = HDF5Handle(withHDF5 { H5Dget_space(handle.id) }, H5Sclose),
            case let rank = withHDF5({ H5Sget_simple_extent_ndims(space.id) }), rank >= 0
        else { throw file.failure("its type or shape cannot be read", place: name) }
        var extents = [hsize_t](repeating: 0, count: max(Int(rank), 1))
        if rank > 0 { _ = withHDF5 { H5Sget_simple_extent_dims(space.id, &extents, nil) } }
        let shape = extents.prefix(Int(rank)).map { Int(clamping: $0) }
        let width = withHDF5 { H5Tget_size(type.id) }
        switch withHDF5({ H5Tget_class(type.id) }) {
        case H5T_FLOAT: elementType = .real(width: width)
        case H5T_INTEGER, H5T_ENUM: elementType = .integer
        case H5T_STRING: elementType = .text
        default: elementType = .other
        }
        (self.shape, self.type) = (shape, type)
        // Memory is taken by the shape, so it must agree with what is stored.
        let stored = Int(clamping: withHDF5 { H5Dget_storage_size(handle.id) })
        guard let needed = byteCount(shape: shape, width: width),
            needed / Self.largestCompression <= min(stored, file.byteCount)
        else {
            throw file.failure("its shape \(shape) is larger than what is stored", place: name)
        }
    }

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }

    /// The number of rows; a scalar is one row.
    public var rowCount: Int { shape.first ?? 1 }

    /// The elements of some rows as float64.
    ///
    /// - Throws: ``ApusError`` when they are no numbers or cannot be read.
    public func doubles(rows: Range<Int>? = nil) throws -> [Double] {
        try requireNumbers()
        return try elements(0.0, rows: rows ?? 0..<rowCount, memoryType: withHDF5 { apus_h5_double() })
    }

    /// The elements of some rows as integers.
    ///
    /// - Throws: ``ApusError`` when they are no whole numbers or cannot be read.
    public func integers(rows: Range<Int>? = nil) throws -> [Int] {
        try requireNumbers()
        guard elementType == .integer else {
            // Some writers store atomic numbers as floating point.
            return try doubles(rows: rows).map { value in
                guard let integer = Int(exactly: value) else {
                    throw file.failure("it holds \(value) where whole numbers are needed", place: name, remedy: nil)
                }
                return integer
            }
        }
        return try elements(0, rows: rows ?? 0..<rowCount, memoryType: withHDF5 { apus_h5_int64() })
    }

    /// All elements as text.
    ///
    /// - Throws: ``ApusError`` when they are no text or cannot be read.
    public func strings() throws -> [String] {
        guard elementType == .text, let text = withHDF5({ HDF5Text(type.id) }) else {
            throw file.failure("it holds no text where text is needed", place: name, remedy: nil)
        }
        guard count > 0 else { return [] }
        let values = withHDF5 {
            text.read(count: count) {
                H5Dread(handle.id, $0, apus_h5_all(), apus_h5_all(), apus_h5_default(), $1)
            }
        }
        guard let values else { throw file.failure("its text cannot be read", place: name) }
        return values
    }

    /// The text of an attribute; nil when there is none.
    public func text(attribute: String) -> String? { file.text(attribute: attribute, of: name) }

    private func requireNumbers() throws {
        switch elementType {
        case .real, .integer: return
        default: throw file.failure("it holds no numbers where numbers are needed", place: name, remedy: nil)
        }
    }

    private func elements<Element: BitwiseCopyable>(_ zero: Element, rows: Range<Int>, memoryType: hid_t) throws
        -> [Element]
    {
        require(rows.lowerBound >= 0 && rows.upperBound <= rowCount, "HDF5Dataset: rows outside of the data set")
        let total = rows.count * shape.dropFirst().reduce(1, *)
        guard total > 0 else { return [] }
        var values = [Element](repeating: zero, count: total)
        let status = try withHDF5 {
            guard !shape.isEmpty, rows.count < rowCount else {
                return H5Dread(handle.id, memoryType, apus_h5_all(), apus_h5_all(), apus_h5_default(), &values)
            }
            var start = [hsize_t](repeating: 0, count: shape.count)
            start[0] = hsize_t(rows.lowerBound)
            var extents = shape.map { hsize_t($0) }
            extents[0] = hsize_t(rows.count)
            let space = H5Dget_space(handle.id)
            let memory = H5Screate_simple(Int32(shape.count), &extents, nil)
            defer {
                H5Sclose(space)
                H5Sclose(memory)
            }
            guard space >= 0, memory >= 0,
                H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, nil, &extents, nil) >= 0
            else { throw file.failure("rows \(rows) cannot be selected", place: name) }
            return H5Dread(handle.id, memoryType, memory, space, apus_h5_default(), &values)
        }
        guard status >= 0 else {
            throw file.failure("its elements cannot be read", place: name, remedy: "the file is damaged or truncated")
        }
        return values
    }
}

/// Reads text of fixed or variable length.
struct HDF5Text {
    private let fileType: hid_t
    private let isVariable: Bool
    private let width: Int

    /// Describes a type of the library; nil when it is no text.
    init?(_ type: hid_t) {
        guard H5Tget_class(type) == H5T_STRING else { return nil }
        fileType = type
        isVariable = H5Tis_variable_str(type) > 0
        width = H5Tget_size(type)
    }

    /// Reads text with a function that takes the type in memory and a place for the elements; nil when it fails.
    func read(count: Int, _ body: (hid_t, UnsafeMutableRawPointer) -> herr_t) -> [String]? {
        let type = H5Tcopy(fileType)
        guard type >= 0 else { return nil }
        defer { H5Tclose(type) }
        guard isVariable else {
            var bytes = [UInt8](repeating: 0, count: max(count * width, 1))
            guard body(type, &bytes) >= 0 else { return nil }
            return (0..<count).map { k in
                let text = bytes[(k * width)..<((k + 1) * width)].prefix { $0 != 0 }
                return String(decoding: text, as: UTF8.self)
            }
        }
        var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
        guard body(type, &pointers) >= 0 else { return nil }
        defer { for pointer in pointers where pointer != nil { H5free_memory(pointer) } }
        return pointers.map { pointer in pointer.map { String(cString: $0) } ?? "" }
    }
}
