import ApusFiles

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The path of a file in `Fixtures`, which `Tools/make_file_fixtures.py` writes.
func fixture(_ name: String) -> String {
    let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    return "\(folder)/Fixtures/\(name)"
}

/// Calls `body` with the path of a new folder, which is removed afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    var template = Array("/tmp/apus-test-XXXXXX".utf8CString)
    let folder = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
    defer {
        for name in names(in: folder) { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }
    return try body(folder)
}

/// The names in a folder, sorted.
func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}

/// The error that `body` throws; nil when it throws none or another.
func apusError(_ body: () throws -> Void) -> ApusError? {
    do {
        try body()
        return nil
    } catch {
        return error as? ApusError
    }
}

/// Damaged variants of a file: cut at up to 500 places, with a flipped bit, and with bytes of 0xff where sizes may stand.
func damagedVariants(of bytes: [UInt8]) -> [[UInt8]] {
    var variants: [[UInt8]] = []
    for (count, position) in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 500)).enumerated() {
        variants.append(Array(bytes[..<position]))
        var flipped = bytes
        flipped[position] ^= 1 << UInt8(count % 8)
        variants.append(flipped)
        var filled = bytes
        for index in position..<min(position + 8, bytes.count) { filled[index] = 0xff }
        variants.append(filled)
    }
    return variants
}
