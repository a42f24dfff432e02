import Testing

@testable import ApusCPU
@testable import ApusGraph

/// Operations and bytes of single calls, counted by hand for 2 systems, 5 atoms and 7 pairs in float32.
@Suite struct CostTests {
    private static let counts = RowCounts(systems: 2, atoms: 5, pairs: 7)

    /// The cost of calls of the step that computes a tensor.
    private func cost(_ tensor: Tensor, adds: Bool = false, calls: Int = 1) throws -> Cost {
        let program = tensor.rows.isFixed ? compile(outputs: [], sums: [tensor]) : compile(outputs: [tensor])
        let step = try #require(program.body.last)
        #expect(step.operation.label == tensor.operation.label)
        var rows = CallRows()
        for _ in 0..<calls { rows.add(Self.counts) }
        return step.cost(rows, adds: adds, .float32)
    }

    private let graph = Graph()
    private var x: Tensor { graph.input("x", rows: .atoms, shape: Shape(features: 3)) }
    private var y: Tensor { graph.input("y", rows: .atoms, shape: Shape(features: 2)) }
    private var z: Tensor { graph.input("z", rows: .atoms, shape: Shape(features: 3)) }
    private var filter: Tensor { graph.input("filter", rows: .pairs, shape: Shape(features: 3)) }
    private var narrow: Tensor { graph.input("narrow", rows: .pairs, shape: Shape(features: 2)) }
    private var distance: Tensor { graph.input("distance", rows: .pairs) }

    @Test func products() throws {
        let w = graph.parameter("w", rows: 3, features: 2)
        // 5 rows of 3, 3 × 2 numbers of w, 5 rows of 2.
        #expect(try cost(matmul(x, w)) == Cost(operations: 60, bytes: 4 * (15 + 6 + 10)))
        #expect(try cost(matmul(x, w), adds: true) == Cost(operations: 60, bytes: 4 * (15 + 6 + 2 * 10)))
        // The matrix is read in each of three calls.
        #expect(try cost(matmul(x, w), calls: 3) == Cost(operations: 180, bytes: 4 * 3 * (15 + 6 + 10)))
        let biased = linear(x, w, graph.parameter("b", features: 2))
        #expect(try cost(biased) == Cost(operations: 60, bytes: 4 * (15 + 6 + 2 + 10)))
        #expect(try cost(outer(x, y)) == Cost(operations: 60, bytes: 4 * (15 + 10 + 6)))
        #expect(try cost(outer(x, y), adds: true) == Cost(operations: 60, bytes: 4 * (15 + 10 + 2 * 6)))
    }

    @Test func elements() throws {
        #expect(try cost(x * z) == Cost(operations: 15, bytes: 4 * 45))
        #expect(try cost(x * x) == Cost(operations: 15, bytes: 4 * 30))
        #expect(try cost(contract(x, z, to: .scalar)) == Cost(operations: 30, bytes: 4 * (30 + 5)))
        #expect(try cost(x + z) == Cost(operations: 15, bytes: 4 * 45))
        #expect(try cost(silu(x)) == Cost(operations: 150, bytes: 4 * 30))
        #expect(try cost(columnSum(x)) == Cost(operations: 15, bytes: 4 * (15 + 3)))
    }

    /// Index arrays have four bytes for every atom.
    @Test func indexedRows() throws {
        let table = graph.input("table", rows: .systems, shape: Shape(features: 3))
        #expect(try cost(gather(table, by: .systemOfAtom)) == Cost(bytes: 4 * 30 + 20))
        let sum = segmentSum(x, by: .systemOfAtom, into: .systems)
        // Each row is read, added to a row that is read and written; two rows are cleared before.
        #expect(try cost(sum) == Cost(operations: 15, bytes: 4 * (15 + 2 * 15 + 6) + 20))
        #expect(try cost(sum, adds: true) == Cost(operations: 15, bytes: 4 * (15 + 2 * 15) + 20))
    }

    /// Every pair comes by the rows of two atoms and reads two indices.
    @Test func pairs() throws {
        let convolution = pairConvolution(x, filter: filter)
        #expect(try cost(convolution) == Cost(operations: 84, bytes: 4 * (7 * (6 + 3 + 2 * 6) + 15) + 56))
        #expect(try cost(convolution, adds: true) == Cost(operations: 84, bytes: 4 * 7 * (6 + 3 + 2 * 6) + 56))
        #expect(try cost(pairProduct(x, z)) == Cost(operations: 84, bytes: 4 * 7 * (6 + 6 + 3) + 56))
        #expect(try cost(pairProduct(x, x)) == Cost(operations: 84, bytes: 4 * 7 * (6 + 3) + 56))
        #expect(try cost(pairDifference(x)) == Cost(operations: 21, bytes: 4 * 7 * (6 + 3) + 56))
        #expect(try cost(pairScatter(filter)) == Cost(operations: 42, bytes: 4 * (7 * (3 + 2 * 6) + 15) + 56))
        let direction = graph.input("direction", rows: .pairs, shape: .vector)
        let vectors = vectorConvolution(x, filter: filter, direction: direction)
        #expect(try cost(vectors) == Cost(operations: 294, bytes: 4 * (7 * (6 + 3 + 3 + 2 * 18) + 45) + 56))
    }

    /// A multiply-add for every leaf and node: 27 products below 27 components of the first matrix.
    @Test func couplings() throws {
        let a = graph.input("a", rows: .atoms, shape: Shape(components: 9, features: 2))
        let b = graph.input("b", rows: .atoms, shape: Shape(components: 9, features: 2))
        #expect(try cost(coupled(.matrixProduct(), a, b)) == Cost(operations: 5 * 2 * 108, bytes: 4 * 5 * 54))
        // Three components for each end of a pair: a leaf with the vector as its coefficient, below a component of w.
        let x = graph.input("x3", rows: .atoms, shape: Shape(components: 3, features: 2))
        let form = Coupling(extents: [3, 3, 1, 3], terms: (0..<3).map { .init([$0, $0, 0, $0], isOdd: true) })
        let u = graph.input("u", rows: .pairs, shape: .vector)
        #expect(
            try cost(coupledPairs(form, x, narrow, u, to: .atoms))
                == Cost(operations: 7 * 2 * 24, bytes: 4 * (7 * (12 + 2 + 3 + 2 * 12) + 30) + 56))
    }

    /// Each distance lies between two rows of values, slopes and curvatures.
    @Test func tables() throws {
        let table = graph.constant([Double](repeating: 1, count: 30), shape: Shape(components: 3, features: 2))
        let lookup = TableLookup(order: 0, spacing: 1)
        #expect(try cost(lookup.of(table, distance)) == Cost(operations: 168, bytes: 4 * 7 * (1 + 12 + 2)))
        let scatter = TableScatter(lookup: lookup).of(narrow, distance, like: table)
        #expect(try cost(scatter) == Cost(operations: 168, bytes: 4 * (7 * (1 + 2 + 24) + 30)))
    }

    @Test func matricesThatArePackedTransposedMakeAKindOfTheirOwn() throws {
        let w = graph.parameter("w", rows: 3, features: 2)
        let program = compile(outputs: [matmul(matmul(x, w), transpose(w))])
        #expect(program.body.map(program.kind) == [.matrixProduct, .transposedProduct])
    }
}
