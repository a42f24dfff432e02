import Testing

@testable import ApusCPU
@testable import ApusGraph

/// Equal expressions are one node; different ones are not.
@Suite struct HashConsingTests {
    private let graph = Graph()
    private let x: Tensor
    private let y: Tensor
    private let w: Tensor

    init() {
        x = graph.input("x", rows: .atoms, shape: Shape(features: 4))
        y = graph.input("y", rows: .atoms, shape: Shape(features: 4))
        w = graph.parameter("w", rows: 4, features: 4)
    }

    @Test func equalExpressions() {
        #expect(graph.input("x", rows: .atoms, shape: Shape(features: 4)) === x)
        #expect(matmul(x, w) === matmul(x, w))
        #expect(silu(x + y) === silu(x + y))
        #expect(pairProduct(x, y) === pairProduct(y, x))
        #expect(transpose(transpose(w)) === w)
        #expect(2 * (3 * x) === 6 * x)
        #expect(1 * x === x)
        #expect(-(-x) === x)
        #expect(graph.constant([1, 2], shape: .scalar) === graph.constant([1, 2], shape: .scalar))
        let (first, second) = (gradient(of: silu(matmul(x, w)), by: [w]), gradient(of: silu(matmul(x, w)), by: [w]))
        #expect(first[0] === second[0])
    }

    /// Both derivatives of a product with a matrix and its transpose are sums of outer products, in one place.
    @Test func transposesOfOuterProducts() {
        #expect(transpose(outer(x, y)) === outer(y, x))
        #expect(transpose(outer(x, y) - outer(y, x)) === outer(y, x) - outer(x, y))
        // Where one term has to be exchanged, all are.
        let sum = outer(x, y) + w
        #expect(transpose(sum).operation is Transpose && transpose(transpose(sum)) === sum)

        let scalars = matmul(silu(matmul(x, w)), transpose(w))
        let slopes = gradient(of: scalars, by: [x])[0]!
        let gradients = gradient(of: contract(slopes, slopes, to: .scalar), by: [w])
        let program = compile(outputs: [scalars], sums: [gradients[0]!])
        #expect(program.epilogue.steps.isEmpty && program.accumulatorCount == 16)
        #expect(program.body.filter { $0.operation is Outer }.count > 1)
    }

    /// What depends on the kind of an atom alone is computed for every kind.
    @Test func functionsOfGatheredRows() {
        let table = graph.parameter("table", rows: 5, features: 4)
        let b = graph.parameter("bias", features: 4)
        let rows = gather(table, by: .speciesOfAtom)
        #expect(matmul(rows, w) === gather(matmul(table, w), by: .speciesOfAtom))
        #expect(silu(linear(rows, w, b)) === gather(silu(linear(table, w, b)), by: .speciesOfAtom))
        let ofSystems = graph.input("charge", rows: .systems, shape: Shape(features: 4))
        #expect(matmul(gather(ofSystems, by: .systemOfAtom), w).operation is Matmul)
        let program = compile(outputs: [silu(linear(rows, w, b))])
        #expect(program.body.map(\.operation.label) == ["gather"])
    }

    @Test func differentExpressions() {
        #expect(x + y !== x - y)
        #expect(matmul(x, w) !== matmul(x, transpose(w)))
        #expect(x + 1 !== x + 2)
        #expect(graph.constant([1, 2], shape: .scalar) !== graph.constant([1, 2], shape: Shape(features: 2)))
        #expect(graph.constant([1, 2], shape: .scalar) !== graph.constant([2, 1], shape: .scalar))
        #expect(contract(x, y, to: .scalar) !== x * y)
        let first = cosineCutoff(contract(x, y, to: .scalar), radius: 1)
        #expect(first !== cosineCutoff(contract(x, y, to: .scalar), radius: 2))
        #expect(Graph().input("x", rows: .atoms, shape: Shape(features: 4)) !== x)
    }

    @Test func parametersKeepTheirOrder() {
        let b = graph.parameter("b", features: 4)
        #expect(graph.parameters == [w, b])
        #expect(compile(outputs: [linear(x, w, b)]).parameterCount == 20)
    }

    @Test func inputsComeFirstInTopologicalOrder() {
        let z = silu(x + y) * x
        let order = topologicalOrder([z, x, z])
        #expect(Set(order).count == order.count)
        for (position, tensor) in order.enumerated() {
            for input in tensor.inputs { #expect(order[..<position].contains(input)) }
        }
        #expect(order.count == 5)
    }

    @Test func gradientByWhatIsNotUsedIsNil() {
        let unused = graph.parameter("unused", features: 4)
        let derivatives = gradient(of: matmul(x, w), by: [unused, w, y, x])
        #expect(derivatives[0] == nil)
        #expect(derivatives[1] != nil)
        #expect(derivatives[2] == nil)
        #expect(derivatives[3] != nil)
        #expect(gradient(of: x, by: [y]) == [nil])
    }

    @Test func gradientByItselfIsTheSeed() {
        #expect(gradient(of: x, seed: y, by: [x]) == [y])
    }
}
