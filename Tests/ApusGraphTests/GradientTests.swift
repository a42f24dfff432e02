import ApusGraph
import Testing

/// Gradients as graphs: which nodes they make.
@Suite struct GradientTests {
    @Test func whatDoesNotDependHasNoGradient() {
        let graph = Graph()
        let (x, y) = (graph.input("x", rows: .atoms), graph.input("y", rows: .atoms))
        let gradients = gradient(of: silu(x), by: [x, y])
        #expect(gradients[0] != nil)
        #expect(gradients[1] == nil)
    }

    /// d(2x + x)/dx = 3, whatever x is.
    @Test func derivativesOfALinearFunctionAreConstant() throws {
        let x = Graph().input("x", rows: .atoms)
        let slope = try #require(gradient(of: 2 * x + x, by: [x])[0])
        #expect(gradient(of: slope, by: [x])[0] == nil)
    }

    /// The gradient by pair vectors has their rows and shape.
    @Test func gradientsAreLikeWhatTheyAreBy() throws {
        let x = Graph().input("x", rows: .pairs, shape: .vector)
        let slope = try #require(gradient(of: squareRoot(contract(x, x, to: .scalar)), by: [x])[0])
        #expect(slope.rows == x.rows)
        #expect(slope.shape == x.shape)
    }
}
