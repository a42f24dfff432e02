import ApusGraph
import ApusSystem

extension InstructionSet {
    /// Bytes per second that all threads together read and write with out = a + c b, each on arrays of its own that take
    /// `bytes` together: the bandwidth of the cache or memory that they fit. The best of a few measurements.
    public func measuredBandwidth(_ precision: Precision, threads: Int, bytes: Int) -> Double {
        let count = max(bytes / (3 * precision.elementSize), 64)
        let moved = 3 * count * precision.elementSize
        // Long enough for the start of the threads not to matter.
        let rounds = max(1, (64 << 20) / moved)
        let arrays = (0..<threads).map { _ in (0..<3).map { _ in Numbers(count: count, precision: precision) } }
        let state = Unshared((kernels: kernels(precision), arrays: arrays))
        var best = 0.0
        for _ in 0..<20 {
            let start = monotonicSeconds()
            forEachConcurrently(threads, threads: threads) { thread in
                let (kernels, arrays) = state.value
                let (a, b, out) = (arrays[thread][0], arrays[thread][1], arrays[thread][2])
                for _ in 0..<rounds { kernels.add_scaled(count, a.pointer, 0.5, b.pointer, out.pointer) }
            }
            best = max(best, Double(threads * rounds * moved) / (monotonicSeconds() - start))
        }
        return best
    }
}
