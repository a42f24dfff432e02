import CApusKernels

/// Where each place of a program lives, by its number.
struct Locations {
    private let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer>
    init(_ pointers: UnsafeMutablePointer<UnsafeMutableRawPointer>) { self.pointers = pointers }

    subscript(place: Int) -> UnsafeMutableRawPointer {
        get { pointers[place] }
        nonmutating set { pointers[place] = newValue }
    }
}

/// What one thread owns while it runs chunks: an arena and the locations of all places.
final class Worker {
    private let program: Program
    private let kernels: apus_kernels
    private let kindLimit: Int
    private let bodyStart: Int
    private let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer>
    private var arena: UnsafeMutableRawPointer
    private(set) var arenaBytes = 0
    /// Places with a row for every pair of the chunk, and where they begin.
    private var pairPlaces: [(place: Int, start: UnsafeMutableRawPointer, rowBytes: Int)] = []
    var chunk = Chunk()
    /// What the thread did, when asked for.
    var tally: WorkerTally?
    /// Called after every step of the body with its rows, when numbers are inspected.
    var inspect: ((Step, RowCounts) -> Void)?

    init(program: Program, kernels: apus_kernels) {
        self.program = program
        self.kernels = kernels
        kindLimit = program.kindLimit
        bodyStart = program.bodyStart
        arena = .allocate(byteCount: 64, alignment: 64)
        pointers = .allocate(capacity: max(program.places.count, 1))
        pointers.initialize(repeating: arena, count: max(program.places.count, 1))
    }

    deinit {
        arena.deallocate()
        pointers.deallocate()
    }

    var locations: Locations { Locations(pointers) }

    /// Fills the worker's chunk with chunk k of a batch and runs the body on it.
    func run(
        _ k: Int, _ fill: (Int, inout Chunk) throws -> Void, firstOfLane: Bool
    ) throws -> ChunkOutputs {
        let start = tally == nil ? 0 : monotonicSeconds()
        chunk.removeAll()
        try fill(k, &chunk)
        guard tally != nil else { return runBody(firstOfLane: firstOfLane) }
        let filled = monotonicSeconds()
        let outputs = runBody(firstOfLane: firstOfLane)
        tally?.addChunk(chunk.rowCounts, fill: filled - start, all: monotonicSeconds() - start)
        return outputs
    }

    /// Runs the body on the worker's chunk.
    func runBody(firstOfLane: Bool) -> ChunkOutputs {
        let counts = chunk.rowCounts
        let start = tally == nil ? 0 : monotonicSeconds()
        chunk.requireValidIndices(kinds: kindLimit)
        layOut(counts)
        loadInputs(counts)
        tally?.setUpSeconds += monotonicSeconds() - start
        chunk.kindOfAtom.withUnsafeBufferPointer { kinds in
            chunk.systemOfAtom.withUnsafeBufferPointer { systems in
                chunk.pairFirst.withUnsafeBufferPointer { first in
                    chunk.pairSecond.withUnsafeBufferPointer { second in
                        // An empty array has no address; nothing is read through this one.
                        let none = UnsafePointer(arena.assumingMemoryBound(to: Int32.self))
                        let indices = ChunkIndices(
                            kindOfAtom: kinds.baseAddress ?? none, systemOfAtom: systems.baseAddress ?? none,
                            pairFirst: first.baseAddress ?? none, pairSecond: second.baseAddress ?? none)
                        run(counts, indices, firstOfLane: firstOfLane)
                    }
                }
            }
        }
        let end = tally == nil ? 0 : monotonicSeconds()
        let outputs = program.outputs.map { read(locations[$0.place], counts[$0.rows] * $0.shape.count) }
        tally?.setUpSeconds += monotonicSeconds() - end
        return outputs
    }

    /// Runs a step that has fixed rows only.
    ///
    /// - Parameter number: its number in the program.
    func runFixed(_ step: Step, number: Int) {
        let none = UnsafePointer(arena.assumingMemoryBound(to: Int32.self))
        let indices = ChunkIndices(kindOfAtom: none, systemOfAtom: none, pairFirst: none, pairSecond: none)
        let start = tally == nil ? 0 : monotonicSeconds()
        run(step, RowCounts(), indices, adds: adds(step, isFirst: true, isLater: false))
        tally?.add(
            monotonicSeconds() - start, step: number, RowCounts(), adds: adds(step, isFirst: true, isLater: false))
    }

    /// Runs the body: single steps for the whole chunk, stretches block by block of pairs.
    private func run(_ counts: RowCounts, _ indices: ChunkIndices, firstOfLane: Bool) {
        var position = 0
        for stretch in program.stretches {
            run(position..<stretch.lowerBound, counts, indices, isFirst: firstOfLane)
            var first = 0
            // Without pairs, one empty block clears what pairs would have added to.
            repeat {
                var block = counts
                block.pairs = min(Program.blockRows, counts.pairs - first)
                movePairs(to: first)
                run(stretch, block, indices.pairs(from: first), isFirst: firstOfLane && first == 0, isLater: first > 0)
                first += Program.blockRows
            } while first < counts.pairs
            movePairs(to: 0)
            position = stretch.upperBound
        }
        run(position..<program.body.count, counts, indices, isFirst: firstOfLane)
    }

    private func run(
        _ steps: Range<Int>, _ counts: RowCounts, _ indices: ChunkIndices, isFirst: Bool, isLater: Bool = false
    ) {
        if tally != nil || inspect != nil {
            return runObserved(steps, counts, indices, isFirst: isFirst, isLater: isLater)
        }
        for position in steps {
            let step = program.body[position]
            run(step, counts, indices, adds: adds(step, isFirst: isFirst, isLater: isLater))
        }
    }

    /// The same with the time of every step, or a look at its result.
    private func runObserved(
        _ steps: Range<Int>, _ counts: RowCounts, _ indices: ChunkIndices, isFirst: Bool, isLater: Bool
    ) {
        for position in steps {
            let step = program.body[position]
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

    private func run(_ step: Step, _ counts: RowCounts, _ indices: ChunkIndices, adds: Bool) {
        let output = locations[step.output]
        if !adds && step.operation.accumulation == .always {
            let bytes = counts[step.rows] * step.shape.count * Int(kernels.element_size)
            output.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        }
        step.operation.run(
            Launch(
                kernels: kernels, step: step, output: output, accumulate: adds, locations: locations,
                rowCounts: counts, indices: indices))
    }

    /// Lets the places with a row for every pair begin at a pair.
    private func movePairs(to first: Int) {
        for place in pairPlaces { locations[place.place] = place.start + first * place.rowBytes }
    }

    /// Gives every chunk place its address in the arena, which grows as needed.
    private func layOut(_ counts: RowCounts) {
        let size = Int(kernels.element_size)
        var bytes = 0
        var offsets: [(place: Int, offset: Int)] = []
        offsets.reserveCapacity(program.places.count)
        for (place, kind) in program.places.enumerated() {
            switch kind {
            case .chunk, .block: offsets.append((place, bytes))
            case .parameter, .shared, .packed, .accumulator: continue
            }
            bytes += (counts.elements(of: kind) * size + 63) & ~63
        }
        if bytes > arenaBytes {
            arena.deallocate()
            arena = .allocate(byteCount: bytes, alignment: 64)
            arenaBytes = bytes
        }
        for (place, offset) in offsets { locations[place] = arena + offset }
        pairPlaces = offsets.compactMap { place, offset in
            guard case .chunk(.pairs, let count) = program.places[place] else { return nil }
            return (place, arena + offset, count * size)
        }
    }

    private func loadInputs(_ counts: RowCounts) {
        for input in program.inputs {
            let expected = counts[input.rows] * input.shape.count
            let values = chunk.inputs[input.name] ?? []
            require(
                values.count == expected,
                "input '\(input.name)': \(values.count) numbers given, \(expected) needed (\(input.rows) \(input.shape))"
            )
            let target = locations[input.place]
            if kernels.element_size == 4 {
                let floats = target.assumingMemoryBound(to: Float.self)
                for (k, value) in values.enumerated() { floats[k] = Float(value) }
            } else {
                let doubles = target.assumingMemoryBound(to: Double.self)
                for (k, value) in values.enumerated() { doubles[k] = value }
            }
        }
    }

    private func read(_ source: UnsafeMutableRawPointer, _ count: Int) -> [Double] {
        if kernels.element_size == 4 {
            let floats = source.assumingMemoryBound(to: Float.self)
            return (0..<count).map { Double(floats[$0]) }
        }
        let doubles = source.assumingMemoryBound(to: Double.self)
        return (0..<count).map { doubles[$0] }
    }
}
