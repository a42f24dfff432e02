import ApusTestSupport
import Testing

@testable import ApusFiles

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite struct CRC32CTests {
    /// RFC 3720, appendix B.4, read as numbers; the last is the check value in catalogues of checksums.
    @Test(
        arguments: [
            ([UInt8](repeating: 0, count: 32), 0x8a91_36aa), ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
            (Array(0..<32), 0x46dd_794e), ((0..<32).reversed(), 0x113f_db5c), (readCommand, 0xd996_3a56),
            (Array("123456789".utf8), 0xe306_9283), ([], 0),
        ] as [([UInt8], UInt32)])
    func publishedSums(bytes: [UInt8], sum: UInt32) {
        #expect(CRC32C(bytes).value == sum)
    }

    /// 0xe3069283 rotated to the right by 15 is 0x2507c60d, and the sum with 0xa282ead8 is:
    @Test func mask() {
        #expect(CRC32C(Array("123456789".utf8)).masked == 0xc78a_b0e5)
        #expect(CRC32C([]).masked == 0xa282_ead8)
    }
}

/// The command of RFC 3720.
private let readCommand: [UInt8] = {
    var bytes = [UInt8](repeating: 0, count: 48)
    for (position, byte) in [
        (0, 0x01), (1, 0xc0), (16, 0x14), (22, 0x04), (27, 0x14), (31, 0x18), (32, 0x28), (40, 0x02),
    ] { bytes[position] = UInt8(byte) }
    return bytes
}()

/// A clock that shows 0.5, 1.5, … seconds; the name of the file takes the first.
private final class Clock: @unchecked Sendable {
    private var seconds = -0.5

    func next() -> Double {
        seconds += 1
        return seconds
    }
}

@Suite struct TensorBoardWriterTests {
    /// What `Tools/make_tensorboard_golden.py` writes with TensorBoard's own messages and records.
    @Test func theBytesAreThoseOfTensorBoard() throws {
        let text =
            "    lr = 0.001\n    unit = \"eV/Å\"\n"
            + String(repeating: "    # longer than 127 bytes\n", count: 20)
        let histogram = try #require(TensorBoardHistogram(of: [-1, 0, 0, 2, 3], bins: 4))
        try withTemporaryFolder { folder in
            let clock = Clock()
            let writer = try TensorBoardWriter(folder: folder) { clock.next() }
            try writer.append(step: 0, [.text("configuration", text)])
            try writer.append(
                step: 1,
                [
                    .scalar("val/per_atom_force/rmse [eV/Å]", 0.1), .scalar("zero", 0), .scalar("unknown", .nan),
                ])
            try writer.append(step: 300, [.histogram("parameters/weight", histogram)])
            #expect(writer.path == "\(folder)/events.out.tfevents.0.apus")
            #expect(try readFile(path: writer.path) == readFile(path: fileFixture("tensorboard.events")))
        }
    }

    /// A later step than 0 is that of the second record.
    @Test func aContinuedRunHasAFileOfItsOwn() throws {
        try withTemporaryFolder { folder in
            let paths = try [0, 7, 7].map { step in
                try TensorBoardWriter(folder: folder, firstStep: step) { 1_700_000_000 }.path
            }
            #expect(
                names(in: folder) == (0...2).map { "events.out.tfevents.170000000\($0).apus" }
                    && paths == names(in: folder)?.map { "\(folder)/\($0)" })
            // Record 1 has 8 + 4 + 24 + 4 bytes; then length and its sum, the time, and field 2 as an integer.
            let new = try readFile(path: paths[0])[52...]
            let continued = try readFile(path: paths[1])[52...]
            #expect(Array(new.dropFirst(9).prefix(4)) == [0x3a, 2, 8, 1])
            #expect(Array(continued.dropFirst(9).prefix(6)) == [0x10, 7, 0x3a, 2, 8, 1])
            #expect(continued.count == new.count + 2)
        }
    }

    @Test func unwritableFolders() throws {
        let error = apusError { _ = try TensorBoardWriter(folder: "/nowhere") { 1 } }
        #expect(error?.kind == .io)
        #expect(
            error?.description == "/nowhere/events.out.tfevents.1.apus: the file cannot be written "
                + "(No such file or directory); create the folder first.")
    }

    #if os(Linux)
    @Test func fullDisks() throws {
        try withTemporaryFolder { folder in
            let writer = try TensorBoardWriter(folder: folder) { 1 }
            unlink(writer.path)
            symlink("/dev/full", writer.path)
            let error = apusError { try writer.append(step: 1, [.scalar("loss", 1)]) }
            #expect(error?.kind == .io)
            #expect(
                error?.description == "\(writer.path): the file cannot be written (No space left on device); "
                    + "free some space, or choose another folder.")
        }
    }
    #endif
}

@Suite struct TensorBoardHistogramTests {
    @Test func bins() throws {
        let histogram = try #require(TensorBoardHistogram(of: [0, 1, 1.5, 2, 3.9, 4, .nan, .infinity], bins: 4))
        #expect(histogram.minimum == 0 && histogram.maximum == 4 && histogram.count == 6)
        #expect(histogram.sum == 12.4 && abs(histogram.sumOfSquares - 38.46) < 1e-13)
        #expect(histogram.limits == [1, 2, 3, 4] && histogram.counts == [1, 2, 1, 2])
    }

    @Test func equalNumbersAndNone() throws {
        let histogram = try #require(TensorBoardHistogram(of: [2.5, 2.5, 2.5]))
        #expect(histogram.limits == [2.5] && histogram.counts == [3])
        let huge = try #require(TensorBoardHistogram(of: [-1.5e308, 1.5e308]))
        #expect(huge.limits == [1.5e308] && huge.counts == [2])
        #expect(TensorBoardHistogram(of: []) == nil && TensorBoardHistogram(of: [.nan]) == nil)
        let tiny = try #require(TensorBoardHistogram(of: [0, .leastNonzeroMagnitude], bins: 2))
        #expect(tiny.counts == [1, 1])
    }
}
