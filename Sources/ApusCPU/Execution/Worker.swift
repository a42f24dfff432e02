import ApusGraph
import ApusSystem
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

/// Places with a row for every row of a space, which can begin at any of them.
struct MovablePlaces {
    private var places: [(place: Int, start: UnsafeMutableRawPointer, rowBytes: Int)] = []
    private var first = 0

    mutating func removeAll() {
        places.removeAll(keepingCapacity: true)
        first = 0
    }

    mutating func append(_ place: Int, start: UnsafeMutableRawPointer, rowBytes: Int) {
        places.append((place, start, rowBytes))
    }

    /// Lets all places begin at a row.
    mutating func move(to row: Int, _ locations: Locations) {
        guard row != first else { return }
        for place in places { locations[place.place] = place.start + row * place.rowBytes }
        first = row
    }

    /// Lets all places begin at the first row, wherever they were.
    mutating func reset(_ locations: Locations) {
        first = -1
        move(to: 0, locations)
    }
}

/// What one thread owns while it runs chunks: an arena and the locations of all places.
final class Worker {
    let program: Program
    let kernelTable: UnsafePointer<apus_kernels>
    /// The steps of the body and its sections, for this thread alone.
    let body: [Step]
    let sections: [Section]
    let bodyStart: Int
    private let sumWidth: Int
    private let kindLimit: Int
    private let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer>
    private var arena: UnsafeMutableRawPointer
    private(set) var arenaBytes = 0
    /// Where the slices of sums begin, behind all places of the leader's arena.
    private var slices: UnsafeMutableRawPointer
    /// Places with a row for every atom, and every pair, of the chunk.
    private var atomPlaces = MovablePlaces()
    private var pairPlaces = MovablePlaces()
    var chunk = Chunk()
    /// The pairs of the chunk as threads share them; nil when they have the order in which they came.
    private(set) var groups: PairGroups?
    /// What the thread did, when asked for.
    var tally: WorkerTally?
    /// Called after every step of the body with its rows, when numbers are inspected.
    var inspect: ((Step, RowCounts) -> Void)?

    init(program: Program, kernelTable: UnsafePointer<apus_kernels>) {
        self.program = program
        self.kernelTable = kernelTable
        body = program.body.map(\.unshared)
        sections = program.sections.map(\.unshared)
        sumWidth = program.sumWidth
        kindLimit = program.kindLimit
        bodyStart = program.bodyStart
        arena = .allocate(byteCount: 64, alignment: 64)
        slices = arena
        pointers = .allocate(capacity: max(program.places.count, 1))
        pointers.initialize(repeating: arena, count: max(program.places.count, 1))
    }

    deinit {
        arena.deallocate()
        pointers.deallocate()
    }

    var kernels: apus_kernels { kernelTable.pointee }
    var locations: Locations { Locations(pointers) }

    /// Lets the places with a row for every atom begin at an atom.
    func moveAtoms(to first: Int) { atomPlaces.move(to: first, locations) }

    /// Takes back what was done to the places with a row for every atom.
    func resetAtoms() { atomPlaces.reset(locations) }

    /// Where the k-th slice of a sum of a section stands, k > 0.
    func slice(_ k: Int, of sum: Section.Sum, _ counts: RowCounts) -> UnsafeMutableRawPointer {
        slices + ((k - 1) * sumWidth + sum.offset) * counts.atoms * Int(kernels.element_size)
    }

    /// Lets the places with a row for every pair begin at a pair.
    func movePairs(to first: Int) { pairPlaces.move(to: first, locations) }

    /// Does a part of the work on a chunk, whose time profiles count.
    func counting<Result>(
        _ part: WritableKeyPath<WorkerTally, Double>, _ work: () throws -> Result
    ) rethrows -> Result {
        guard tally != nil else { return try work() }
        let start = monotonicSeconds()
        defer { tally![keyPath: part] += monotonicSeconds() - start }
        return try work()
    }

    /// Fills the worker's chunk with chunk k of a batch.
    func fill(_ k: Int, _ fill: (Int, inout Chunk) throws -> Void) rethrows {
        chunk.removeAll()
        try counting(\.fillSeconds) { try fill(k, &chunk) }
        tally?.chunks.add(chunk.rowCounts)
    }

    /// Gives the chunk its memory and loads its inputs.
    func setUp() {
        counting(\.setUpSeconds) {
            let counts = chunk.rowCounts
            chunk.requireValidIndices(kinds: kindLimit)
            groups = program.isShareable ? PairGroups(counts, first: chunk.pairFirst, second: chunk.pairSecond) : nil
            if let order = groups?.order {
                chunk.pairFirst = order.map { chunk.pairFirst[$0] }
                chunk.pairSecond = order.map { chunk.pairSecond[$0] }
            }
            layOut(counts)
            loadInputs(counts)
        }
    }

    /// Indices for steps that read none.
    var noIndices: ChunkIndices {
        let none = UnsafePointer(arena.assumingMemoryBound(to: Int32.self))
        return ChunkIndices(kindOfAtom: none, systemOfAtom: none, pairFirst: none, pairSecond: none)
    }

    /// Hands the indices of the chunk to `body`, for as long as it runs.
    func withIndices<Result>(_ body: (ChunkIndices) throws -> Result) rethrows -> Result {
        // An empty array has no address.
        let none = noIndices
        return try chunk.kindOfAtom.withUnsafeBufferPointer { kinds in
            try chunk.systemOfAtom.withUnsafeBufferPointer { systems in
                try chunk.pairFirst.withUnsafeBufferPointer { first in
                    try chunk.pairSecond.withUnsafeBufferPointer { second in
                        try body(
                            ChunkIndices(
                                kindOfAtom: kinds.baseAddress ?? none.kindOfAtom,
                                systemOfAtom: systems.baseAddress ?? none.systemOfAtom,
                                pairFirst: first.baseAddress ?? none.pairFirst,
                                pairSecond: second.baseAddress ?? none.pairSecond))
                    }
                }
            }
        }
    }

    /// The program's outputs for the chunk.
    func outputs() -> ChunkOutputs {
        counting(\.setUpSeconds) {
            let counts = chunk.rowCounts
            moveAtoms(to: 0)
            return program.outputs.map { read(locations[$0.place], counts[$0.rows] * $0.shape.count) }
        }
    }

    /// Gives every place of the chunk its address in the arena, which grows as needed.
    ///
    /// - Parameter leader: the worker whose chunk it is, where several share one: then only blocks of pairs stand here.
    func layOut(_ counts: RowCounts, leader: Worker? = nil) {
        let size = Int(kernels.element_size)
        /// Bytes of a place in this arena; nil where it stands elsewhere.
        func bytes(_ kind: Place) -> Int? {
            switch kind {
            case .chunk where leader == nil, .block: (counts.elements(of: kind) * size + 63) & ~63
            case .chunk, .parameter, .shared, .packed, .accumulator: nil
            }
        }
        let sliceOffset = program.places.reduce(0) { $0 + (bytes($1) ?? 0) }
        var end = sliceOffset
        if leader == nil, program.isShareable {
            end += (PairGroups.sliceCount(counts) - 1) * sumWidth * counts.atoms * size
        }
        if end > arenaBytes {
            arena.deallocate()
            arena = .allocate(byteCount: end, alignment: 64)
            arenaBytes = end
        }
        slices = leader?.slices ?? arena + sliceOffset
        atomPlaces.removeAll()
        pairPlaces.removeAll()
        var offset = 0
        for (place, kind) in program.places.enumerated() {
            if let bytes = bytes(kind) {
                locations[place] = arena + offset
                offset += bytes
            }
            guard case .chunk(let rows, let count) = kind else { continue }
            if let leader { locations[place] = leader.locations[place] }
            switch rows {
            case .atoms: atomPlaces.append(place, start: locations[place], rowBytes: count * size)
            case .pairs: pairPlaces.append(place, start: locations[place], rowBytes: count * size)
            case .systems, .fixed: break
            }
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
            let order = input.rows == .pairs ? groups?.order : nil
            if kernels.element_size == 4 {
                load(values, order, to: locations[input.place].assumingMemoryBound(to: Float.self))
            } else {
                load(values, order, to: locations[input.place].assumingMemoryBound(to: Double.self))
            }
        }
    }

    /// Writes numbers in their order, or rows in a new order.
    private func load<Element: BinaryFloatingPoint>(
        _ values: [Double], _ order: [Int]?, to target: UnsafeMutablePointer<Element>
    ) {
        guard let order, !order.isEmpty else {
            for (k, value) in values.enumerated() { target[k] = Element(value) }
            return
        }
        let count = values.count / order.count
        for (row, old) in order.enumerated() {
            for k in 0..<count { target[row * count + k] = Element(values[old * count + k]) }
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
