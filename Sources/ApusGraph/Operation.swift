import CApusKernels

/// One kind of computation: its derivative, which is made of operations again, and the kernel that runs it.
///
/// An operation's file holds its meaning, its shape rule (in the function that makes the tensor) and its derivative.
public protocol Operation: Hashable, Sendable {
    /// The name in messages and printed programs.
    var label: String { get }

    /// The group in profiles.
    var kind: OperationKind { get }

    /// How the kernel treats numbers that its output holds already.
    var accumulation: Accumulation { get }

    /// Whether the kernel may write its output over its first input.
    var runsInPlace: Bool { get }

    /// The input that the kernel wants packed for matrix products.
    var packedInput: Int? { get }

    /// The derivative of a scalar by each input (nil where there is none), given the derivative by the output.
    func derivatives(of output: Tensor, cotangent: Tensor) -> [Tensor?]

    /// Floating-point operations per row, in matrix products and elsewhere.
    func work(of output: Tensor) -> Work

    /// Numbers that calls of the kernel read and write.
    func traffic(_ calls: Calls) -> Traffic

    /// Runs the kernel.
    func run(_ launch: borrowing Launch)
}

/// How a kernel treats numbers that its output holds already.
public enum Accumulation: Sendable {
    /// It overwrites them.
    case never
    /// It overwrites them or adds to them, as told.
    case optional
    /// It always adds; the output is cleared before where that is not wanted.
    case always
}

/// Floating-point operations per row of `rows`.
public struct Work: Sendable {
    /// The row space that the count refers to.
    public var rows: RowSpace
    /// In matrix products, two for every multiply-add.
    public var matrix: Double = 0
    /// Elsewhere; a transcendental function counts as ten.
    public var other: Double = 0
}

extension Operation {
    /// Most kernels overwrite.
    public var accumulation: Accumulation { .never }
    /// Most kernels need an output of their own.
    public var runsInPlace: Bool { false }
    /// Most operations read plain matrices.
    public var packedInput: Int? { nil }

    /// One operation per element of the output.
    public func work(of output: Tensor) -> Work {
        Work(rows: output.rows, other: Double(output.shape.count))
    }

    /// Most kernels read every input once and write the output.
    public func traffic(_ calls: Calls) -> Traffic { calls.plainTraffic }
}
