import ApusTestSupport
import Testing

@testable import ApusFiles

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Files that change under their map: an error where it is asked for, never the end of the process.
@Suite struct MappedFileTests {
    /// Several pages of numbers that are not zero.
    private static let bytes = [UInt8](repeating: 7, count: 100_000)

    /// The problem that is found after something happened to a mapped file, and the sum of what was read meanwhile.
    private func problem(_ happening: (String) throws -> Void) throws -> (problem: String?, sum: Int) {
        try withTemporaryFolder { folder in
            let path = "\(folder)/a"
            try writeFileAtomically(path: path, bytes: Self.bytes)
            let file = try MappedFile(path: path)
            try file.requireUnchanged()
            #expect(file.bytes[50_000] == 7)
            try happening(path)
            file.releasePages()
            let sum = file.bytes.reduce(0) { $0 + Int($1) }
            let error = apusError { try file.requireUnchanged() }
            #expect(error == nil || error?.file == path && error?.kind == .io)
            return (error?.problem, sum)
        }
    }

    @Test func nothingHappens() throws {
        let (found, sum) = try problem { _ in }
        #expect(found == nil && sum == 700_000)
    }

    @Test(arguments: [0, 1, 40_000, 99_999]) func aCutFile(size: Int) throws {
        let (found, sum) = try problem { path in #expect(truncate(path, off_t(size)) == 0) }
        #expect(found == "the file was cut while it was in use")
        #expect(sum == 7 * size)
    }

    /// Cut and filled again, so that only the time tells.
    @Test func aFileThatIsWrittenTo() throws {
        let (found, sum) = try problem { path in
            usleep(20_000)
            let descriptor = open(path, O_WRONLY | O_TRUNC)
            try write([UInt8](repeating: 9, count: 100_000), to: descriptor, path: path)
            close(descriptor)
        }
        #expect(found == "the file was written to while it was in use")
        #expect(sum == 900_000)
    }

    @Test func aFileThatIsReplaced() throws {
        let (found, _) = try problem { path in try writeFileAtomically(path: path, bytes: Self.bytes) }
        #expect(found == "the file was replaced by another while it was in use")
    }

    /// The content is there as long as the file is open.
    @Test func aFileThatIsRemoved() throws {
        let (found, sum) = try problem { path in try removeFile(path) }
        #expect(found == nil && sum == 700_000)
    }

    /// What others map is their concern.
    @Test func otherMapsEndTheProcessAsBefore() async throws {
        let home = try TemporaryFolder()
        let folder = home.path
        let result = await #expect(processExitsWith: .failure) { [folder = folder as String] in
            let bytes = [UInt8](repeating: 7, count: 100_000)
            for name in ["a", "b"] { try writeFileAtomically(path: "\(folder)/\(name)", bytes: bytes) }
            let ours = try MappedFile(path: "\(folder)/a")
            let descriptor = open("\(folder)/b", O_RDWR)
            let other = mmap(nil, 100_000, PROT_READ, MAP_SHARED, descriptor, 0)!
            for name in ["a", "b"] { truncate("\(folder)/\(name)", 0) }
            guard ours.bytes[50_000] == 0 else { exit(0) }
            exit(Int32(other.load(fromByteOffset: 50_000, as: UInt8.self)))
        }
        #expect(result?.exitStatus == .signal(SIGBUS))
    }
}
