import ApusGraph
import ApusSystem

/// Where the first number that is not finite arises in a program.
public enum NonFiniteOrigin: Sendable, Equatable {
    /// A parameter that is not finite itself, by its name.
    case parameter(String)
    /// The operation whose result is the first that is not finite; `near` is the parameter that the fewest operations
    /// lie between.
    case operation(String, near: String?)
}

extension Executor {
    /// Runs one chunk on one thread with a look at the result of every operation, and finds the first that is not
    /// finite. It is many times slower than a run, and overwrites `sums`.
    ///
    /// - Returns: nil where all results are finite.
    /// - Throws: the error of `fill`.
    public func firstNonFinite(
        parameters: Numbers, fill: (inout Chunk) throws -> Void
    ) throws -> NonFiniteOrigin? {
        require(
            parameters.count == program.parameterCount && parameters.precision == precision,
            "\(parameters.count) \(parameters.precision) parameters do not fit the program")
        for (name, span) in program.parameters
        where !hasFiniteNumbers(parameters.pointer + span.offset * precision.elementSize, span.count, precision) {
            return .parameter(name)
        }
        let worker = workers[0]
        worker.chunk.removeAll()
        try fill(&worker.chunk)
        prepared = parameters
        for worker in workers { point(worker, at: parameters) }
        point(worker, atSums: sums)

        let steps = program.prologue.steps + program.body + program.epilogue.steps
        var found: (place: Int, name: String)?
        worker.inspect = { [precision] step in
            // Packed matrices are copies in an order of their own.
            if found != nil || step.operation is PackedMatrix { return }
            let count = step.extent.count(worker.table.counts) * step.output.shape.count
            if !hasFiniteNumbers(worker.table.places[step.output.place], count, precision) {
                found = (step.output.place, step.name)
            }
        }
        defer { worker.inspect = nil }
        for (number, step) in program.prologue.steps.enumerated() { worker.runFixed(step, number: number) }
        if found == nil { _ = worker.runBody(firstOfLane: true) }
        if found == nil {
            for (number, step) in program.epilogue.steps.enumerated() {
                worker.runFixed(step, number: program.epilogueStart + number)
            }
        }
        guard let found,
            let position = steps.firstIndex(where: { $0.output.place == found.place && $0.name == found.name })
        else { return nil }
        return .operation(steps[position].operation.label, near: nearestParameter(to: position, in: steps))
    }

    /// The parameter that is reached first on the way back from a step, the nearer inputs first; those of a layer stand
    /// after what it is applied to.
    private func nearestParameter(to position: Int, in steps: [Step]) -> String? {
        var queue = [position]
        var seen = Set(queue)
        var next = 0
        while next < queue.count {
            let reader = queue[next]
            next += 1
            // Places are used again, so it is the last writer that counts.
            let writers = steps[reader].inputs.reversed().map { input in
                (input, writer: steps[..<reader].lastIndex { $0.output.place == input.place })
            }
            for (input, writer) in writers {
                let isPacked = writer.map { steps[$0].operation is PackedMatrix } ?? false
                let source = isPacked ? steps[writer!].inputs[0] : input
                if case .parameter(let span) = program.places[source.place] {
                    return program.parameters.first { $0.span == span }?.name
                }
            }
            for (_, writer) in writers {
                if let writer, seen.insert(writer).inserted { queue.append(writer) }
            }
        }
        return nil
    }
}

/// Looks for exponents of ones alone, which infinities and NaN have; an integer maximum is fast where a sum of floats,
/// whose order counts, is not.
func hasFiniteNumbers(_ pointer: UnsafeMutableRawPointer, _ count: Int, _ precision: Precision) -> Bool {
    switch precision {
    case .float32:
        let mask = Float.infinity.bitPattern
        let bits = UnsafeBufferPointer(start: UnsafePointer(pointer.assumingMemoryBound(to: UInt32.self)), count: count)
        return bits.reduce(UInt32(0)) { max($0, $1 & mask) } != mask
    case .float64:
        let mask = Double.infinity.bitPattern
        let bits = UnsafeBufferPointer(start: UnsafePointer(pointer.assumingMemoryBound(to: UInt64.self)), count: count)
        return bits.reduce(UInt64(0)) { max($0, $1 & mask) } != mask
    }
}
