import ApusFiles
import CHDF5

/// A data set as the library reads it.
final class HDF5StoredArray {
    let shape: [Int]
    let elementType: HDF5Dataset.ElementType
    private let name: String
    private let handle: HDF5Handle
    private let type: HDF5Handle
    private unowned let library: HDF5Library

    /// A chunk is decompressed as a whole, whichever of its rows are wanted. h5py makes them of at most 1 MiB.
    static let largestChunk = 256 << 20
    /// Numbers compress to less than a hundredth only when they are all alike.
    static let largestExpansion = 200
    /// Nothing below this size does harm, whatever it expands from.
    static let harmlessSize = 8 << 20
    private static let builtInFilters: Set<H5Z_filter_t> = [
        H5Z_FILTER_DEFLATE, H5Z_FILTER_SHUFFLE, H5Z_FILTER_FLETCHER32, H5Z_FILTER_SZIP, H5Z_FILTER_NBIT,
        H5Z_FILTER_SCALEOFFSET,
    ]

    init(_ name: String, library: HDF5Library) throws {
        (self.name, self.library) = (name, library)
        func open(chunkBytes: Int) -> HDF5Handle? {
            guard let access = HDF5Handle(withHDF5 { apus_h5_access(1, chunkBytes) }, H5Pclose) else { return nil }
            return HDF5Handle(withHDF5 { H5Dopen2(library.file.id, name, access.id) }, H5Dclose)
        }
        guard var handle = open(chunkBytes: 0) else {
            throw library.failure("there is no data set with this name, or it is damaged", place: name)
        }
        guard let creation = HDF5Handle(withHDF5 { H5Dget_create_plist(handle.id) }, H5Pclose),
            let type = HDF5Handle(withHDF5 { H5Dget_type(handle.id) }, H5Tclose)
        else { throw library.failure("its type or shape cannot be read", place: name) }
        // Before its shape, because a virtual data set opens its sources for that.
        try Self.requireOwnStorage(creation, name: name, library: library)
        guard let space = HDF5Handle(withHDF5 { H5Dget_space(handle.id) }, H5Sclose),
            case let rank = withHDF5({ H5Sget_simple_extent_ndims(space.id) }), rank >= 0
        else { throw library.failure("its type or shape cannot be read", place: name) }
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
        let chunks = try Self.chunkBytes(creation, shape: shape, width: width, name: name, library: library)
        try Self.requireSize(shape, width: width, handle, name: name, library: library)
        // All chunks of a row stay, so that each is decompressed once.
        if chunks > 1 << 20, let roomy = open(chunkBytes: min(chunks, Self.largestChunk)) { handle = roomy }
        (self.shape, self.type, self.handle) = (shape, type, handle)
    }

    private static func requireOwnStorage(_ creation: HDF5Handle, name: String, library: HDF5Library) throws {
        func refuse(_ what: String) -> ApusError {
            library.failure(
                "its values are in another file (\(what)), which is not read", place: name,
                remedy: "copy the values into one file")
        }
        if withHDF5({ H5Pget_external_count(creation.id) }) > 0 { throw refuse("external storage") }
        if withHDF5({ H5Pget_layout(creation.id) }) == H5D_VIRTUAL { throw refuse("a virtual data set") }
        for index in 0..<UInt32(clamping: withHDF5 { H5Pget_nfilters(creation.id) }) {
            var (flags, count, configuration): (UInt32, Int, UInt32) = (0, 0, 0)
            let filter = withHDF5 {
                H5Pget_filter2(creation.id, index, &flags, &count, nil, 0, nil, &configuration)
            }
            guard builtInFilters.contains(filter) else {
                throw library.failure(
                    "it is compressed with filter \(filter), which is not part of the HDF5 library", place: name,
                    remedy: "write it again with gzip compression or without any")
            }
        }
    }

    /// Memory and time are taken by the shape, so it must agree with what is stored.
    private static func requireSize(
        _ shape: [Int], width: Int, _ handle: HDF5Handle, name: String, library: HDF5Library
    ) throws {
        let stored = min(Int(clamping: withHDF5 { H5Dget_storage_size(handle.id) }), library.byteCount)
        guard let needed = byteCount(shape: shape, width: width),
            // Deflate gains a factor of 1032 at most: what needs more than that is a lie about the size.
            needed / 1032 <= stored
        else { throw library.failure("its shape \(shape) is larger than what is stored", place: name) }
        guard needed <= harmlessSize || needed / largestExpansion <= stored else {
            throw library.failure(
                "its \(needed / 1_000_000) MB are stored in \(stored / 1000) kB, and what expands to more than "
                    + "\(largestExpansion) times its size is not read", place: name,
                remedy: "write it again without compression if it is what it should be")
        }
    }

    /// The bytes of the chunks that hold a row; 0 when there are none.
    private static func chunkBytes(
        _ creation: HDF5Handle, shape: [Int], width: Int, name: String, library: HDF5Library
    ) throws -> Int {
        guard !shape.isEmpty, withHDF5({ H5Pget_layout(creation.id) }) == H5D_CHUNKED else { return 0 }
        var extents = [hsize_t](repeating: 1, count: shape.count)
        guard withHDF5({ H5Pget_chunk(creation.id, Int32(shape.count), &extents) }) == shape.count,
            let bytes = byteCount(shape: extents.map { Int(clamping: $0) }, width: width)
        else { throw library.failure("its chunks cannot be read", place: name) }
        guard bytes <= largestChunk else {
            throw library.failure(
                "its chunks have \(bytes / 1_000_000) MB each, but at most \(largestChunk / 1_000_000) MB are read",
                place: name, remedy: "write it again with smaller chunks (h5repack -l CHUNK=…)")
        }
        let across = zip(shape, extents).dropFirst().map { $0 == 0 ? 0 : ($0 - 1) / max(Int(clamping: $1), 1) + 1 }
        return byteCount(shape: across + [bytes], width: 1) ?? largestChunk
    }

    private var rowCount: Int { shape.first ?? 1 }

    func reals(rows: Range<Int>) throws -> [Double] {
        try elements(0.0, rows: rows, memoryType: withHDF5 { apus_h5_double() })
    }

    func integers(rows: Range<Int>) throws -> [Int] {
        try elements(0, rows: rows, memoryType: withHDF5 { apus_h5_int64() })
    }

    func texts() throws -> [String] {
        guard elementType == .text, let text = withHDF5({ HDF5Text(type.id) }) else {
            throw library.failure("it holds no text where text is needed", place: name, remedy: nil)
        }
        let count = shape.reduce(1, *)
        guard count > 0 else { return [] }
        let values = withHDF5 {
            text.read(count: count) {
                H5Dread(handle.id, $0, apus_h5_all(), apus_h5_all(), apus_h5_default(), $1)
            }
        }
        guard let values else { throw library.failure("its text cannot be read", place: name) }
        return values
    }

    private func elements<Element: BitwiseCopyable>(_ zero: Element, rows: Range<Int>, memoryType: hid_t) throws
        -> [Element]
    {
        guard rows.lowerBound >= 0 && rows.upperBound <= rowCount,
            let total = byteCount(shape: [rows.count] + shape.dropFirst(), width: 1), total > 0
        else { return [] }
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
            else { throw library.failure("rows \(rows) cannot be selected", place: name) }
            return H5Dread(handle.id, memoryType, memory, space, apus_h5_default(), &values)
        }
        guard status >= 0 else {
            throw library.failure(
                "its elements cannot be read", place: name, remedy: "the file is damaged or truncated")
        }
        return values
    }
}
