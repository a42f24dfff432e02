import ApusGraph
import CApusKernels

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A set of vector instructions that kernels were compiled for.
public struct InstructionSet: Hashable, Sendable, CustomStringConvertible {
    /// `x86-64`, `avx2`, `avx512` or `neon`.
    public let description: String

    /// The sets that the program has kernels for and this machine can run, best first.
    public static var available: [InstructionSet] {
        compiled.filter { apus_isa_available($0.description) != 0 }
    }

    /// The sets that the program has kernels for.
    static var compiled: [InstructionSet] {
        var sets: [InstructionSet] = []
        while let name = apus_isa_name(Int32(sets.count)) {
            sets.append(InstructionSet(description: String(cString: name)))
        }
        return sets
    }

    /// The set named by the environment variable `APUS_ISA`, or the best one of this machine.
    ///
    /// - Throws: `InstructionSetError` when the variable names a set that is unknown or that the machine lacks.
    public static func preferred() throws(InstructionSetError) -> InstructionSet {
        let sets = available
        guard let name = getenv("APUS_ISA").map({ String(cString: $0) }), !name.isEmpty else { return sets[0] }
        guard let forced = sets.first(where: { $0.description == name }) else {
            throw InstructionSetError(name: name, available: sets.map(\.description))
        }
        return forced
    }

    /// The kernels for this set in a precision.
    func kernels(_ precision: Precision) -> apus_kernels { kernelTable(precision).pointee }

    /// Where the kernels for this set in a precision stand, for good.
    func kernelTable(_ precision: Precision) -> UnsafePointer<apus_kernels> {
        guard let table = apus_kernels_for(description, Int32(precision.elementSize)) else {
            fatalError("no kernels for \(description)")
        }
        return table
    }
}

/// `APUS_ISA` names an instruction set that cannot be used.
public struct InstructionSetError: Error, CustomStringConvertible {
    let name: String
    let available: [String]

    /// Where the name comes from.
    public let place = "environment variable APUS_ISA"
    /// The rule and the value found.
    public var problem: String { "'\(name)' is not an instruction set of this machine" }
    /// What to do.
    public var remedy: String { "unset it or choose one of \(available.joined(separator: ", "))" }

    /// One sentence: place, problem and remedy.
    public var description: String { "\(place): \(problem); \(remedy)." }
}
