import ApusGraph
import ApusSystem

extension InstructionSet {
    /// Floating-point operations per second that the machine reaches with fused multiply-adds held in registers: the
    /// bound for every matrix product. The best of a few measurements.
    public func measuredPeak(_ precision: Precision, threads: Int) -> Double {
        let kernels = kernels(precision)
        let sink = Numbers(count: 64 * threads, precision: .float64)
        let state = Unshared((kernels, sink.pointer))
        var best = 0.0
        for _ in 0..<5 {
            let counts = Numbers(count: threads, precision: .float64)
            let results = Unshared(counts)
            let start = monotonicSeconds()
            forEachConcurrently(threads, threads: threads) { thread in
                let (kernels, sink) = state.value
                results.value[thread] = kernels.fma_peak(1 << 20, sink + 512 * thread)
            }
            best = max(best, counts.values.reduce(0, +) / (monotonicSeconds() - start))
        }
        return best
    }
}
