import ApusGraph
import ApusSystem

/// What a program runs on: number format, threads and kernels.
public struct Device: Sendable, Hashable, CustomStringConvertible {
    /// The number format.
    public var precision: Precision
    /// The number of threads.
    public var threads: Int
    /// The kernels.
    public var instructionSet: InstructionSet

    /// The kernels that ``InstructionSet/preferred()`` names, in float32 and on all cores unless told otherwise.
    ///
    /// - Throws: `InstructionSetError` when the environment asks for kernels that cannot run.
    public init(precision: Precision = .float32, threads: Int = coreCount()) throws(InstructionSetError) {
        self.init(precision: precision, threads: threads, instructionSet: try .preferred())
    }

    /// Given kernels.
    public init(precision: Precision = .float32, threads: Int = coreCount(), instructionSet: InstructionSet) {
        require(threads > 0, "a program needs a thread to run on, not \(threads)")
        self.precision = precision
        self.threads = threads
        self.instructionSet = instructionSet
    }

    /// The same in another number format.
    public func with(_ precision: Precision) -> Device {
        var device = self
        device.precision = precision
        return device
    }

    /// `float32, 2 threads, avx512 kernels`.
    public var description: String { "\(precision), \(threads) threads, \(instructionSet) kernels" }
}

extension Executor {
    /// Prepares the memory to run a program on a device.
    public convenience init(_ program: Program, on device: Device) {
        self.init(
            program: program, precision: device.precision, threads: device.threads,
            instructionSet: device.instructionSet)
    }
}

extension Numbers {
    /// Numbers in the format of a device.
    public convenience init(_ values: [Double], on device: Device) { self.init(values, precision: device.precision) }
}
