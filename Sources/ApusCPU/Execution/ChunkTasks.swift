import ApusGraph

/// What threads that share a chunk have to do, in an order in which one thread could do it alone.
struct ChunkTasks {
    /// Numbers alone, so that threads share no reference counts.
    struct Task {
        /// The position of the section; nil where slices are added up and nothing else is done.
        let section: Int?
        /// Rows of atoms or of pairs, as the section goes.
        let rows: Range<Int>
        /// The pairs and the sums that a task of a section over pairs has.
        var group: PairGroups.Group?
        /// The section before whose slices have to be added up first, on these rows.
        var sliced: Int?
        /// How many tasks, from the first one on, have to be done before.
        let after: Int
    }

    private(set) var tasks: [Task] = []

    /// Atoms that a task goes through at most: few enough for their numbers to stay in the second-level cache.
    private static let atomLimit = 96

    init(_ sections: [Section], _ counts: RowCounts, groups: PairGroups, threads: Int) {
        let atomTasks = threads * ((counts.atoms + Self.atomLimit * threads - 1) / (Self.atomLimit * threads))
        tasks.reserveCapacity(sections.count * (atomTasks + groups.rounds.count))
        var sliced: Int?
        func addAtoms(_ section: Int?) {
            let after = tasks.count
            for k in 0..<atomTasks {
                let rows = k * counts.atoms / atomTasks..<(k + 1) * counts.atoms / atomTasks
                if !rows.isEmpty { tasks.append(Task(section: section, rows: rows, sliced: sliced, after: after)) }
            }
            sliced = nil
        }
        for position in sections.indices {
            switch sections[position].kind {
            case .atoms: addAtoms(position)
            case .pairs:
                if sliced != nil { addAtoms(nil) }
                for round in groups.rounds {
                    let after = tasks.count
                    for group in round {
                        tasks.append(Task(section: position, rows: group.pairs, group: group, after: after))
                    }
                }
                if groups.slices > 1 { sliced = position }
            case .whole:
                tasks.append(Task(section: position, rows: 0..<counts.atoms, sliced: sliced, after: tasks.count))
                sliced = nil
            }
        }
        if sliced != nil { addAtoms(nil) }
    }
}
