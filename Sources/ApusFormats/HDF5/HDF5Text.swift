import ApusFiles
import CHDF5

/// Reads text of fixed or variable length.
struct HDF5Text {
    private let fileType: hid_t
    private let isVariable: Bool
    private let width: Int
    /// More bytes of text are not read at once.
    private static let most = 256 << 20

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
            guard let size = byteCount(shape: [count], width: width), size <= Self.most else { return nil }
            var bytes = [UInt8](repeating: 0, count: max(size, 1))
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
