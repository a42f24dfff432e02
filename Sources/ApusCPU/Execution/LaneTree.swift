/// How the sums of chunks are added up: chunks that follow one another make a lane, and the sums of the lanes are added in
/// a binary tree.
///
/// The tree depends on the number of chunks alone, not on who computes what: the sums have the same bits for any number of
/// threads, and would have them for processes that own lanes that follow one another.
struct LaneTree {
    /// Chunks of the batch.
    let chunks: Int
    /// A power of two; none without chunks.
    let lanes: Int

    init(chunks: Int) {
        self.chunks = chunks
        lanes = Self.laneCount(chunks: chunks)
    }

    /// Lanes of a batch, which is as many threads as it can occupy: 8, and up to 1,024 for batches that give each of them
    /// eight chunks, so that adding up the lanes stays a small part; no more than there are chunks.
    static func laneCount(chunks: Int) -> Int {
        var count = min(chunks, 1)
        while 2 * count <= chunks && (count < 8 || chunks >= 16 * count) && count < 1024 && count > 0 { count *= 2 }
        return count
    }

    /// Subtrees, each of which one thread adds up lane after lane; their sums are added by all threads.
    var subtrees: Int { min(lanes, 32) }

    /// The lanes of a subtree.
    func lanes(of subtree: Int) -> Range<Int> {
        let size = lanes / subtrees
        return subtree * size..<(subtree + 1) * size
    }

    /// The chunks of a lane, one at least.
    func chunks(of lane: Int) -> Range<Int> { lane * chunks / lanes..<(lane + 1) * chunks / lanes }

    /// The additions in a tree of `count` leaves, a power of two: the sum of `from` goes to that of `to`, in order.
    static func additions(_ count: Int) -> [(from: Int, to: Int)] {
        var additions: [(from: Int, to: Int)] = []
        var distance = 1
        while distance < count {
            for to in stride(from: 0, to: count, by: 2 * distance) { additions.append((to + distance, to)) }
            distance *= 2
        }
        return additions
    }
}

/// Adds up the lanes of a subtree as they are finished, like a binary counter: two sums of equally many lanes become one.
/// With n lanes done there are as many sums as n has binary ones.
struct LaneCounter {
    /// Sums that are not added to others yet, with the binary logarithm of their lanes.
    private var pending: [(sum: Numbers, level: Int)] = []

    /// Takes the sum of the next lane.
    ///
    /// - Parameters:
    ///   - add: adds the second sum to the first.
    ///   - release: is given sums that are of no more use.
    mutating func push(_ sum: Numbers, add: (Numbers, Numbers) -> Void, release: (Numbers) -> Void) {
        pending.append((sum, 0))
        while pending.count > 1, pending[pending.count - 2].level == pending[pending.count - 1].level {
            let later = pending.removeLast().sum
            add(pending[pending.count - 1].sum, later)
            pending[pending.count - 1].level += 1
            release(later)
        }
    }
}
