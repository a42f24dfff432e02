import ApusGraph

/// One operation of a program; a class, so that running it copies nothing.
final class Step: Sendable {
    /// What becomes of numbers that the output's place holds.
    enum Mode: Sendable {
        case overwrite
        case add
        /// Overwrite in the first chunk of a lane, add in the others.
        case addAfterFirst
    }

    let operation: any CPUOperation
    let inputs: [Operand]
    let output: Operand
    let mode: Mode
    let name: String
    let work: Work
    /// How many rows the inputs, the output and the loop over rows have.
    let inputExtents: [Extent]
    let extent: Extent
    let loopExtent: Extent
    /// The numbers of the operation's maps.
    let maps: [Int]

    init(
        operation: any CPUOperation, inputs: [Operand], output: Operand, mode: Mode, name: String, work: Work,
        numbering: inout Numbering
    ) {
        self.operation = operation
        self.inputs = inputs
        self.output = output
        self.mode = mode
        self.name = name
        self.work = work
        inputExtents = inputs.map { numbering.extent(of: $0.rows) }
        extent = numbering.extent(of: output.rows)
        loopExtent = numbering.extent(of: work.rows)
        maps = operation.maps.map { numbering.number(of: $0) }
    }

    private init(copying step: Step) {
        operation = step.operation
        inputs = step.inputs.map { $0 }
        output = step.output
        mode = step.mode
        name = String(decoding: Array(step.name.utf8), as: UTF8.self)
        work = step.work
        inputExtents = step.inputExtents.map { $0 }
        (extent, loopExtent) = (step.extent, step.loopExtent)
        maps = step.maps.map { $0 }
    }

    /// A copy that shares no memory, so that threads do not contend for its reference counts.
    var withOwnMemory: Step { Step(copying: self) }

    /// Whether the output has a row for every row that the operation goes through; otherwise rows are added up.
    var isRowByRow: Bool { output.rows == work.rows }

    /// What calls cost that had some rows in all.
    func cost(_ rows: CallRows, adds: Bool, _ precision: Precision) -> Cost {
        operation.cost(
            work, Calls(inputs: inputs, output: output, rows: rows, adds: adds), elementSize: precision.elementSize)
    }
}

/// A number of rows: that of an index set, or a fixed one.
struct Extent: Sendable, Equatable {
    /// The number of the set; −1 − n for n fixed rows.
    private let code: Int

    init(set: Int) { code = set }
    init(fixed count: Int) { code = -1 - count }

    /// The number of the set; nil for fixed rows.
    var set: Int? { code >= 0 ? code : nil }

    func count(_ counts: UnsafePointer<Int>) -> Int { code >= 0 ? counts[code] : -1 - code }
}

/// Index sets and maps of a program by number: while it runs, arrays take the place of names.
struct Numbering: Sendable {
    private(set) var sets: [IndexSet] = []
    private(set) var maps: [RowMap] = []
    /// The number of the set that each map has an entry for each thing of.
    private(set) var sources: [Int] = []

    mutating func number(of set: IndexSet) -> Int {
        if let known = sets.firstIndex(of: set) { return known }
        sets.append(set)
        return sets.count - 1
    }

    mutating func number(of map: RowMap) -> Int {
        if let known = maps.firstIndex(of: map) { return known }
        guard let source = extent(of: map.source).set else { fatalError("the \(map) has no rows of a batch") }
        _ = map.target.map { extent(of: $0) }
        maps.append(map)
        sources.append(source)
        return maps.count - 1
    }

    mutating func extent(of rows: RowSpace) -> Extent {
        switch rows {
        case .fixed(let count): Extent(fixed: count)
        case .indexed(let set): Extent(set: number(of: set))
        }
    }
}
