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

    /// The order of the inputs does not matter, nor that of equal ones in a term.
    @Test func couplings() {
        let a = graph.input("a", rows: .atoms, shape: Shape(components: 9, features: 4))
        let b = graph.input("b", rows: .atoms, shape: Shape(components: 9, features: 4))
        let form = Coupling.matrixProduct()
        #expect(coupled(form, a, b) === coupled(form.reordered([0, 2, 1]), b, a))
        #expect(coupled(form, a, b) !== coupled(form, b, a))
        #expect(coupled(form, a, a) === coupled(form.reordered([0, 2, 1]), a, a))
        let trace = Coupling(extents: [1, 9, 9], terms: (0..<9).map { .init([0, $0, $0 % 3 * 3 + $0 / 3]) })
        #expect(coupled(trace, a, b) === coupled(trace, b, a))
        #expect(a.components(0..<9) === a)

        // A cube has one derivative, with each of its six terms once.
        let cube = Coupling(
            extents: [1, 9, 9, 9], terms: [.init([0, 0, 1, 2]), .init([0, 2, 0, 1]), .init([0, 3, 3, 3])])
        let slope = gradient(of: coupled(cube, a, a, a), by: [a])[0]!
        let expected = Coupling(
            extents: [9, 1, 9, 9],
            terms: [.init([0, 0, 1, 2], 2), .init([1, 0, 0, 2], 2), .init([2, 0, 0, 1], 2), .init([3, 0, 3, 3], 3)])
        #expect((slope.operation as? RowCoupling)?.form == expected.reordered([0, 2, 3, 1]))
    }

    /// All derivatives of convolutions are forms with kernels of their own, whichever input was made first.
    @Test(arguments: [false, true]) func namedForms(_ filterFirst: Bool) {
        let graph = Graph()
        let first = filterFirst ? graph.input("w", rows: .pairs, shape: Shape(features: 4)) : nil
        let u = graph.input("u", rows: .pairs, shape: .vector)
        let x = graph.input("x", rows: .atoms, shape: Shape(features: 4))
        let w = first ?? graph.input("w", rows: .pairs, shape: Shape(features: 4))
        let y = vectorConvolution(x, filter: w, direction: u)
        let other = graph.input("other", rows: .pairs, shape: Shape(features: 4))
        let z = pairConvolution(y, filter: other)
        let d = graph.input("d", rows: .atoms, shape: Shape(components: 3, features: 4))
        let names =
            [y, z] + gradient(of: y, seed: d, by: [x, w, u]).compactMap { $0 }
            + gradient(of: z, seed: d, by: [y, other]).compactMap { $0 }
        #expect(
            names.map { ($0.operation as? PairCoupling)?.name } == [
                .vector, .convolution, .scalar, .filter, .direction, .convolution, .product,
            ])
    }

    /// An antisymmetric form of equal inputs is zero.
    @Test func vanishingCouplings() {
        let v = graph.input("v", rows: .atoms, shape: Shape(components: 3, features: 4))
        let cross = Coupling.clebschGordan(
            Irreps([.natural(1)]), Irreps([.natural(1)]), to: [Irrep(degree: 1, isOdd: false)]
        ).coupling
        #expect(coupled(cross, v, v).operation is BroadcastRows)
        let odd = Coupling(extents: [1, 3, 3], terms: [.init([0, 1, 1], isOdd: true)])
        #expect(coupledPairs(odd, v, v, to: .pairs).operation is BroadcastRows)
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
