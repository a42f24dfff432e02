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
    let outputs: [Operand]
    /// Where each wanted sum stands in the flat buffer of sums.
    public let results: [Span]
    /// Elements of a lane's accumulators.
    let accumulatorCount: Int
    /// Elements of the accumulators and of what the epilogue makes of them.
    let sumCount: Int
    let inputs: [Input]
    /// The names of the inputs that are read.
    package var inputNames: Set<String> { Set(inputs.map(\.name)) }
    let constants: [(place: Int, values: [Double])]
    /// Elements of the flat parameter buffer.
    public let parameterCount: Int
    /// Where each parameter stands in that buffer, by its name.
    let parameters: [(name: String, span: Span)]
    /// The index sets and maps in use.
    let numbering: Numbering

    /// Rows of a list in a block: enough to make the cost of a step small, few enough for tensors of a block to stay in the
    /// cache.
    static let blockRows = 64

    /// Rows that every table has which a map without a target reads.
    var tableRows: Int {
        let tables = body.flatMap { step in
            step.operation.maps.contains { $0.target == nil } ? [step.inputs[0].rows, step.output.rows] : []
        }
        return tables.filter(\.isFixed).map { RowCounts()[$0] }.min() ?? Int(Int32.max)
    }

    /// A stretch of a flat buffer.
    public struct Span: Sendable, Equatable {
        /// The first element.
        public let offset: Int
        /// The number of elements.
        public let count: Int
    }

    /// Whether the chunks leave no sums: then several threads can share one, whose pairs get an order for that.
    var isShareable: Bool { accumulatorCount == 0 && outputs.allSatisfy { !$0.rows.isList } }

    struct Input: Sendable {
        let name: String
        let operand: Operand
        /// The number of the set of its rows.
        let set: Int
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
    /// In the arena of the thread that runs a chunk, `count` elements for every row of the set.
    case chunk(set: Int, count: Int)
    /// In the arena, `count` elements for every row of a block of a list.
    case block(set: Int, count: Int)
    /// In the accumulators of a lane.
    case accumulator(Program.Span)

    /// Elements in the arena, given the rows of each set; none for a place elsewhere.
    func arenaElements(rows: (Int) -> Int) -> Int {
        switch self {
        case .chunk(let set, let count): rows(set) * count
        case .block(let set, let count): min(rows(set), Program.blockRows) * count
        case .parameter, .shared, .packed, .accumulator: 0
        }
    }
}
