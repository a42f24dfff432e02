import ApusCPU
import ApusChemistry
import ApusGraph

extension Chunk {
    /// Fills an empty chunk with systems and lists of the pairs of their atoms.
    ///
    /// - Throws: `AtomicSystemError` when two atoms stand on one point.
    public mutating func fill(
        with systems: some Collection<AtomicSystem>, _ lists: [PairRequest]
    ) throws(AtomicSystemError) {
        var (species, systemOfAtom): ([Int32], [Int32]) = ([], [])
        for (k, system) in systems.enumerated() {
            for number in system.numbers {
                species.append(Int32(number))
                systemOfAtom.append(Int32(k))
            }
        }
        self.systems = systems.count
        self[.speciesOfAtom] = species
        self[.systemOfAtom] = systemOfAtom
        for request in lists { try fill(request, of: systems) }
    }

    /// Fills an empty chunk with systems and the pairs of a network.
    package mutating func fill(
        with systems: some Collection<AtomicSystem>, cutoff: Double
    ) throws(AtomicSystemError) {
        try fill(with: systems, [PairRequest(cutoff: cutoff)])
    }

    private mutating func fill(
        _ request: PairRequest, of systems: some Collection<AtomicSystem>
    ) throws(AtomicSystemError) {
        var pairs = NeighborPairs()
        var atoms = 0
        for system in systems {
            try pairs.append(system, cutoff: request.cutoff, offset: atoms)
            atoms += system.count
        }
        self[request.list.first] = pairs.first
        self[request.list.second] = pairs.second
        inputs[request.vectors] = [Double](unsafeUninitializedCapacity: 3 * pairs.count) { numbers, count in
            for vector in pairs.vectors {
                (numbers[count], numbers[count + 1], numbers[count + 2]) = (vector.x, vector.y, vector.z)
                count += 3
            }
        }
    }
}

/// How the systems of a batch are cut into chunks.
///
/// Small chunks stay in the cache; large ones read and change the parameters less often. The cut depends on atom
/// counts, volumes and the cutoff alone, so it is the same on every machine and for any number of threads.
public enum ChunkPlan {
    /// Pairs that a chunk of small systems should have, estimated from above as n(n − 1)/2 for each system.
    static let pairBudget = 160
    /// Fewer pairs are not worth a chunk.
    static let smallestChunk = 100
    /// Chunks that a batch should have at least, a lane for each.
    static let fewestChunks = 8

    /// Atoms of a system whose pairs fill more than a cache.
    static let largeSystem = 500

    /// What a program should expect of its chunks that runs systems of up to so many atoms.
    package static func size(largestSystem atoms: Int) -> ChunkSize { atoms > largeSystem ? .large : .small }

    /// A small batch is cut finer, to occupy the lanes, into a power of two, which any even number of threads can share;
    /// a large one into a multiple of the lanes.
    private static func chunkCount(pairs: Int) -> Int {
        if pairs >= fewestChunks * pairBudget { return pairs / pairBudget / fewestChunks * fewestChunks }
        var count = 1
        while 2 * count <= min(fewestChunks, pairs / smallestChunk) { count *= 2 }
        return count
    }

    /// Ranges of systems that are not periodic, in order, with about equally many pairs.
    public static func cut(atomCounts: [Int]) -> [Range<Int>] { cut(pairs: atomCounts.map { $0 * ($0 - 1) / 2 }) }

    /// Ranges of systems, in order, with about equally many pairs within a cutoff.
    public static func cut(_ systems: [AtomicSystem], cutoff: Double) -> [Range<Int>] {
        cut(pairs: systems.map { $0.pairEstimate(cutoff: cutoff) })
    }

    private static func cut(pairs: [Int]) -> [Range<Int>] {
        let pairs = pairs.map { max(1, $0) }
        let total = pairs.reduce(0, +)
        let count = chunkCount(pairs: total)
        var chunks: [Range<Int>] = []
        var first = 0
        var sum = 0
        for k in pairs.indices {
            sum += pairs[k]
            if sum * count >= total * (chunks.count + 1) || k == pairs.count - 1 {
                chunks.append(first..<k + 1)
                first = k + 1
            }
        }
        return chunks
    }
}

extension AtomicSystem {
    /// How many pairs there are within a cutoff, about: by the density of a crystal, else all of n atoms, n(n − 1)/2, and of their
    /// images in slabs and chains.
    ///
    /// Atoms of a crystal that is mostly empty have more neighbours than its density says, up to some twenty.
    func pairEstimate(cutoff: Double) -> Int {
        let all = count * (count - 1) / 2
        guard let cell, cell.isPeriodic else { return all }
        guard let volume, cell.isPeriodicAlong == [true, true, true] else {
            let images = cell.repeats.reduce(1.0) { $0 * (1 + 2 * cutoff * $1.dual.length) }
            return Int(saturating: 0.5 * Double(count) * min(Double(count) * images - 1, 1e6))
        }
        let neighbors = Double(count) * 4 / 3 * Double.pi * cutoff * cutoff * cutoff / volume
        return max(Int(saturating: 0.5 * Double(count) * min(neighbors, 1e6)), min(all, 20 * count))
    }
}
