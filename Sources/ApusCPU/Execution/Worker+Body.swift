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
        counting(\.bodySeconds) {
            if program.isShareable {
                for task in ChunkTasks(sections, table.counts, groups: groups, threads: 1).tasks { run(task) }
            } else {
                for section in sections { run(section, firstOfLane: firstOfLane) }
            }
        }
        return outputs()
    }

    private func run(_ section: Section, firstOfLane: Bool) {
        guard case .blocks(let list) = section.kind else { return run(section.steps, isFirst: firstOfLane) }
        // Without rows, one empty block clears what they would have added to.
        let count = table.counts[list]
        runBlocks(section, list, 0..<max(count, 1), of: count, isFirst: firstOfLane)
    }

    /// Runs the steps of a section block by block on some rows of a list.
    ///
    /// - Parameters:
    ///   - count: all rows of the list.
    ///   - isFirst: whether nothing has been added to the accumulators of the lane yet.
    ///   - isLater: whether other rows were added up before.
    private func runBlocks(
        _ section: Section, _ list: Int, _ rows: Range<Int>, of count: Int, isFirst: Bool, isLater: Bool = false
    ) {
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: Program.blockRows) {
            table.counts[list] = min(Program.blockRows, min(rows.upperBound, count) - first)
            move(list, to: first)
            let isFirstBlock = first == rows.lowerBound
            run(section.steps, isFirst: isFirst && isFirstBlock, isLater: isLater || !isFirstBlock)
        }
        move(list, to: 0)
        table.counts[list] = count
    }

    /// Does one of the tasks of a chunk that may be shared.
    func run(_ task: ChunkTasks.Task) {
        if let sliced = task.sliced { addSlices(of: sections[sliced], task.rows) }
        guard let position = task.section else { return }
        let section = sections[position]
        switch section.kind {
        case .rows(let set):
            let count = table.counts[set]
            table.counts[set] = task.rows.count
            move(set, to: task.rows.lowerBound)
            run(section.steps, isFirst: true)
            move(set, to: 0)
            table.counts[set] = count
        case .blocks(let list):
            let count = table.counts[list]
            guard let group = task.group, let sharing = section.sharing else {
                return runBlocks(section, list, 0..<max(count, 1), of: count, isFirst: true)
            }
            beginSums(of: section, group, sharing)
            runBlocks(section, list, group.pairs, of: count, isFirst: false, isLater: true)
            if group.slice > 0 { reset(sharing.elements) }
        case .whole: run(section.steps, isFirst: true)
        }
    }

    /// Clears what the rows of a section will add to, or a slice of its own where the group has one.
    private func beginSums(of section: Section, _ group: PairGroups.Group, _ sharing: ListSharing) {
        move(sharing.elements, to: group.firstAtoms.lowerBound)
        for sum in section.sums where group.slice > 0 || sum.isCleared {
            if group.slice > 0 { table.places[sum.place] = slice(group.slice, of: sum, section) }
            let bytes = group.firstAtoms.count * sum.count * elementSize
            table.places[sum.place].initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        }
        if group.slice == 0 { move(sharing.elements, to: 0) }
    }

    /// Adds the slices of a section's sums in their order.
    private func addSlices(of section: Section, _ rows: Range<Int>) {
        guard case .blocks(let list) = section.kind, let sharing = section.sharing else { return }
        let slices = PairGroups.sliceCount(pairs: table.counts[list], atoms: table.counts[sharing.elements])
        move(sharing.elements, to: rows.lowerBound)
        for sum in section.sums {
            let target = table.places[sum.place]
            for k in 1..<slices {
                let source = slice(k, of: sum, section) + rows.lowerBound * sum.count * elementSize
                kernels.add_scaled(rows.count * sum.count, target, 1, source, target)
            }
        }
        move(sharing.elements, to: 0)
    }

    /// Runs a step that has fixed rows only.
    ///
    /// - Parameter number: its number in the program.
    func runFixed(_ step: Step, number: Int) {
        let adds = adds(step, isFirst: true, isLater: false)
        let start = tally == nil ? 0 : monotonicSeconds()
        run(step, adds: adds)
        tally?.add(monotonicSeconds() - start, step: number, table.counts, adds: adds)
        inspect?(step)
    }

    private func run(_ steps: Range<Int>, isFirst: Bool, isLater: Bool = false) {
        if tally != nil || inspect != nil { return runObserved(steps, isFirst: isFirst, isLater: isLater) }
        for position in steps {
            let step = body[position]
            run(step, adds: adds(step, isFirst: isFirst, isLater: isLater))
        }
    }

    /// The same with the time of every step, or a look at its result.
    private func runObserved(_ steps: Range<Int>, isFirst: Bool, isLater: Bool) {
        for position in steps {
            let step = body[position]
            let adds = adds(step, isFirst: isFirst, isLater: isLater)
            let start = monotonicSeconds()
            run(step, adds: adds)
            let seconds = monotonicSeconds() - start
            tally?.add(seconds, step: bodyStart + position, table.counts, adds: adds)
            inspect?(step)
        }
    }

    /// Whether a step adds to what its output holds.
    ///
    /// - Parameters:
    ///   - isFirst: whether nothing has been added to the accumulators of the lane yet.
    ///   - isLater: whether this is a later block of a list, which adds to what earlier ones have made of all rows.
    private func adds(_ step: Step, isFirst: Bool, isLater: Bool) -> Bool {
        switch step.mode {
        case .overwrite: isLater && !step.isRowByRow
        case .add: true
        case .addAfterFirst: !isFirst
        }
    }

    // Swift 6.3 fails to compile this inlined.
    @inline(never) private func run(_ step: Step, adds: Bool) {
        let output = table.places[step.output.place]
        if !adds && step.operation.accumulation == .always {
            let bytes = step.extent.count(table.counts) * step.output.shape.count * elementSize
            output.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        }
        step.operation.run(
            Launch(
                kernelTable: kernelTable, step: step, output: output, accumulate: adds, locations: table.places,
                counts: table.counts, maps: table.maps))
    }
}
