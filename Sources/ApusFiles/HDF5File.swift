import CHDF5
import Synchronization

/// One call at a time: not every build of the library may be called from two threads.
private let hdf5Lock = Mutex(())

/// Calls the library; it then reports errors by its results only.
func withHDF5<Result>(_ body: () throws -> Result) rethrows -> Result {
    try hdf5Lock.withLock { _ in
        _ = hdf5EndsQuietly
        apus_h5_silence()
        return try body()
    }
}

/// Before anything else, tells the library to do nothing at the end of the program: there it would try again to write
/// what did not fit on the disk, and crash. Every file is closed before.
private let hdf5EndsQuietly: Void = { _ = H5dont_atexit() }()

/// An identifier of the library, released with its last reference.
final class HDF5Handle {
    let id: hid_t
    private let close: (hid_t) -> herr_t

    /// Takes over an identifier; nil for the negative one of a failed call.
    init?(_ id: hid_t, _ close: @escaping (hid_t) -> herr_t) {
        guard id >= 0 else { return nil }
        self.id = id
        self.close = close
    }

    deinit { withHDF5 { _ = close(id) } }
}

/// An HDF5 file that is read: groups with data sets and attributes (https://docs.hdfgroup.org/hdf5).
///
/// An object is named by its path, such as `/water/energies`.
public final class HDF5File {
    /// The file as the user named it.
    public let path: String
    /// The size of the file in bytes.
    let byteCount: Int
    private let handle: HDF5Handle

    /// What a group contains.
    public enum Kind: Sendable {
        /// A group.
        case group
        /// A data set.
        case dataset
        /// A named type or a link that leads nowhere.
        case other
    }

    /// Opens a file for reading.
    ///
    /// - Throws: ``ApusError`` when it does not exist or is no HDF5 file.
    public init(reading path: String) throws {
        byteCount = try InputFile(path: path).count
        self.path = path
        let id = withHDF5 { H5Fopen(path, apus_h5_read_only(), apus_h5_default()) }
        guard let handle = HDF5Handle(id, H5Fclose) else {
            throw ApusError(
                .data, file: path, problem: "this is no HDF5 file, or it is damaged or truncated",
                remedy: "copy or download it again")
        }
        self.handle = handle
    }

    /// Whether the first bytes of a file are those of HDF5.
    public static func isHDF5(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])
    }

    /// The names in a group, sorted by their bytes.
    ///
    /// - Throws: ``ApusError`` when there is no such group.
    public func names(in group: String = "/") throws -> [String] {
        let object = try object(group)
        var names: [String] = []
        let status = withUnsafeMutablePointer(to: &names) { names in
            withHDF5 {
                apus_h5_links(
                    object.id, { $1!.assumingMemoryBound(to: [String].self).pointee.append(String(cString: $0!)) },
                    names)
            }
        }
        guard status >= 0 else { throw failure("the group cannot be listed", place: group) }
        return names
    }

    /// What an object is; nil when there is none.
    public func kind(of object: String) -> Kind? {
        let id = withHDF5 { H5Oopen(handle.id, object, apus_h5_default()) }
        guard let handle = HDF5Handle(id, H5Oclose) else { return nil }
        switch withHDF5({ H5Iget_type(handle.id) }) {
        case H5I_GROUP: return .group
        case H5I_DATASET: return .dataset
        default: return .other
        }
    }

    /// The data set at a path.
    ///
    /// - Throws: ``ApusError`` when there is none, or when its header is damaged.
    public func dataset(_ object: String) throws -> HDF5Dataset {
        let id = withHDF5 { H5Dopen2(handle.id, object, apus_h5_default()) }
        guard let handle = HDF5Handle(id, H5Dclose) else {
            throw failure("there is no data set with this name, or it is damaged", place: object)
        }
        return try HDF5Dataset(handle, name: object, file: self)
    }

    /// The text of an attribute; nil when there is none or it holds no text.
    public func text(attribute: String, of object: String = "/") -> String? {
        guard let (handle, _) = attributeHandle(attribute, of: object),
            let type = HDF5Handle(withHDF5 { H5Aget_type(handle.id) }, H5Tclose)
        else { return nil }
        return withHDF5 { HDF5Text(type.id)?.read(count: 1) { H5Aread(handle.id, $0, $1) }?.first }
    }

    /// The number of an attribute; nil when there is none or it is not one number.
    public func number(attribute: String, of object: String = "/") -> Double? {
        guard let (handle, count) = attributeHandle(attribute, of: object), count == 1 else { return nil }
        var value = 0.0
        let status = withHDF5 { H5Aread(handle.id, apus_h5_double(), &value) }
        return status >= 0 ? value : nil
    }

    private func attributeHandle(_ name: String, of object: String) -> (handle: HDF5Handle, count: Int)? {
        guard let object = try? self.object(object),
            withHDF5({ H5Aexists(object.id, name) }) > 0,
            let attribute = HDF5Handle(withHDF5 { H5Aopen(object.id, name, apus_h5_default()) }, H5Aclose),
            let space = HDF5Handle(withHDF5 { H5Aget_space(attribute.id) }, H5Sclose)
        else { return nil }
        return (attribute, Int(withHDF5 { H5Sget_simple_extent_npoints(space.id) }))
    }

    private func object(_ name: String) throws -> HDF5Handle {
        let id = withHDF5 { H5Oopen(handle.id, name, apus_h5_default()) }
        guard let handle = HDF5Handle(id, H5Oclose) else {
            throw failure("there is no such object, or it is damaged", place: name)
        }
        return handle
    }

    /// An error about an object of the file.
    func failure(_ problem: String, place: String, remedy: String? = "the file is damaged") -> ApusError {
        ApusError(.data, file: path, place: "'\(place)'", problem: problem, remedy: remedy)
    }
}
