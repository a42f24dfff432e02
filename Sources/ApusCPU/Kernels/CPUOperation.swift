import ApusGraph

/// An operation that the CPU has a kernel for.
///
/// Each operation of the graph conforms in a file of this folder; nothing else of the back end knows operations by name.
protocol CPUOperation: Operation {
    /// How the kernel treats numbers that its output holds already.
    var accumulation: Accumulation { get }

    /// Whether the kernel may write its output over its first input.
    var runsInPlace: Bool { get }

    /// The input that the kernel wants packed for matrix products.
    var packedInput: Int? { get }

    /// The operation as a program runs it on a tensor's inputs: itself, unless the kernel needs tables.
    func prepared(for tensor: Tensor) -> any CPUOperation

    /// Runs the kernel.
    func run(_ launch: borrowing Launch)
}

/// How a kernel treats numbers that its output holds already.
enum Accumulation: Sendable {
    /// It overwrites them.
    case never
    /// It overwrites them or adds to them, as told.
    case optional
    /// It always adds; the output is cleared before where that is not wanted.
    case always
    /// It overwrites them, or takes the larger of both, as told.
    case maximum
}

extension Accumulation {
    /// Whether what is there can be one of the terms of a sum.
    var isSum: Bool { self == .optional || self == .always }
}

extension CPUOperation {
    /// Most kernels overwrite.
    var accumulation: Accumulation { .never }
    /// Most kernels need an output of their own.
    var runsInPlace: Bool { false }
    /// Most operations read plain matrices.
    var packedInput: Int? { nil }
    /// Most kernels need nothing but their inputs.
    func prepared(for tensor: Tensor) -> any CPUOperation { self }
}

extension Tensor {
    /// The operation with its kernel.
    var kernel: any CPUOperation {
        guard let kernel = operation as? any CPUOperation else {
            fatalError("the CPU has no kernel for '\(operation.label)' of '\(self)'")
        }
        return kernel
    }

    /// The input that is read packed for matrix products.
    var packedInput: Int? { (operation as? any CPUOperation)?.packedInput }

    /// Whether the kernel can add to what its output holds.
    var canAccumulate: Bool { (operation as? any CPUOperation).map { $0.accumulation.isSum } ?? false }
}
