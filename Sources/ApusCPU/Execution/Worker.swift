import ApusGraph
import ApusSystem
import CApusKernels

/// What one thread owns while it runs chunks: an arena, and where everything stands.
final class Worker {
    let program: Program
    let kernelTable: UnsafePointer<apus_kernels>
    /// The steps of the body and its sections, for this thread alone.
    let body: [Step]
    let sections: [Section]
    let bodyStart: Int
    private let tableRows: Int
    /// Where each place and each map stands, and how many rows each set has.
    let table: AddressTable
    private var arena = RawBuffer()
    /// The maps of the chunk.
    private var entries = RawBuffer()
    /// Where the slices of sums begin, behind all places of the leader's arena.
    private var slices: UnsafeMutableRawPointer
    /// For each set what has a row for each of its things.
    private var movable: [MovableRows]
    var chunk = Chunk()
    /// For each set how its rows are shared; nil where they have the order in which they came.
    private(set) var groups: [PairGroups?]
    /// What the thread did, when asked for.
    var tally: WorkerTally?
    /// Called after every step, when numbers are inspected.
    var inspect: ((Step) -> Void)?

    init(program: Program, kernelTable: UnsafePointer<apus_kernels>) {
        self.program = program
        self.kernelTable = kernelTable
        body = program.body.map(\.withOwnMemory)
        sections = program.sections.map(\.withOwnMemory)
        tableRows = program.tableRows
        bodyStart = program.bodyStart
        slices = arena.start
        let sets = program.numbering.sets.count
        table = AddressTable(
            places: program.places.count, maps: program.numbering.maps.count, sets: sets, anywhere: arena.start)
        movable = [MovableRows](repeating: MovableRows(), count: sets)
        groups = [PairGroups?](repeating: nil, count: sets)
    }

    var kernels: apus_kernels { kernelTable.pointee }
    var elementSize: Int { Int(kernels.element_size) }
    var arenaBytes: Int { arena.byteCount }

    /// Lets what has rows of a set begin at one of them.
    func move(_ set: Int, to row: Int) { movable[set].move(to: row, table) }

    /// Lets what has rows of a set begin at the first, whatever was done to it.
    func reset(_ set: Int) { movable[set].reset(table) }

    /// Where the k-th slice of a sum of a section stands, k > 0.
    func slice(_ k: Int, of sum: Section.Sum, _ section: Section) -> UnsafeMutableRawPointer {
        let rows = table.counts[section.sharing!.elements]
        return slices + ((k - 1) * section.sumWidth + sum.offset) * rows * elementSize
    }

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
        tally?.chunks.add(chunk.counts)
    }

    /// Gives the chunk its memory and loads its maps and inputs.
    func setUp() {
        counting(\.setUpSeconds) {
            if let fault = chunk.fault(of: program.numbering.maps, tableRows: tableRows) { fatalError(fault) }
            for (number, set) in program.numbering.sets.enumerated() {
                table.counts[number] = chunk.counts[.indexed(set)]
            }
            if program.isShareable { findGroups() }
            layOut()
            loadMaps()
            loadInputs()
        }
    }

    private func findGroups() {
        for set in groups.indices { groups[set] = nil }
        for section in sections {
            guard case .blocks(let list) = section.kind, let sharing = section.sharing, groups[list] == nil else {
                continue
            }
            let ends = sharing.ends.map { chunk[program.numbering.maps[$0]] }
            groups[list] = PairGroups(atoms: table.counts[sharing.elements], first: ends[0], second: ends.last!)
        }
    }

    /// The program's outputs for the chunk.
    func outputs() -> ChunkOutputs {
        counting(\.setUpSeconds) {
            for set in movable.indices { move(set, to: 0) }
            return program.outputs.map { read(table.places[$0.place], chunk.counts[$0.rows] * $0.shape.count) }
        }
    }

    /// Gives every place of the chunk its address in the arena, which grows as needed.
    ///
    /// - Parameter leader: the worker whose chunk it is, where several share one: then only blocks stand here.
    func layOut(leader: Worker? = nil) {
        if let leader { table.copyCountsAndMaps(from: leader.table) }
        /// Bytes of a place in this arena; nil where it stands elsewhere.
        func bytes(_ place: Place) -> Int? {
            switch place {
            case .chunk where leader == nil, .block:
                (place.arenaElements { table.counts[$0] } * elementSize + 63) & ~63
            case .chunk, .parameter, .shared, .packed, .accumulator: nil
            }
        }
        let sliceOffset = program.places.reduce(0) { $0 + (bytes($1) ?? 0) }
        arena.reserve(sliceOffset + (leader == nil && program.isShareable ? sliceBytes : 0))
        slices = leader?.slices ?? arena.start + sliceOffset
        for set in movable.indices { movable[set].removeAll() }
        var offset = 0
        for (place, kind) in program.places.enumerated() {
            if let bytes = bytes(kind) {
                table.places[place] = arena.start + offset
                offset += bytes
            }
            guard case .chunk(let set, let count) = kind else { continue }
            if let leader { table.places[place] = leader.table.places[place] }
            movable[set].append(place: place, start: table.places[place], rowBytes: count * elementSize)
        }
        if leader != nil { makeMapsMovable() }
    }

    /// Bytes of the slices of sums of the section that needs the most.
    private var sliceBytes: Int {
        sections.map { section in
            guard case .blocks(let list) = section.kind, let sharing = section.sharing else { return 0 }
            let atoms = table.counts[sharing.elements]
            let slices = PairGroups.sliceCount(pairs: table.counts[list], atoms: atoms)
            return (slices - 1) * section.sumWidth * atoms * elementSize
        }.max() ?? 0
    }

    private func loadMaps() {
        let (maps, sources) = (program.numbering.maps, program.numbering.sources)
        let bytes = { (set: Int) in (self.table.counts[set] * MemoryLayout<Int32>.stride + 63) & ~63 }
        entries.reserve(sources.reduce(0) { $0 + bytes($1) })
        var offset = 0
        for (number, source) in sources.enumerated() {
            let target = (entries.start + offset).assumingMemoryBound(to: Int32.self)
            let values = chunk[maps[number]]
            if let order = groups[source]?.order {
                for (row, old) in order.enumerated() { target[row] = values[old] }
            } else {
                values.withUnsafeBufferPointer { values in
                    if let start = values.baseAddress { target.update(from: start, count: values.count) }
                }
            }
            table.maps[number] = UnsafePointer(target)
            offset += bytes(source)
        }
        makeMapsMovable()
    }

    private func makeMapsMovable() {
        for (number, set) in program.numbering.sources.enumerated() {
            movable[set].append(map: number, start: table.maps[number])
        }
    }

    private func loadInputs() {
        for input in program.inputs {
            let operand = input.operand
            let expected = table.counts[input.set] * operand.shape.count
            let values = chunk.inputs[input.name] ?? []
            require(
                values.count == expected,
                "input '\(input.name)': \(values.count) numbers given, \(expected) needed (\(operand.rows) "
                    + "\(operand.shape))")
            let (order, target) = (groups[input.set]?.order, table.places[operand.place])
            if elementSize == 4 {
                load(values, order, to: target.assumingMemoryBound(to: Float.self))
            } else {
                load(values, order, to: target.assumingMemoryBound(to: Double.self))
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
        if elementSize == 4 {
            let floats = source.assumingMemoryBound(to: Float.self)
            return (0..<count).map { Double(floats[$0]) }
        }
        let doubles = source.assumingMemoryBound(to: Double.self)
        return (0..<count).map { doubles[$0] }
    }
}
