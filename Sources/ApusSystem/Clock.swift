#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Seconds of a clock that never goes back, for measuring durations.
public func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}
