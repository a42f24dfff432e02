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
    package var read: Double
    /// Numbers written.
    package var written: Double
    /// Entries read of index arrays, of four bytes each.
    package var indices: Double

    package init(read: Double, written: Double, indices: Double = 0) {
        (self.read, self.written, self.indices) = (read, written, indices)
    }
}

/// A tensor as a step of a program reads or writes it.
package struct Operand: Sendable {
    /// Where its numbers stand: tensors with the same number share them.
    package let place: Int
    package let rows: RowSpace
    package let shape: Shape
    /// The number of the tensor whose numbers are meant: what a verifier compares with what stands there.
    package let tensor: Int

    package init(place: Int, rows: RowSpace, shape: Shape, tensor: Int) {
        (self.place, self.rows, self.shape, self.tensor) = (place, rows, shape, tensor)
    }
}

/// How often a step was called, with the rows that its calls had in all.
package struct CallRows: Sendable {
    package private(set) var calls: Int
    package private(set) var counts: RowCounts

    package init(calls: Int = 0, counts: RowCounts = RowCounts()) { (self.calls, self.counts) = (calls, counts) }

    package mutating func add(_ counts: RowCounts) {
        calls += 1
        self.counts.add(counts)
    }

    package mutating func add(_ other: CallRows) {
        calls += other.calls
        counts.add(other.counts)
    }

    /// Rows of a space in all calls; fixed rows count in each.
    package subscript(rows: RowSpace) -> Double {
        if case .fixed(let count) = rows { Double(count * calls) } else { Double(counts[rows]) }
    }
}

/// Calls of an operation that all overwrite their output or all add to it. Costs are proportional to rows, so those of many
/// calls follow from the sum of their rows.
public struct Calls: Sendable {
    let inputs: [Operand]
    let result: Operand
    let rows: CallRows
    let adds: Bool

    package init(inputs: [Operand], output: Operand, rows: CallRows, adds: Bool) {
        (self.inputs, result, self.rows, self.adds) = (inputs, output, rows, adds)
    }

    /// Numbers of an input.
    func input(_ k: Int) -> Double { rows[inputs[k].rows] * Double(inputs[k].shape.count) }
    /// Rows of an input.
    func inputRows(_ k: Int) -> Double { rows[inputs[k].rows] }
    /// Numbers of the output.
    var output: Double { rows[result.rows] * Double(result.shape.count) }
    /// Rows of the output.
    var outputRows: Double { rows[result.rows] }
    /// Numbers written before a kernel that always adds.
    var cleared: Double { adds ? 0 : output }

    /// The inputs without those that stand twice.
    var distinctInputs: [Int] {
        inputs.indices.filter { k in !inputs[..<k].contains { $0.place == inputs[k].place } }
    }
}

extension Operation {
    /// Operations by the count of the work, bytes by the traffic.
    package func cost(_ work: Work, _ calls: Calls, elementSize: Int) -> Cost {
        let traffic = traffic(calls)
        return Cost(
            operations: calls.rows[work.rows] * (work.matrix + work.other),
            bytes: (traffic.read + traffic.written) * Double(elementSize) + 4 * traffic.indices)
    }
}

extension Calls {
    /// Every input is read once, and the output is written, after reading where the step adds to it.
    package var plainTraffic: Traffic {
        Traffic(read: distinctInputs.reduce(adds ? output : 0) { $0 + input($1) }, written: output)
    }

    /// The traffic of a kernel that goes through pairs: it comes by a row of atoms at both ends of every pair, and adds to
    /// rows of atoms there.
    package func traffic(over list: PairList) -> Traffic {
        let pairs = rows[list.rows]
        let perPair = { (space: RowSpace, shape: Shape) in Double((space == list.rows ? 1 : 2) * shape.count) }
        let read = distinctInputs.reduce(0) { $0 + perPair(inputs[$1].rows, inputs[$1].shape) } * pairs
        let own = perPair(result.rows, result.shape) * pairs
        let toAtoms = result.rows != list.rows
        return Traffic(
            read: read + (toAtoms || adds ? own : 0), written: own + (toAtoms ? cleared : 0), indices: 2 * pairs)
    }
}
