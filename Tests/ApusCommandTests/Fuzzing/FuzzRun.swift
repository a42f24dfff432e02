import ApusFiles
import ApusTestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Gives damaged input to a parser, again and again.
///
/// Each parser gets `runs` inputs, or as many as it takes in `APUS_FUZZ_SECONDS` seconds. The inputs depend on
/// `APUS_FUZZ_SEED` alone, so a crash can be repeated; the one that was last tried stays in `APUS_FUZZ_FOLDER`.
enum FuzzRun {
    /// Inputs of a parser when nothing else is said: 19 parsers get some 11,000 together.
    static let runs = 600
    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    private static let seconds = variable("APUS_FUZZ_SECONDS").flatMap { Double($0) }
    private static let seed = variable("APUS_FUZZ_SEED").flatMap { UInt64($0) } ?? 1
    private static let folder = variable("APUS_FUZZ_FOLDER")
    /// A parser stops after so many seconds although it has had fewer inputs, on a machine that is busy.
    private static let mostSeconds = 6.0
    /// No input of 64 KiB may take longer, in seconds; a loaded machine needs some patience.
    private static let patience = 5.0
    /// Memory that all inputs together may add to the process, in bytes.
    private static let memory = 600_000_000

    /// Damages the seeds, which must themselves be accepted where `areSound`.
    static func fuzz(
        _ name: String, seeds: [[UInt8]], runs: Int = FuzzRun.runs, areSound: Bool = true,
        _ parse: ([UInt8]) throws -> Void
    ) throws {
        // A crash ends the tests; this line then says what to repeat.
        print("fuzz \(name): seed \(seed)")
        fflush(nil)
        var mutator = Mutator(seeds: seeds, seed: seed)
        let memoryBefore = residentMemory()
        let start = now()
        var (count, slowest) = (0, 0.0)
        for seed in seeds {
            if areSound { try parse(seed) } else { try? parse(seed) }
        }
        while seconds.map({ now() - start < $0 }) ?? (count < runs && now() - start < mostSeconds) {
            let input = mutator.next()
            if let folder { try write(input, to: "\(folder)/\(name)") }
            let begin = now()
            try? parse(input)
            let time = now() - begin
            if time > patience { Issue.record("\(name): input \(count) of seed \(seed) took \(time) s") }
            slowest = max(slowest, time)
            count += 1
        }
        #expect(residentMemory() - memoryBefore < memory, "\(name): memory grew")
        #expect(count > 10, "\(name): only \(count) inputs")
        if seconds != nil { print("fuzz \(name): \(count) inputs, slowest \(slowest) s") }
    }

    /// Writes a file in place, since renaming would wait for the disk.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw ApusError(.io, file: path, problem: "cannot be written") }
            written += count
        }
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    }

    private static func residentMemory() -> Int {
        var usage = rusage()
        getrusage(0, &usage)  // RUSAGE_SELF, which has different types
        #if canImport(Glibc)
        return usage.ru_maxrss * 1024
        #else
        return usage.ru_maxrss
        #endif
    }
}

private func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, start, count)
}
