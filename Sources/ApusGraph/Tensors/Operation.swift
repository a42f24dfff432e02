/// One kind of computation: its meaning, its derivative, which is made of operations again, and what it costs.
///
/// An operation's file holds its meaning, its shape rule (in the function that makes the tensor) and its derivative. How it
/// is run is a matter of the back end.
public protocol Operation: Hashable, Sendable {
    /// The name in messages and printed programs.
    var label: String { get }

    /// The group in profiles.
    var kind: OperationKind { get }

    /// The maps through which rows are read or added to.
    var maps: [RowMap] { get }

    /// The derivative of a scalar by each input (nil where there is none), given the derivative by the output.
    func derivatives(of output: Tensor, cotangent: Tensor) -> [Tensor?]

    /// The rows that the operation goes through, and its floating-point operations for each of them.
    func work(of output: Tensor) -> Work

    /// Numbers that calls of a kernel read and write.
    func traffic(_ calls: Calls) -> Traffic
}

extension Operation {
    /// Most operations go row by row.
    public var maps: [RowMap] { [] }

    /// One operation per element of the output.
    public func work(of output: Tensor) -> Work {
        Work(rows: output.rows, other: Double(output.shape.count))
    }

    /// Most kernels read every input once and write the output.
    public func traffic(_ calls: Calls) -> Traffic { calls.plainTraffic }
}

/// What an operation goes through, with its floating-point operations for each row.
public struct Work: Sendable {
    /// The rows gone through: those of the output, or for sums those of the input.
    public var rows: RowSpace
    /// In matrix products, two for every multiply-add.
    public var matrix: Double = 0
    /// Elsewhere; a transcendental function counts as ten.
    public var other: Double = 0

    package init(rows: RowSpace, matrix: Double = 0, other: Double = 0) {
        (self.rows, self.matrix, self.other) = (rows, matrix, other)
    }
}
