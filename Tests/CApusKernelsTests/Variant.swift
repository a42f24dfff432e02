import CApusKernels
import Testing

/// The kernels of one instruction set in one precision.
struct Variant: Sendable, CustomTestStringConvertible {
    let isa: String
    let elementSize: Int32

    /// The names of the instruction sets compiled in, best first.
    static let instructionSets: [String] = {
        var names: [String] = []
        while let name = apus_isa_name(Int32(names.count)) { names.append(String(cString: name)) }
        return names
    }()

    /// Every instruction set that this machine has, in both precisions.
    static let all: [Variant] = instructionSets.filter { apus_isa_available($0) != 0 }
        .flatMap { [Variant(isa: $0, elementSize: 4), Variant(isa: $0, elementSize: 8)] }

    var testDescription: String { "\(isa) \(elementSize == 4 ? "float" : "double")" }

    /// Runs a test body with the kernels and the scalar type they work on.
    func run(_ test: some KernelTest) throws {
        let kernels = try #require(apus_kernels_for(isa, elementSize)?.pointee)
        #expect(String(cString: kernels.isa) == isa)
        #expect(kernels.element_size == elementSize)
        if elementSize == 4 {
            test.run(kernels, Float.self)
        } else {
            test.run(kernels, Double.self)
        }
    }
}

/// A test body for either precision.
protocol KernelTest {
    func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type)
}
