import ApusFiles

/// An HDF5 file that is read: groups with data sets and attributes (https://docs.hdfgroup.org/hdf5).
///
/// An object is named by its path, such as `/water/energies`. Links, storage and virtual data sets that lead to another
/// file are refused. Where a program allows it (``HDF5Worker``), the library runs in a process of its own with limits
/// on memory and time, so that a file on which it crashes or hangs ends in an error.
public final class HDF5File {
    /// The file as the user named it.
    public let path: String
    let session: any HDF5Session
    private var damage: (any Error)?
    /// The objects of the group that was listed last.
    private var listed: [String: (kind: Kind, address: Int)?] = [:]

    /// What a group contains.
    public enum Kind: Sendable {
        /// A group.
        case group
        /// A data set.
        case dataset
        /// A named type or a link that leads nowhere.
        case other

        init(type: Int) { self = type == 0 ? .group : type == 1 ? .dataset : .other }
    }

    /// Opens a file for reading.
    ///
    /// - Throws: ``ApusError`` when it does not exist or is no HDF5 file.
    public init(reading path: String) throws {
        self.path = path
        session = try HDF5Worker.start(reading: path) ?? HDF5Library(path: path)
    }

    /// Whether the first bytes of a file are those of HDF5.
    public static func isHDF5(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])
    }

    /// The names in a group, sorted by their bytes.
    ///
    /// - Throws: ``ApusError`` when there is no such group, or when a link leads to another file.
    public func names(in group: String = "/") throws -> [String] {
        let answer = try session.answer(HDF5Request(operation: .links, name: group))
        let parent = group == "/" ? "/" : group + "/"
        listed = [:]
        for (k, name) in answer.texts.enumerated() where answer.integers.count > 2 * k + 1 {
            let type = answer.integers[2 * k]
            listed[parent + name] = .some(type < 0 ? nil : (Kind(type: type), answer.integers[2 * k + 1]))
        }
        return answer.texts
    }

    /// What an object is; nil when there is none.
    public func kind(of object: String) -> Kind? { self.object(object)?.kind }

    /// What an object is, and its address in the file, which is the same under all its names.
    func object(_ name: String) -> (kind: Kind, address: Int)? {
        if let object = listed[name] { return object }
        guard let numbers = ask(HDF5Request(operation: .object, name: name))?.integers, numbers.count == 2
        else { return nil }
        return (Kind(type: numbers[0]), numbers[1])
    }

    /// The data set at a path.
    ///
    /// - Throws: ``ApusError`` when there is none, when its header is damaged, or when its values are in another file.
    public func dataset(_ object: String) throws -> HDF5Dataset { try HDF5Dataset(object, file: self) }

    /// The text of an attribute; nil when there is none or it holds no text.
    public func text(attribute: String, of object: String = "/") -> String? {
        ask(HDF5Request(operation: .text, name: object, attribute: attribute))?.texts.first
    }

    /// The number of an attribute; nil when there is none or it is not one number.
    public func number(attribute: String, of object: String = "/") -> Double? {
        ask(HDF5Request(operation: .number, name: object, attribute: attribute))?.reals.first
    }

    /// Asks what may have no answer; what went wrong is kept for ``requireSound()``.
    private func ask(_ request: HDF5Request) -> HDF5Answer? {
        do { return try session.answer(request) } catch {
            damage = damage ?? error
            return nil
        }
    }

    /// Makes sure that nothing was missed because the library crashed or could not read an attribute.
    ///
    /// - Throws: ``ApusError`` with what went wrong.
    public func requireSound() throws {
        if let damage { throw damage }
        _ = try session.answer(HDF5Request(operation: .object, name: "/"))
    }

    /// An error about an object of the file.
    func failure(_ problem: String, place: String, remedy: String? = "the file is damaged") -> ApusError {
        hdf5Failure(problem, file: path, place: place, remedy: remedy)
    }
}

/// The groups of a file, each of them once: an object may have many names, and a group may contain itself.
public final class HDF5Walk {
    private let file: HDF5File
    private var seen: Set<Int> = []
    /// Data sets of the field have up to four levels.
    private static let deepest = 32

    /// Starts at the root.
    public init(_ file: HDF5File) {
        self.file = file
        if let root = file.object("/") { seen.insert(root.address) }
    }

    /// Whether a path names a group that was not met before.
    ///
    /// - Throws: ``ApusError`` when groups are nested too deeply.
    public func enters(_ path: String) throws -> Bool {
        guard let object = file.object(path), object.kind == .group, seen.insert(object.address).inserted else {
            return false
        }
        guard path.utf8.count(where: { $0 == UInt8(ascii: "/") }) <= Self.deepest else {
            throw ApusError(
                .data, file: file.path, problem: "groups are nested more than \(Self.deepest) deep",
                remedy: "write the data nearer to the root")
        }
        return true
    }
}
