import ApusSystem
import Synchronization
import Testing

@testable import ApusCPU
@testable import ApusGraph

/// Steps and tasks wait for what they need. A slow step gives the other threads ample time to run ahead of it: where one did
/// not wait, it would find zeros.
@Suite(.serialized) struct WaitingTests {
    /// A copy that is slow to begin.
    private struct Slow: CPUOperation {
        static let seconds = 0.2
        var label: String { "slow" }
        var kind: OperationKind { .copy }
        var accumulation: Accumulation { .never }
        func derivatives(of output: Tensor, cotangent: Tensor) -> [Tensor?] { [cotangent] }

        func run(_ launch: borrowing Launch) {
            let bytes = launch.rows * launch.shape.count * Int(launch.kernels.element_size)
            launch.output.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
            let start = monotonicSeconds()
            while monotonicSeconds() - start < Self.seconds {}
            launch.output.copyMemory(from: launch.input(0), byteCount: bytes)
        }
    }

    private func slow(_ x: Tensor) -> Tensor { x.graph.node(Slow(), [x], rows: x.rows, shape: x.shape) }

    /// A prologue whose second step needs the first.
    @Test func stepsWaitForWhatTheyNeed() throws {
        let graph = Graph()
        let w = graph.parameter("w", rows: 2, features: 3)
        let evaluation = Evaluation([2 * slow(w)], threads: 2)
        let batch = Batch(for: [w], sizes: [])
        #expect(try evaluation(batch)[0][0] == batch.parameters.map { 2 * $0 })
    }

    /// Threads that share a chunk: messages need all atoms.
    @Test func tasksWaitForTheSectionsBefore() throws {
        let graph = Graph()
        let x = graph.input("x", rows: .atoms, shape: Shape(features: 3))
        let w = graph.input("w", rows: .pairs, shape: Shape(features: 3))
        let message = pairConvolution(slow(x), filter: w)
        let batch = Batch(for: [message], sizes: [.init(systems: 1, atoms: 12, pairs: 120)])
        expect(Evaluation([message], threads: 2), computes: batch, "two threads")
    }
}

extension Interpreter {
    /// A copy, whatever its name.
    static func isCopy(_ operation: any Operation) -> Bool { operation.kind == .copy && operation.label == "slow" }
}
