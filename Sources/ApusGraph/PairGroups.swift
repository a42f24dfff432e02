/// The pairs of a chunk in groups that threads can sum up side by side without touching the same atom.
///
/// The atoms are cut into a power of two of stretches, and a group has all pairs between two of them. Round r joins
/// stretch a with stretch a XOR r, so that each stretch is in one group of every round, and round 0 has the pairs within
/// stretches. The sums over pairs have this order for any number of threads.
struct PairGroups {
    struct Group {
        let pairs: Range<Int>
        /// The atoms of a stretch whose first group this is; no atoms in later rounds.
        let firstAtoms: Range<Int>
    }

    /// Groups that follow one another; within a round the longest come first, and empty ones only where sums begin.
    let rounds: [[Group]]
    /// For each pair in the new order its position in the old one; nil where nothing moves.
    let order: [Int]?

    /// Stretches of a chunk: enough for eight threads in large ones, and one where pairs are too few to be shared.
    static func stretchCount(_ counts: RowCounts) -> Int {
        switch counts.pairs {
        case ..<100: 1
        case ..<5000: 4
        default: 16
        }
    }

    init(_ counts: RowCounts, first: [Int32], second: [Int32]) {
        let stretches = Self.stretchCount(counts)
        guard stretches > 1 else {
            rounds = [[Group(pairs: 0..<counts.pairs, firstAtoms: 0..<counts.atoms)]]
            order = nil
            return
        }
        let stretchOf = (0..<counts.atoms).map { $0 * stretches / counts.atoms }
        let keys = (0..<counts.pairs).map { pair in
            let (a, b) = (stretchOf[Int(first[pair])], stretchOf[Int(second[pair])])
            return (a ^ b) * stretches + min(a, b)
        }
        var ends = [Int](repeating: 0, count: stretches * stretches + 1)
        for key in keys { ends[key + 1] += 1 }
        for key in 1..<ends.count { ends[key] += ends[key - 1] }
        let starts = ends
        var order = [Int](repeating: 0, count: counts.pairs)
        for (pair, key) in keys.enumerated() {
            order[ends[key]] = pair
            ends[key] += 1
        }
        self.order = order
        rounds = (0..<stretches).compactMap { round in
            let groups = (0..<stretches).compactMap { a -> Group? in
                let pairs = starts[round * stretches + a]..<starts[round * stretches + a + 1]
                // The inverse of a stretch's number for an atom, rounded up.
                let begin = { (a * counts.atoms + stretches - 1) / stretches }
                let end = { ((a + 1) * counts.atoms + stretches - 1) / stretches }
                guard round == 0 else { return pairs.isEmpty ? nil : Group(pairs: pairs, firstAtoms: 0..<0) }
                return Group(pairs: pairs, firstAtoms: begin()..<end())
            }
            return groups.isEmpty ? nil : groups.sorted { $0.pairs.count > $1.pairs.count }
        }
    }
}
