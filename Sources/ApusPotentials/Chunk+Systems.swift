import ApusChemistry
import ApusGraph

extension Chunk {
    /// Fills an empty chunk with systems and the pairs of their atoms within a cutoff.
    ///
    /// - Throws: `AtomicSystemError` when two atoms stand on one point.
    public mutating func fill(with systems: some Collection<AtomicSystem>, cutoff: Double) throws(AtomicSystemError) {
        var pairs = NeighborPairs()
        for system in systems {
            try pairs.append(system, cutoff: cutoff, offset: kindOfAtom.count)
            for number in system.numbers { kindOfAtom.append(Int32(number)) }
            for _ in system.numbers { systemOfAtom.append(Int32(self.systems)) }
            self.systems += 1
        }
        pairFirst = pairs.first
        pairSecond = pairs.second
        var vectors: [Double] = []
        vectors.reserveCapacity(3 * pairs.count)
        for vector in pairs.vectors {
            vectors.append(vector.x)
            vectors.append(vector.y)
            vectors.append(vector.z)
        }
        inputs[Geometry.vectorsName] = vectors
    }
}

/// How the systems of a batch are cut into chunks.
///
/// A chunk holds at least one system and, unless one system alone has more, at most about `pairBudget` pairs, so that
/// what it needs stays in the cache. The cut depends on atom counts alone: it is the same on every machine.
public enum ChunkPlan {
    /// Pairs that a chunk may have, estimated from above as n(n − 1)/2 for each system.
    public static let pairBudget = 160

    /// Ranges of systems, in order.
    public static func cut(atomCounts: [Int]) -> [Range<Int>] {
        var chunks: [Range<Int>] = []
        var first = 0
        var pairs = 0
        for (k, atoms) in atomCounts.enumerated() {
            let more = atoms * (atoms - 1) / 2
            if k > first && pairs + more > pairBudget {
                chunks.append(first..<k)
                first = k
                pairs = 0
            }
            pairs += more
        }
        if first < atomCounts.count { chunks.append(first..<atomCounts.count) }
        return chunks
    }
}
