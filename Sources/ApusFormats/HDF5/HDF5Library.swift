import ApusFiles
import CHDF5
import Synchronization

/// One call at a time: not every build of the library may be called from two threads.
private let hdf5Lock = Mutex(())

/// Calls the library; it then reports errors by its results only, and loads no plugin.
func withHDF5<Result>(_ body: () throws -> Result) rethrows -> Result {
    try hdf5Lock.withLock { _ in
        _ = hdf5EndsQuietly
        apus_h5_silence()
        apus_h5_forbid_plugins()
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

/// Answers questions about a file with the library, in this process.
///
/// Whatever would lead to another file is refused before it is opened.
final class HDF5Library: HDF5Session {
    let path: String
    let byteCount: Int
    let file: HDF5Handle
    let access: HDF5Handle
    var datasets: [Int: HDF5StoredArray] = [:]
    private var opened = 0

    /// More links than this are in no file that is in use.
    private static let mostLinks = 20_000_000

    /// - Throws: ``ApusError`` when the file does not exist or is no HDF5 file.
    init(path: String) throws {
        byteCount = try InputFile(path: path).count
        self.path = path
        let id = withHDF5 { H5Fopen(path, apus_h5_read_only(), apus_h5_default()) }
        guard let file = HDF5Handle(id, H5Fclose),
            let access = HDF5Handle(withHDF5 { apus_h5_access(0, 0) }, H5Pclose)
        else {
            throw ApusError(
                .data, file: path, problem: "this is no HDF5 file, or it is damaged or truncated",
                remedy: "copy or download it again")
        }
        (self.file, self.access) = (file, access)
    }

    func answer(_ request: HDF5Request) throws -> HDF5Answer {
        switch request.operation {
        case .links: return try links(of: request.name)
        case .object:
            guard let (type, address) = object(request.name) else { return HDF5Answer() }
            return HDF5Answer(integers: [type, address])
        case .open:
            let array = try HDF5StoredArray(request.name, library: self)
            opened += 1
            datasets[opened] = array
            return HDF5Answer(integers: [opened, array.elementType.code] + array.shape)
        case .close:
            datasets[request.dataset] = nil
            return HDF5Answer()
        case .reals: return HDF5Answer(reals: try dataset(request).reals(rows: request.rows))
        case .integers: return HDF5Answer(integers: try dataset(request).integers(rows: request.rows))
        case .texts: return HDF5Answer(texts: try dataset(request).texts())
        case .text:
            guard let (handle, count) = try attribute(request), count == 1,
                let type = HDF5Handle(withHDF5 { H5Aget_type(handle.id) }, H5Tclose)
            else { return HDF5Answer() }
            let text = withHDF5 { HDF5Text(type.id)?.read(count: 1) { H5Aread(handle.id, $0, $1) } }
            return HDF5Answer(texts: text ?? [])
        case .number:
            guard let (handle, count) = try attribute(request), count == 1 else { return HDF5Answer() }
            var value = 0.0
            let status = withHDF5 { H5Aread(handle.id, apus_h5_double(), &value) }
            return HDF5Answer(reals: status >= 0 ? [value] : [])
        }
    }

    private func dataset(_ request: HDF5Request) throws -> HDF5StoredArray {
        guard let dataset = datasets[request.dataset] else { throw failure("it is not open", place: request.name) }
        return dataset
    }

    private func object(_ name: String) -> (type: Int, address: Int)? {
        var type: Int32 = 0
        var address: UInt64 = 0
        let status = withHDF5 { apus_h5_object(file.id, name, access.id, &type, &address) }
        return status >= 0 ? (Int(type), Int(truncatingIfNeeded: address)) : nil
    }

    private struct Links {
        var names: [String] = []
        var outside: String?
    }

    private func links(of group: String) throws -> HDF5Answer {
        guard let object = HDF5Handle(withHDF5 { H5Oopen(file.id, group, access.id) }, H5Oclose) else {
            throw failure("there is no such object, or it is damaged", place: group)
        }
        var links = Links()
        let status = withUnsafeMutablePointer(to: &links) { links in
            withHDF5 {
                apus_h5_links(
                    object.id,
                    { name, type, context in
                        let links = context!.assumingMemoryBound(to: Links.self)
                        let name = String(cString: name!)
                        guard type < H5L_TYPE_EXTERNAL.rawValue else {
                            links.pointee.outside = name
                            return 1
                        }
                        links.pointee.names.append(name)
                        return links.pointee.names.count > HDF5Library.mostLinks ? -1 : 0
                    }, links)
            }
        }
        let parent = group == "/" ? "/" : group + "/"
        if let outside = links.outside {
            throw failure(
                "this is a link to another file, which is not read", place: parent + outside,
                remedy: "copy what it names into one file")
        }
        guard status >= 0 else { throw failure("the group cannot be listed", place: group) }
        return HDF5Answer(
            integers: links.names.flatMap { name in
                self.object(parent + name).map { [$0.type, $0.address] } ?? [-1, 0]
            }, texts: links.names)
    }

    private func attribute(_ request: HDF5Request) throws -> (handle: HDF5Handle, count: Int)? {
        guard let object = HDF5Handle(withHDF5 { H5Oopen(file.id, request.name, access.id) }, H5Oclose) else {
            return nil
        }
        let exists = withHDF5 { H5Aexists(object.id, request.attribute) }
        if exists == 0 { return nil }
        // A unit that cannot be read must not be taken for one that is not stated.
        guard exists > 0,
            let attribute = HDF5Handle(withHDF5 { H5Aopen(object.id, request.attribute, apus_h5_default()) }, H5Aclose),
            let space = HDF5Handle(withHDF5 { H5Aget_space(attribute.id) }, H5Sclose)
        else { throw failure("its attribute '\(request.attribute)' cannot be read", place: request.name) }
        return (attribute, Int(withHDF5 { H5Sget_simple_extent_npoints(space.id) }))
    }

    /// An error about an object of the file.
    func failure(_ problem: String, place: String, remedy: String? = "the file is damaged") -> ApusError {
        hdf5Failure(problem, file: path, place: place, remedy: remedy)
    }
}

/// An error about an object of an HDF5 file.
func hdf5Failure(_ problem: String, file: String, place: String, remedy: String? = "the file is damaged") -> ApusError {
    ApusError(.data, file: file, place: "'\(place)'", problem: problem, remedy: remedy)
}
