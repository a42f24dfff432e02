import ApusFiles

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The name of the processor; its architecture where the system does not tell more.
func processorName() -> String {
    #if canImport(Glibc)
    if let bytes = try? readFile(path: "/proc/cpuinfo"),
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first(where: {
            $0.hasPrefix("model name")
        }), let colon = line.firstIndex(of: ":")
    {
        return String(line[line.index(after: colon)...].drop { $0 == " " })
    }
    #else
    var size = 0
    if sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0) == 0, size > 1 {
        var bytes = [UInt8](repeating: 0, count: size)
        if sysctlbyname("machdep.cpu.brand_string", &bytes, &size, nil, 0) == 0 {
            return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
    #endif
    #if arch(arm64)
    return "arm64"
    #else
    return "x86-64"
    #endif
}

/// The time now, such as `2025-03-01 14:05 UTC`.
func localTime() -> String {
    var seconds = time(nil)
    var fields = tm()
    guard localtime_r(&seconds, &fields) != nil else { return "?" }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
        let count = strftime(buffer.baseAddress!, buffer.count, "%Y-%m-%d %H:%M %Z", &fields)
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// The name of the machine in its network; empty where it has none.
func hostName() -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        guard gethostname(buffer.baseAddress!, buffer.count) == 0 else { return "" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
