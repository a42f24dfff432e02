import ApusFiles
import Testing

@testable import ApusCommand

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Damaged configurations end in an error or a configuration, without crash or hang; see `FuzzTests`.
@Suite struct ConfigurationFuzzTests {
    @Test func configurations() throws {
        let seconds = getenv("APUS_FUZZ_SECONDS").flatMap { Double(String(cString: $0)) } ?? 1
        let seed = getenv("APUS_FUZZ_SEED").flatMap { UInt64(String(cString: $0)) } ?? 1
        let text = Molecules.configuration(
            run: "run", dataset: "element_filter = [[6, 1], [7, -8]]\nmaximum_force = \"5 eV/angstrom\"")
        var mutator = Mutator(seeds: [Array(text.utf8)], seed: seed)
        var time = timespec()
        func now() -> Double {
            clock_gettime(CLOCK_MONOTONIC, &time)
            return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
        }
        let start = now()
        var (count, slowest) = (0, 0.0)
        while now() - start < seconds {
            let input = String(decoding: mutator.next(), as: UTF8.self)
            let begin = now()
            _ = try? ConfigurationDocument(toml: input, file: "a.toml").resolve().configuration.toml
            slowest = max(slowest, now() - begin)
            count += 1
        }
        #expect(count > 10 && slowest < 5)
        if seconds > 1 { print("fuzz toml: \(count) inputs, slowest \(slowest) s") }
    }
}
