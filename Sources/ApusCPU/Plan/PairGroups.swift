/// The pairs of a list (or rows of another list with one or two ends) in groups that threads can sum up side by side.
///
/// Few pairs are cut into slices in the order in which they came, and every slice has sums of its own, which are added
/// up afterwards. Where that would take too much memory, groups that run at the same time touch no atom in common: the
/// atoms are cut into a power of two of parts, and a group has all pairs between two of them. Round r joins part a with
/// part a XOR r, so that each part is in one group of every round, and round 0 has the pairs within parts.
///
/// The sums over pairs have this order for any number of threads.
struct PairGroups {
    struct Group {
        let pairs: Range<Int>
        /// The atoms whose sums begin with this group; no atoms in later rounds.
        let firstAtoms: Range<Int>
        /// Which of the sums it adds to; 0 is the place itself.
        let slice: Int
    }

    /// Groups that follow one another; within a round the longest come first, and empty ones only where sums begin.
    let rounds: [[Group]]
    /// For each pair in the new order its position in the old one; nil where nothing moves.
    let order: [Int]?
    /// How many sums there are.
    let slices: Int

    /// Slices of the pairs of a chunk: one where they are too few to be shared, or too many, or too few for the atoms, to
    /// have sums of their own.
    static func sliceCount(pairs: Int, atoms: Int) -> Int {
        (100..<1000).contains(pairs) && atoms <= pairs ? 4 : 1
    }

    /// Parts of the atoms of a chunk without slices: enough for eight threads in large ones.
    static func partCount(pairs: Int, atoms: Int) -> Int {
        if sliceCount(pairs: pairs, atoms: atoms) > 1 { return 1 }
        switch pairs {
        case ..<100: return 1
        case ..<5000: return 4
        default: return 16
        }
    }

    /// Groups that can run at the same time.
    static func width(pairs: Int, atoms: Int) -> Int {
        max(sliceCount(pairs: pairs, atoms: atoms), partCount(pairs: pairs, atoms: atoms) / 2)
    }

    /// - Parameters:
    ///   - atoms: how many atoms there are.
    ///   - first: one end of each pair.
    ///   - second: the other.
    init(atoms: Int, first: [Int32], second: [Int32]) {
        let pairs = first.count
        let (parts, slices) = (Self.partCount(pairs: pairs, atoms: atoms), Self.sliceCount(pairs: pairs, atoms: atoms))
        self.slices = slices
        guard parts > 1 else {
            rounds = [
                (0..<slices).map { k in
                    Group(
                        pairs: k * pairs / slices..<(k + 1) * pairs / slices,
                        firstAtoms: 0..<atoms, slice: k)
                }
            ]
            order = nil
            return
        }
        let partOf = (0..<atoms).map { $0 * parts / atoms }
        let keys = (0..<pairs).map { pair in
            let (a, b) = (partOf[Int(first[pair])], partOf[Int(second[pair])])
            return (a ^ b) * parts + min(a, b)
        }
        var ends = [Int](repeating: 0, count: parts * parts + 1)
        for key in keys { ends[key + 1] += 1 }
        for key in 1..<ends.count { ends[key] += ends[key - 1] }
        let starts = ends
        var order = [Int](repeating: 0, count: pairs)
        for (pair, key) in keys.enumerated() {
            order[ends[key]] = pair
            ends[key] += 1
        }
        self.order = order
        rounds = (0..<parts).compactMap { round in
            let groups = (0..<parts).compactMap { a -> Group? in
                let rows = starts[round * parts + a]..<starts[round * parts + a + 1]
                guard round == 0 else { return rows.isEmpty ? nil : Group(pairs: rows, firstAtoms: 0..<0, slice: 0) }
                // The first atom of a part is the quotient above, solved for the atom and rounded up.
                let starts = [a, a + 1].map { ($0 * atoms + parts - 1) / parts }
                return Group(pairs: rows, firstAtoms: starts[0]..<starts[1], slice: 0)
            }
            return groups.isEmpty ? nil : groups.sorted { $0.pairs.count > $1.pairs.count }
        }
    }
}
