/// What threads that share a chunk have to do, in an order in which one thread could do it alone.
struct ChunkTasks {
    /// Numbers alone, so that threads share no reference counts.
    struct Task {
        /// The position of the section; nil where slices are added up and nothing else is done.
        let section: Int?
        /// Rows of the section's set or list.
        let rows: Range<Int>
        /// The rows and the sums that a task of a shared list has.
        var group: PairGroups.Group?
        /// The section before whose slices have to be added up first, on these rows.
        var sliced: Int?
        /// How many tasks, from the first one on, have to be done before.
        let after: Int
    }

    private(set) var tasks: [Task] = []

    /// Rows that a task goes through at most: few enough for their numbers to stay in the second-level cache.
    private static let rowLimit = 96

    /// - Parameters:
    ///   - counts: how many rows each set has.
    ///   - groups: for each set how its rows are shared.
    init(_ sections: [Section], _ counts: UnsafePointer<Int>, groups: [PairGroups?], threads: Int) {
        /// A section whose slices are not added up yet, and the set that their rows are of.
        var sliced: (section: Int, set: Int)?
        func addRows(_ section: Int?, of set: Int, slices: Int? = nil) {
            let (after, count) = (tasks.count, counts[set])
            let parts = threads * ((count + Self.rowLimit * threads - 1) / (Self.rowLimit * threads))
            for k in 0..<parts {
                let rows = k * count / parts..<(k + 1) * count / parts
                if !rows.isEmpty { tasks.append(Task(section: section, rows: rows, sliced: slices, after: after)) }
            }
        }
        func addSlices() {
            if let (section, set) = sliced { addRows(nil, of: set, slices: section) }
            sliced = nil
        }
        for position in sections.indices {
            switch sections[position].kind {
            case .rows(let set) where sliced?.set == set:
                addRows(position, of: set, slices: sliced?.section)
                sliced = nil
            case .rows(let set):
                addSlices()
                addRows(position, of: set)
            case .blocks(let list):
                addSlices()
                guard let sharing = sections[position].sharing, let groups = groups[list] else {
                    tasks.append(Task(section: position, rows: 0..<counts[list], after: tasks.count))
                    continue
                }
                for round in groups.rounds {
                    let after = tasks.count
                    for group in round {
                        tasks.append(Task(section: position, rows: group.pairs, group: group, after: after))
                    }
                }
                if groups.slices > 1 { sliced = (position, sharing.elements) }
            case .whole:
                addSlices()
                tasks.append(Task(section: position, rows: 0..<0, after: tasks.count))
            }
        }
        addSlices()
    }
}
