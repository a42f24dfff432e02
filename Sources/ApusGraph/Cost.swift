/// What work costs: floating-point operations and memory traffic.
public struct Cost: Sendable, Equatable {
    /// Floating-point operations; two for a multiply-add, ten for a transcendental function.
    public var operations: Double
    /// Bytes read and written.
    public var bytes: Double

    /// Nothing unless given.
    public init(operations: Double = 0, bytes: Double = 0) {
        self.operations = operations
        self.bytes = bytes
    }

    /// The cost of both.
    public static func + (a: Cost, b: Cost) -> Cost {
        Cost(operations: a.operations + b.operations, bytes: a.bytes + b.bytes)
    }

    /// The cost of work that is done several times.
    public static func * (factor: Double, cost: Cost) -> Cost {
        Cost(operations: factor * cost.operations, bytes: factor * cost.bytes)
    }
}

/// Elements that a kernel reads and writes as it goes through its rows: a row that it comes by twice counts twice.
public struct Traffic: Sendable, Equatable {
    /// Numbers read.
    var read: Double
    /// Numbers written.
    var written: Double
    /// Entries read of index arrays, of four bytes each.
    var indices = 0.0
}

/// How often a step was called, with the rows that its calls had in all.
struct CallRows: Sendable {
    var calls = 0
    var counts = RowCounts()

    mutating func add(_ other: RowCounts) { add(CallRows(calls: 1, counts: other)) }

    mutating func add(_ other: CallRows) {
        calls += other.calls
        counts.systems += other.counts.systems
        counts.atoms += other.counts.atoms
        counts.pairs += other.counts.pairs
    }

    /// Rows of a space in all calls; fixed rows count in each.
    subscript(rows: RowSpace) -> Double {
        if case .fixed(let count) = rows { Double(count * calls) } else { Double(counts[rows]) }
    }
}

/// Calls of a step that all overwrite their output or all add to it. Costs are proportional to rows, so those of many
/// calls follow from the sum of their rows.
public struct Calls: Sendable {
    let step: Step
    let rows: CallRows
    let adds: Bool

    /// Numbers of an input.
    func input(_ k: Int) -> Double { rows[step.inputs[k].rows] * Double(step.inputs[k].shape.count) }
    /// Rows of an input.
    func inputRows(_ k: Int) -> Double { rows[step.inputs[k].rows] }
    /// Numbers of the output.
    var output: Double { rows[step.rows] * Double(step.shape.count) }
    /// Rows of the output.
    var outputRows: Double { rows[step.rows] }
    /// Numbers written before a kernel that always adds.
    var cleared: Double { adds ? 0 : output }

    /// The inputs without those that stand twice.
    var distinctInputs: [Int] {
        step.inputs.indices.filter { k in !step.inputs[..<k].contains { $0.place == step.inputs[k].place } }
    }

    /// Operations by the count of the step's operation, bytes by its traffic.
    func cost(elementSize: Int) -> Cost {
        let traffic = step.operation.traffic(self)
        return Cost(
            operations: rows[step.work.rows] * (step.work.matrix + step.work.other),
            bytes: (traffic.read + traffic.written) * Double(elementSize) + 4 * traffic.indices)
    }
}

extension Calls {
    /// Every input is read once, and the output is written, after reading where the step adds to it.
    var plainTraffic: Traffic {
        Traffic(read: distinctInputs.reduce(adds ? output : 0) { $0 + input($1) }, written: output)
    }

    /// The traffic of a kernel that goes through the pairs: it comes by a row of atoms at both ends of every pair, and
    /// adds to rows of atoms there.
    var pairTraffic: Traffic {
        let pairs = rows[.pairs]
        let perPair = { (space: RowSpace, shape: Shape) in Double((space == .atoms ? 2 : 1) * shape.count) }
        let read = distinctInputs.reduce(0) { $0 + perPair(step.inputs[$1].rows, step.inputs[$1].shape) } * pairs
        let own = perPair(step.rows, step.shape) * pairs
        let toAtoms = step.rows == .atoms
        return Traffic(
            read: read + (toAtoms || adds ? own : 0), written: own + (toAtoms ? cleared : 0), indices: 2 * pairs)
    }
}
