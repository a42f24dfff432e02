import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph
import ApusPotentials

extension Chunk {
    /// Fills an empty chunk with the systems of samples and their pairs.
    ///
    /// - Throws: an `ApusError` that names the sample with two atoms on one point, or whose pairs cannot be listed for
    ///   another reason.
    mutating func fill(with samples: ArraySlice<Sample>, cutoff: Double) throws {
        do {
            try fill(with: samples.lazy.map(\.system), cutoff: cutoff)
        } catch {
            for sample in samples {
                do {
                    _ = try NeighborPairs(sample.system, cutoff: cutoff)
                } catch {
                    throw ApusError(.data, place: sample.name, problem: "\(error)")
                }
            }
            throw error
        }
    }
}
