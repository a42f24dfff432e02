import ApusCPU
import ApusFiles
import ApusGraph
import ApusTestSupport
import Testing

@testable import ApusPotentials

/// Activation functions and their derivatives against PyTorch, whose values `Tools/make_activation_golden.py` wrote.
@Suite struct ActivationTests {
    /// A function with PyTorch's values and derivatives at some points.
    private struct Golden {
        let activation: Activation
        let points: [Double]
        let orders: [[Double]]

        static func all() throws -> [Golden] {
            let file = try JSONValue(parsing: try readFile(path: "\(goldenFolder)/activations.json"))
            func numbers(_ value: JSONValue?) throws -> [Double] {
                try #require(value?.array).map { try #require($0.real) }
            }
            let points = try numbers(file["x"])
            return try #require(file["functions"]?.array).map { function in
                let name = try #require(Activation.Name(rawValue: function["name"]?.string ?? ""))
                let orders = try ["value", "first", "second"].map { try numbers(function[$0]) }
                return Golden(
                    activation: Activation(name, argument: function["argument"]?.real), points: points, orders: orders)
            }
        }
    }

    /// Value, first and second derivative at some points.
    private func evaluate(_ activation: Activation, at points: [Double], _ run: GoldenTests.Run) throws -> [[Double]] {
        let x = Graph().input("x", rows: .systems, shape: Shape(features: 1))
        var tensors: [Tensor?] = [activation(x)]
        for order in 0..<2 {
            tensors.append(tensors[order].flatMap { gradient(of: columnSum($0), by: [x])[0] })
        }
        let executor = Executor(
            program: compile(outputs: tensors.compactMap { $0 }, sums: []), precision: run.precision, threads: 1,
            instructionSet: run.instructionSet)
        var values = try executor.run(chunks: 1, parameters: Numbers([], precision: run.precision)) { _, chunk in
            chunk.systems = points.count
            chunk.inputs["x"] = points
        }[0][...]
        // What has no derivative left is linear between its bends.
        return tensors.map { $0 == nil ? points.map { _ in 0 } : values.removeFirst() }
    }

    /// A function has at most three operations, each exact to 4 ulp of its largest term; terms are at most 4 times as large as
    /// the largest value here. Second derivatives that jump have no value at zero, and either side's is right there.
    @Test(arguments: GoldenTests.Run.all) func pyTorchAgrees(_ run: GoldenTests.Run) throws {
        let functions = try Golden.all()
        #expect(Set(functions.map(\.activation.name)).union([.shiftedSoftplus]) == Set(Activation.Name.allCases))
        for golden in functions {
            let found = try evaluate(golden.activation, at: golden.points, run)
            for (order, (found, expected)) in zip(found, golden.orders).enumerated() {
                let hasAll = order < 2 || golden.activation.continuousDerivatives == nil
                let compared = golden.points.indices.filter { hasAll || golden.points[$0] != 0 }
                let error = relativeError(compared.map { found[$0] }, compared.map { expected[$0] })
                #expect(
                    error < (run.precision == .float64 ? 1e-14 : 6e-6),
                    "\(golden.activation), derivative \(order)")
            }
        }
    }

    /// Derivatives are those of the function: (f(x + h) − f(x − h))/2h misses h²/6 f‴, 10⁻¹⁰ of it with h = 2⁻¹⁵, and rounding
    /// adds ε |f|/h = 10⁻¹⁰ for |x| up to 12.
    @Test func derivativesAreThoseOfTheFunction() throws {
        let run = GoldenTests.Run(precision: .float64, instructionSet: bestInstructionSet)
        let step = 0x1p-15
        for activation in try Golden.all().map(\.activation) + [.shiftedSoftplus] {
            let points = stride(from: -12.0, to: 12, by: 0.1303).filter { abs($0) > 0.01 }
            let exact = try evaluate(activation, at: points, run)
            let (above, below) = (
                try evaluate(activation, at: points.map { $0 + step }, run),
                try evaluate(activation, at: points.map { $0 - step }, run)
            )
            for order in 0..<2 {
                let differences = zip(above[order], below[order]).map { ($0 - $1) / (2 * step) }
                let worst = zip(differences, exact[order + 1]).map { abs($0 - $1) }.max() ?? .nan
                #expect(worst < 1e-8, "\(activation), derivative \(order + 1)")
            }
        }
    }

    /// What is said about jumps is what the derivatives on both sides of zero show.
    @Test func derivativesJumpWhereTheyAreSaidTo() throws {
        let run = GoldenTests.Run(precision: .float64, instructionSet: bestInstructionSet)
        for activation in try Golden.all().map(\.activation) + [.shiftedSoftplus, .elu(alpha: 1), .elu(alpha: 1.01)] {
            let sides = try evaluate(activation, at: [-1e-9, 1e-9], run)
            let firstJump = sides.firstIndex { abs($0[0] - $0[1]) > 1e-6 }
            #expect(firstJump.map { $0 - 1 } == activation.continuousDerivatives, "\(activation)")
        }
    }
}
