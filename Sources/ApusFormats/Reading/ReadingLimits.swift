import ApusFiles
import ApusSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How much memory and time a file may ask for: limits far above those of real data, which `APUS_LIMIT_FACTOR` multiplies.
enum ReadingLimits {
    /// The variable of the environment.
    static let variable = "APUS_LIMIT_FACTOR"

    private static let factor =
        getenv(variable).flatMap { Double(String(cString: $0)) }.flatMap { $0 > 0 ? $0 : nil } ?? 1

    /// A limit with what the environment says about it, as a whole number.
    static func raised(_ limit: Double) -> Int { Int(saturating: limit * factor) }

    /// The longest line of a text, in bytes.
    static var line: Int { raised(Double(1 << 26)) }

    /// What so many compressed bytes may expand to. Numbers shrink to a half or a third, texts to a tenth.
    static func expansion(of size: Int) -> Int { raised(max(Double(1 << 24), 200 * Double(size))) }

    /// The memory, in bytes, that xz or zstd may take for what they refer back to: 65 MiB is the most that xz asks for by
    /// itself, 128 MiB the most that zstd reads by itself.
    static var decompressionMemory: Int { raised(Double(1 << 27)) }

    /// What to do about a limit.
    static let remedy =
        "if the file is meant to be so, set \(variable)=10 in the environment to allow ten times as much"

    /// Compares what came out of a compressed stream with what went into it.
    ///
    /// - Throws: ``ApusError`` of kind `data`.
    static func checkExpansion(of size: Int, to expanded: Int, file: String, place: String? = nil) throws {
        guard expanded > expansion(of: size) else { return }
        throw ApusError(
            .data, file: file, place: place,
            problem:
                "\(counted(size, "compressed byte")) expand to more than \(expansion(of: size)) bytes, which data do not",
            remedy: remedy)
    }
}
