import ApusFiles
import ApusSystem
import CHDF5

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Writes an HDF5 file; it stands at its path only after ``finish()``.
public final class HDF5Writer {
    private let file: PendingFile
    private var handle: HDF5Handle?

    /// Starts a file.
    ///
    /// - Throws: ``ApusError`` of kind `io`.
    public init(_ path: String) throws {
        file = try PendingFile(path)
        let temporary = file.temporary
        let id = withHDF5 { H5Fcreate(temporary, apus_h5_truncate(), apus_h5_default(), apus_h5_default()) }
        guard let handle = HDF5Handle(id, H5Fclose) else { throw failure }
        self.handle = handle
        // A process that is started meanwhile would keep the library's lock on the file.
        withHDF5 {
            var descriptor: UnsafeMutableRawPointer?
            guard H5Fget_vfd_handle(id, apus_h5_default(), &descriptor) >= 0, let descriptor else { return }
            _ = fcntl(descriptor.loadUnaligned(as: Int32.self), F_SETFD, FD_CLOEXEC)
        }
    }

    /// Writes the last bytes and gives the file its name.
    ///
    /// - Throws: ``ApusError`` of kind `io`.
    public func finish() throws {
        let status = withHDF5 { H5Fflush(handle!.id, H5F_SCOPE_GLOBAL) }
        handle = nil
        guard status >= 0 else { throw failure }
        try file.commit()
    }

    /// Creates a group; those above it must be there.
    ///
    /// - Throws: ``ApusError`` of kind `io`.
    public func group(_ name: String) throws {
        let id = withHDF5 { H5Gcreate2(handle!.id, name, apus_h5_default(), apus_h5_default(), apus_h5_default()) }
        guard HDF5Handle(id, H5Gclose) != nil else { throw failure }
    }

    /// Writes a data set of float64, with attributes of text.
    ///
    /// - Throws: ``ApusError`` of kind `io`.
    public func write(
        _ name: String, _ values: [Double], shape: [Int], attributes: KeyValuePairs<String, String> = [:]
    ) throws {
        try write(name, values, shape: shape, type: withHDF5 { apus_h5_double() }, attributes: attributes)
    }

    /// Writes a data set of integers of 64 bits, with attributes of text.
    ///
    /// - Throws: ``ApusError`` of kind `io`.
    public func write(
        _ name: String, _ values: [Int], shape: [Int], attributes: KeyValuePairs<String, String> = [:]
    ) throws {
        try write(name, values, shape: shape, type: withHDF5 { apus_h5_int64() }, attributes: attributes)
    }

    /// Writes a text, with attributes of text.
    ///
    /// - Throws: ``ApusError`` of kind `io`.
    public func write(_ name: String, _ text: String, attributes: KeyValuePairs<String, String> = [:]) throws {
        let type = try textType()
        try text.withCString { pointer in
            try write(name, [pointer], shape: [], type: type.id, attributes: attributes)
        }
    }

    private func write<Element: BitwiseCopyable>(
        _ name: String, _ values: [Element], shape: [Int], type: hid_t, attributes: KeyValuePairs<String, String>
    ) throws {
        require(values.count == shape.reduce(1, *), "HDF5Writer: shape and values do not agree")
        let extents = shape.map { hsize_t($0) }
        guard
            let space = HDF5Handle(withHDF5 { H5Screate_simple(Int32(shape.count), extents, nil) }, H5Sclose),
            let dataset = HDF5Handle(
                withHDF5 {
                    H5Dcreate2(
                        handle!.id, name, type, space.id, apus_h5_default(), apus_h5_default(), apus_h5_default())
                }, H5Dclose)
        else { throw failure }
        let status =
            values.isEmpty
            ? 0
            : withHDF5 { H5Dwrite(dataset.id, type, apus_h5_all(), apus_h5_all(), apus_h5_default(), values) }
        guard status >= 0 else { throw failure }
        for (key, text) in attributes { try write(attribute: key, text, of: dataset) }
    }

    private func write(attribute key: String, _ text: String, of object: HDF5Handle) throws {
        let type = try textType()
        guard let space = HDF5Handle(withHDF5 { H5Screate(H5S_SCALAR) }, H5Sclose),
            let attribute = HDF5Handle(
                withHDF5 { H5Acreate2(object.id, key, type.id, space.id, apus_h5_default(), apus_h5_default()) },
                H5Aclose)
        else { throw failure }
        let status = text.withCString { pointer in
            withUnsafePointer(to: pointer) { place in withHDF5 { H5Awrite(attribute.id, type.id, place) } }
        }
        guard status >= 0 else { throw failure }
    }

    private func textType() throws -> HDF5Handle {
        let id = withHDF5 {
            let id = H5Tcopy(apus_h5_string())
            H5Tset_size(id, apus_h5_variable())
            H5Tset_cset(id, H5T_CSET_UTF8)
            return id
        }
        guard let type = HDF5Handle(id, H5Tclose) else { throw failure }
        return type
    }

    private var failure: ApusError {
        ApusError(
            .io, file: file.path, problem: "the HDF5 library cannot write the file",
            remedy: "free some space, or choose another folder")
    }
}
