import ApusDatasets
import ApusFiles

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A folder for the files of one test, removed with them.
final class TemporaryFolder {
    let path: String
    private var files: [String] = []

    init() throws {
        var template = Array("/tmp/apus-datasets-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ApusError(.io, problem: "no temporary folder") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for file in files { unlink(file) }
        rmdir(path)
    }

    func file(_ name: String) -> String {
        files.append("\(path)/\(name)")
        return files[files.count - 1]
    }

    func write(_ text: String, to name: String) throws -> String {
        try write(Array(text.utf8), to: name)
    }

    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = file(name)
        try writeFileAtomically(path: file, bytes: bytes)
        return file
    }

    /// Reads a data set from the text of an extended XYZ file.
    func read(_ text: String, options: ReadingOptions = ReadingOptions()) throws -> Dataset {
        try Dataset.read(path: try write(text, to: "data.xyz"), options: options)
    }

    /// The error of reading such a text, without the folder; nil when there is none.
    func readingError(_ text: String, options: ReadingOptions = ReadingOptions()) throws -> ApusError? {
        do {
            _ = try read(text, options: options)
            return nil
        } catch let error as ApusError {
            return error
        }
    }
}

/// What an error says after the file name.
func sentence(_ error: ApusError?) -> String {
    guard let error else { return "no error" }
    return ApusError(error.kind, place: error.place, problem: error.problem, remedy: error.remedy).description
}

/// The error that a closure throws; nil when it throws none.
func thrownError(_ body: () throws -> Void) throws -> ApusError? {
    do {
        try body()
        return nil
    } catch let error as ApusError {
        return error
    }
}

/// The folder with large public data sets, if it is there.
let sharedData: String? = {
    let shared = getenv("APUS_SHARED").map { String(cString: $0) } ?? "../shared"
    return access("\(shared)/data", R_OK) == 0 ? "\(shared)/data" : nil
}()

/// Removes everything below a folder.
func removeContents(of folder: String) {
    for name in (try? namesInFolder(folder)) ?? [] {
        let path = "\(folder)/\(name)"
        if isFolder(path) {
            removeContents(of: path)
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}
