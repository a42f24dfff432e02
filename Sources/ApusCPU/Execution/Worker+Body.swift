import ApusGraph
import ApusSystem

extension Worker {
    /// Fills the worker's chunk with chunk k of a batch and runs the body on it.
    func run(_ k: Int, _ fill: (Int, inout Chunk) throws -> Void, firstOfLane: Bool) throws -> ChunkOutputs {
        try self.fill(k, fill)
        return runBody(firstOfLane: firstOfLane)
    }

    /// Runs the body on the worker's chunk.
    func runBody(firstOfLane: Bool) -> ChunkOutputs {
        setUp()
        let counts = chunk.rowCounts
        counting(\.bodySeconds) {
            withIndices { indices in
                if let groups {
                    for task in ChunkTasks(program.sections, counts, groups: groups, threads: 1).tasks {
                        run(task, counts, indices)
                    }
                } else {
                    run(counts, indices, firstOfLane: firstOfLane)
                }
            }
        }
        return outputs()
    }

    /// Runs the body as it stands, stretches block by block of pairs.
    private func run(_ counts: RowCounts, _ indices: ChunkIndices, firstOfLane: Bool) {
        for section in program.sections {
            guard section.kind == .pairs else {
                run(section.steps, counts, indices, isFirst: firstOfLane)
                continue
            }
            // Without pairs, one empty block clears what pairs would have added to.
            for first in stride(from: 0, to: max(counts.pairs, 1), by: Program.blockRows) {
                var block = counts
                block.pairs = min(Program.blockRows, counts.pairs - first)
                movePairs(to: first)
                run(
                    section.steps, block, indices.pairs(from: first), isFirst: firstOfLane && first == 0,
                    isLater: first > 0)
            }
            movePairs(to: 0)
        }
    }

    /// Does one of the tasks of a chunk that may be shared.
    func run(_ task: ChunkTasks.Task, _ counts: RowCounts, _ indices: ChunkIndices) {
        if let sliced = task.sliced { addSlices(of: sections[sliced], task.rows, counts) }
        guard let position = task.section else { return }
        let section = sections[position]
        var part = counts
        switch section.kind {
        case .atoms:
            part.atoms = task.rows.count
            moveAtoms(to: task.rows.lowerBound)
            run(section.steps, part, indices.atoms(from: task.rows.lowerBound), isFirst: true)
        case .pairs:
            beginSums(of: section, task.group!, counts)
            for first in stride(from: task.rows.lowerBound, to: task.rows.upperBound, by: Program.blockRows) {
                part.pairs = min(Program.blockRows, task.rows.upperBound - first)
                movePairs(to: first)
                run(section.steps, part, indices.pairs(from: first), isFirst: false, isLater: true)
            }
            movePairs(to: 0)
            if task.group!.slice > 0 { resetAtoms() }
        case .whole:
            moveAtoms(to: 0)
            run(section.steps, part, indices, isFirst: true)
        }
    }

    /// Clears what the pairs of a section will add to, or a slice of its own where the group has one.
    private func beginSums(of section: Section, _ group: PairGroups.Group, _ counts: RowCounts) {
        moveAtoms(to: group.firstAtoms.lowerBound)
        for sum in section.sums where group.slice > 0 || sum.isCleared {
            if group.slice > 0 { locations[sum.place] = slice(group.slice, of: sum, counts) }
            let bytes = group.firstAtoms.count * sum.count * Int(kernels.element_size)
            locations[sum.place].initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        }
        if group.slice == 0 { moveAtoms(to: 0) }
    }

    /// Adds the slices of a section's sums in their order.
    private func addSlices(of section: Section, _ rows: Range<Int>, _ counts: RowCounts) {
        moveAtoms(to: rows.lowerBound)
        for sum in section.sums {
            let target = locations[sum.place]
            for k in 1..<PairGroups.sliceCount(counts) {
                let source = slice(k, of: sum, counts) + rows.lowerBound * sum.count * Int(kernels.element_size)
                kernels.add_scaled(rows.count * sum.count, target, 1, source, target)
            }
        }
    }

    /// Runs a step that has fixed rows only.
    ///
    /// - Parameter number: its number in the program.
    func runFixed(_ step: Step, number: Int) {
        let start = tally == nil ? 0 : monotonicSeconds()
        run(step, RowCounts(), noIndices, adds: adds(step, isFirst: true, isLater: false))
        tally?.add(
            monotonicSeconds() - start, step: number, RowCounts(), adds: adds(step, isFirst: true, isLater: false))
    }

    private func run(
        _ steps: Range<Int>, _ counts: RowCounts, _ indices: ChunkIndices, isFirst: Bool, isLater: Bool = false
    ) {
        if tally != nil || inspect != nil {
            return runObserved(steps, counts, indices, isFirst: isFirst, isLater: isLater)
        }
        for position in steps {
            run(body[position], counts, indices, adds: adds(body[position], isFirst: isFirst, isLater: isLater))
        }
    }

    /// The same with the time of every step, or a look at its result.
    private func runObserved(
        _ steps: Range<Int>, _ counts: RowCounts, _ indices: ChunkIndices, isFirst: Bool, isLater: Bool
    ) {
        for position in steps {
            let step = body[position]
            let adds = adds(step, isFirst: isFirst, isLater: isLater)
            let start = monotonicSeconds()
            run(step, counts, indices, adds: adds)
            let seconds = monotonicSeconds() - start
            tally?.add(seconds, step: bodyStart + position, counts, adds: adds)
            inspect?(step, counts)
        }
    }

    /// Whether a step adds to what its output holds.
    ///
    /// - Parameters:
    ///   - isFirst: whether nothing has been added to the accumulators of the lane yet.
    ///   - isLater: whether this is a later block of the chunk, which adds to what earlier ones have made of all pairs.
    private func adds(_ step: Step, isFirst: Bool, isLater: Bool) -> Bool {
        switch step.mode {
        case .overwrite: isLater && step.rows != .pairs
        case .add: true
        case .addAfterFirst: !isFirst
        }
    }

    // Swift 6.3 fails to compile this inlined.
    @inline(never) private func run(_ step: Step, _ counts: RowCounts, _ indices: ChunkIndices, adds: Bool) {
        let output = locations[step.output]
        if !adds && step.operation.accumulation == .always {
            let bytes = counts[step.rows] * step.shape.count * Int(kernels.element_size)
            output.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        }
        step.operation.run(
            Launch(
                kernelTable: kernelTable, step: step, output: output, accumulate: adds, locations: locations,
                rowCounts: counts, indices: indices))
    }
}
