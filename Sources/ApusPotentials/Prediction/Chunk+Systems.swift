import ApusCPU
import ApusChemistry
import ApusGraph

extension Chunk {
    /// Fills an empty chunk with systems and the pairs of their atoms within a cutoff.
    ///
    /// - Throws: `AtomicSystemError` when two atoms stand on one point.
    public mutating func fill(with systems: some Collection<AtomicSystem>, cutoff: Double) throws(AtomicSystemError) {
        var pairs = NeighborPairs()
        var (species, systemOfAtom): ([Int32], [Int32]) = ([], [])
        for (k, system) in systems.enumerated() {
            try pairs.append(system, cutoff: cutoff, offset: species.count)
            for number in system.numbers {
                species.append(Int32(number))
                systemOfAtom.append(Int32(k))
            }
        }
        self.systems = systems.count
        self[.speciesOfAtom] = species
        self[.systemOfAtom] = systemOfAtom
        self[PairList.network.first] = pairs.first
        self[PairList.network.second] = pairs.second
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
/// Small chunks stay in the cache; large ones read and change the parameters less often. The cut depends on atom counts
/// alone, so it is the same on every machine and for any number of threads.
public enum ChunkPlan {
    /// Pairs that a chunk of small systems should have, estimated from above as n(n − 1)/2 for each system.
    static let pairBudget = 160
    /// Fewer pairs are not worth a chunk.
    static let smallestChunk = 100
    /// Chunks that a batch should have at least, a lane for each.
    static let fewestChunks = 8

    /// A small batch is cut finer, to occupy the lanes, into a power of two, which any even number of threads can share;
    /// a large one into a multiple of the lanes.
    private static func chunkCount(pairs: Int) -> Int {
        if pairs >= fewestChunks * pairBudget { return pairs / pairBudget / fewestChunks * fewestChunks }
        var count = 1
        while 2 * count <= min(fewestChunks, pairs / smallestChunk) { count *= 2 }
        return count
    }

    /// Ranges of systems, in order, with about equally many pairs.
    public static func cut(atomCounts: [Int]) -> [Range<Int>] {
        let pairs = atomCounts.map { max(1, $0 * ($0 - 1) / 2) }
        let total = pairs.reduce(0, +)
        let count = chunkCount(pairs: total)
        var chunks: [Range<Int>] = []
        var first = 0
        var sum = 0
        for k in atomCounts.indices {
            sum += pairs[k]
            if sum * count >= total * (chunks.count + 1) || k == atomCounts.count - 1 {
                chunks.append(first..<k + 1)
                first = k + 1
            }
        }
        return chunks
    }
}
