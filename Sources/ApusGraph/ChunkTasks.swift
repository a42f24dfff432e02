/// What threads that share a chunk have to do, in an order in which one thread could do it alone.
struct ChunkTasks {
    struct Task {
        let section: Section
        /// Rows of atoms or of pairs, as the section goes.
        let rows: Range<Int>
        /// Atoms whose sums over the section's pairs begin with this task.
        let firstAtoms: Range<Int>
        /// How many tasks, from the first one on, have to be done before.
        let after: Int
    }

    private(set) var tasks: [Task] = []

    /// Atoms that a task goes through at most: few enough for their numbers to stay in the second-level cache.
    private static let atomLimit = 96

    init(_ sections: [Section], _ counts: RowCounts, groups: PairGroups, threads: Int) {
        let atomTasks = threads * ((counts.atoms + Self.atomLimit * threads - 1) / (Self.atomLimit * threads))
        tasks.reserveCapacity(sections.count * (atomTasks + groups.rounds.count))
        for section in sections {
            var after = tasks.count
            switch section.kind {
            case .atoms:
                for k in 0..<atomTasks {
                    let rows = k * counts.atoms / atomTasks..<(k + 1) * counts.atoms / atomTasks
                    if !rows.isEmpty {
                        tasks.append(Task(section: section, rows: rows, firstAtoms: 0..<0, after: after))
                    }
                }
            case .pairs:
                for groups in groups.rounds {
                    after = tasks.count
                    for group in groups {
                        tasks.append(
                            Task(section: section, rows: group.pairs, firstAtoms: group.firstAtoms, after: after))
                    }
                }
            case .whole:
                tasks.append(Task(section: section, rows: 0..<0, firstAtoms: 0..<0, after: after))
            }
        }
    }
}
