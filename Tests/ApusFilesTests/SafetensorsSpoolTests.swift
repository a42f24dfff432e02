import ApusTestSupport
import Testing

@testable import ApusFiles

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Files that are written row by row and mapped.
@Suite struct SafetensorsSpoolTests {
    private func write(_ path: String, rows: Int) throws -> (Double, UInt32) {
        let spool = SafetensorsSpool(path)
        let small = try spool.add("numbers", .u8)
        let energy = try spool.add("energy", .f64)
        let positions = try spool.add("positions", .f32, rowShape: [3])
        for row in 0..<rows {
            try energy.append(Double(row) / 8)
            try small.append([UInt8(row % 251)])
            try positions.append([Float(row), 1, -Float(row)])
        }
        let checksum = try energy.checksum()
        try spool.finish(metadata: ["note": "é"]).commit()
        return (Double(rows), checksum)
    }

    @Test(arguments: [0, 1, 100_000]) func whatIsWrittenReadsBack(rows: Int) throws {
        try withTemporaryFolder { folder in
            let path = folder + "/a.safetensors"
            let (_, checksum) = try write(path, rows: rows)
            #expect(names(in: folder) == ["a.safetensors"])

            let whole = try Safetensors.read(path)
            #expect(whole.tensors["positions"]?.shape == [rows, 3])

            let map = try SafetensorsMap(path: path)
            #expect(map.metadata == ["note": "é"])
            #expect(try map.checksums()["energy"] == checksum)
            let energy = try #require(map.column("energy", of: .f64, as: Double.self))
            let positions = try #require(map.column("positions", of: .f32, as: Float.self))
            #expect(energy.count == rows && positions.count == 3 * rows)
            for row in stride(from: 0, to: rows, by: 997) {
                #expect(energy[row] == Double(row) / 8)
                #expect(positions[(3 * row)..<(3 * row + 3)] == [Float(row), 1, -Float(row)])
            }
            map.releasePages()
            #expect(energy.withElements { $0.reduce(0, +) } == Double(rows * (rows - 1)) / 16)
            #expect(map.column("energy", of: .f32, as: Float.self) == nil)
            #expect(map.column("nothing", of: .f32, as: Float.self) == nil)
        }
    }

    @Test func theBytesAreThoseOfTheWholeWriter() throws {
        try withTemporaryFolder { folder in
            _ = try write(folder + "/a", rows: 5)
            #expect(try Safetensors.read(folder + "/a").serialized() == readFile(path: folder + "/a"))
        }
    }

    /// An abandoned spool leaves nothing behind.
    @Test func nothingStaysOfAnAbandonedFile() throws {
        try withTemporaryFolder { folder in
            do {
                let spool = SafetensorsSpool(folder + "/a")
                try spool.add("x", .f64).append([Double](repeating: 0, count: 100_000))
            }
            #expect(names(in: folder) == [])
            #expect(apusError { _ = try SafetensorsSpool(folder + "/none/a").add("x", .f64) }?.kind == .io)
        }
    }

    @Test func locksExclude() throws {
        try withTemporaryFolder { folder in
            var waited = false
            do {
                let lock = try FileLock(folder + "/lock") { waited = true }
                let other = open(folder + "/lock", O_RDWR)
                #expect(flock(other, LOCK_EX | LOCK_NB) != 0)
                close(other)
                withExtendedLifetime(lock) {}
            }
            _ = try FileLock(folder + "/lock") { waited = true }
            #expect(!waited)
        }
    }

    @Test func fingerprintsTellChanges() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/a"
            try writeFileAtomically(path: path, bytes: Array("abc".utf8))
            let fingerprint = try FileFingerprint(of: path)
            #expect(
                fingerprint.digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
                    && fingerprint.status.size == 3)
            try fingerprint.requireUnchanged()
            try writeFileAtomically(path: path, bytes: Array("abd".utf8))
            #expect(apusError { try fingerprint.requireUnchanged() }?.problem == "the file changed while it was read")
            #expect(try FileFingerprint(of: path).digest != fingerprint.digest)
        }
    }
}
