import ApusGraph

/// A graph compiled for execution: steps in order, each with the places of its inputs and of its output.
///
/// A batch is a set of systems cut into chunks. What depends on parameters alone runs once per batch (`prologue`); what
/// has rows of the batch runs for every chunk (`body`); sums over rows add up over the chunks, and what depends on those
/// sums runs once at the end (`epilogue`).
public struct Program: Sendable {
    let prologue: Schedule
    let body: [Step]
    /// The parts of the body, in order.
    let sections: [Section]
    let epilogue: Schedule
    let places: [Place]
    /// Places of tensors that are handed out for every chunk.
    let outputs: [Output]
    /// Where each wanted sum stands in the flat buffer of sums.
    public let results: [Span]
    /// Elements of a lane's accumulators.
    let accumulatorCount: Int
    /// Elements of the accumulators and of what the epilogue makes of them.
    let sumCount: Int
    let inputs: [InputSlot]
    let constants: [(place: Int, values: [Double])]
    /// Elements of the flat parameter buffer.
    public let parameterCount: Int
    /// Where each parameter stands in that buffer, by its name.
    let parameters: [(name: String, span: Span)]

    /// Pairs in a block: enough to make the cost of a step small, few enough for tensors of a block to stay in the cache.
    static let blockRows = 64

    /// Kinds of atoms that every table indexed by kind has a row for.
    var kindLimit: Int {
        let tables = body.compactMap { step -> RowSpace? in
            switch step.operation {
            case let gather as Gather where gather.index == .kindOfAtom: step.inputs[0].rows
            case let sum as SegmentSum where sum.index == .kindOfAtom: step.rows
            default: nil
            }
        }
        return tables.map { RowCounts()[$0] }.min() ?? Int(Int32.max)
    }

    /// A stretch of a flat buffer.
    public struct Span: Sendable, Equatable {
        /// The first element.
        public let offset: Int
        /// The number of elements.
        public let count: Int
    }

    /// Whether the chunks leave no sums: then several threads can share one, whose pairs get an order for that.
    var isShareable: Bool { accumulatorCount == 0 && outputs.allSatisfy { $0.rows != .pairs } }

    /// The most elements of an atom in the sums of a section.
    var sumWidth: Int { sections.lazy.map(\.sumWidth).max() ?? 0 }

    struct Output: Sendable {
        let place: Int
        let rows: RowSpace
        let shape: Shape
    }

    struct InputSlot: Sendable {
        let name: String
        let place: Int
        let rows: RowSpace
        let shape: Shape
    }
}

/// Where numbers live while a program runs.
enum Place: Sendable, Equatable {
    /// In the flat parameter buffer.
    case parameter(Program.Span)
    /// In memory shared by all chunks, `count` elements.
    case shared(count: Int)
    /// In shared memory, a matrix packed for products.
    case packed(rows: Int, columns: Int)
    /// In the arena of the thread that runs a chunk, one row per row of the space.
    case chunk(RowSpace, count: Int)
    /// In the arena, one row per pair of a block.
    case block(count: Int)
    /// In the accumulators of a lane.
    case accumulator(Program.Span)
}

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
    let output: Int
    let rows: RowSpace
    let shape: Shape
    let mode: Mode
    let name: String
    let work: Work

    init(
        operation: any CPUOperation, inputs: [Operand], output: Int, rows: RowSpace, shape: Shape, mode: Mode,
        name: String, work: Work
    ) {
        self.operation = operation
        self.inputs = inputs
        self.output = output
        self.rows = rows
        self.shape = shape
        self.mode = mode
        self.name = name
        self.work = work
    }

    /// A copy that shares no memory, so that threads do not contend for its reference counts.
    var unshared: Step {
        Step(
            operation: operation, inputs: inputs.map { $0 }, output: output, rows: rows, shape: shape, mode: mode,
            name: String(decoding: Array(name.utf8), as: UTF8.self), work: work)
    }
}

extension Step {
    /// What calls cost that had some rows in all.
    func cost(_ rows: CallRows, adds: Bool, _ precision: Precision) -> Cost {
        operation.cost(
            work,
            Calls(
                inputs: inputs, output: Operand(place: output, rows: self.rows, shape: shape), rows: rows, adds: adds),
            elementSize: precision.elementSize)
    }
}
