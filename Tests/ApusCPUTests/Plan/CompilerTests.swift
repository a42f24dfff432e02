import Testing

@testable import ApusCPU
@testable import ApusGraph

/// What the compiler makes of a graph: which steps, where, into which memory.
@Suite struct CompilerTests {
    private let graph = Graph()
    private let x: Tensor
    private let v: Tensor
    private let w: Tensor

    init() {
        x = graph.input("x", rows: .atoms, shape: Shape(features: 4))
        v = graph.parameter("v", rows: 4, features: 4)
        w = graph.parameter("w", rows: 4, features: 4)
    }

    private func labels(_ steps: [Step]) -> [String] { steps.map(\.operation.label) }

    private func slots(_ program: Program) -> Int {
        program.places.count { if case .chunk = $0 { true } else { false } }
    }

    private func check(_ tensors: [Tensor]) {
        for precision in Precision.allCases {
            expect(Evaluation(tensors, precision: precision), computes: Batch(for: tensors), "\(precision)")
        }
    }

    @Test func deadNodesAreDropped() {
        _ = tanh(matmul(x, v))
        let program = compile(outputs: [silu(matmul(x, w))])
        #expect(labels(program.prologue.steps) == ["pack"])
        #expect(labels(program.body) == ["matmul", "silu"])
        #expect(program.inputs.map(\.name) == ["x"])
    }

    @Test func buffersAreReused() {
        let y = (0..<10).reduce(x) { y, _ in silu(matmul(y, w)) }
        let program = compile(outputs: [y])
        #expect(program.body.count == 20)
        // The input has a slot of its own; matrix products alternate between two.
        #expect(slots(program) == 3)
        check([y])
    }

    @Test func elementWiseStepsRunInPlace() {
        let y = silu(-2 * shiftedSoftplus(matmul(x, w) + 1))
        let program = compile(outputs: [y])
        #expect(Set(program.body.map(\.output.place)).count == 1)
        check([y])
    }

    @Test func inputsAreNotOverwritten() {
        let tensors = [silu(x), x + 1, x]
        #expect(slots(compile(outputs: tensors)) == 3)
        check(tensors)
    }

    @Test func additionHappensInTheProduct() {
        let y = matmul(x, v) + matmul(silu(x), w)
        let program = compile(outputs: [y])
        #expect(labels(program.body) == ["matmul", "silu", "matmul"])
        guard case .add = program.body[2].mode else {
            Issue.record("the second product does not add")
            return
        }
        #expect(program.body[0].output.place == program.body[2].output.place)
        check([y])
    }

    @Test func chainOfAdditionsHappensInTheProducts() {
        let u = graph.parameter("u", rows: 4, features: 4)
        let y = matmul(x, u) + matmul(silu(x), v) + matmul(tanh(x), w)
        let z = y + x * x
        #expect(!labels(compile(outputs: [z]).body).contains("add"))
        check([z])
    }

    /// What is cheap is computed again in every stretch that needs it, what is costly or small is kept.
    @Test func tensorsOfPairsAreKeptOrComputedAgain() {
        let shape = Shape(features: 8)
        let start = graph.input("start", rows: .atoms, shape: shape)
        func made(from filter: Tensor, by name: String) -> Tensor {
            matmul(filter, graph.parameter(name, rows: filter.shape.features, features: 8))
        }
        let filter = graph.input("filter", rows: .pairs, shape: Shape(features: 4))
        let wide = graph.input("wide", rows: .pairs, shape: Shape(features: 16))
        for (filter, products) in [(made(from: filter, by: "cheap"), 2), (made(from: wide, by: "costly"), 1)] {
            let squares = filter * filter
            let first = pairConvolution(start, filter: squares)
            let second = pairConvolution(silu(first), filter: squares)
            let names = labels(compile(outputs: [second]).body)
            #expect(names.count { $0 == "matmul" } == products)
            #expect(names.count { $0 == "product" } == 2)
            #expect(labels(compile(outputs: [second], for: .large).body).count { $0 == "matmul" } == 2)
            check([second, first])
        }
        let distance = contract(filter, filter, to: .scalar)
        let scaled = graph.input("unit", rows: .pairs, shape: shape) * distance
        let first = pairConvolution(start, filter: scaled)
        let second = pairConvolution(silu(first), filter: scaled)
        let program = compile(outputs: [second])
        #expect(program.sections.count(where: \.isOfBlocks) == 2)
        // The squared length of the filter once, its product with the unit in both stretches.
        #expect(labels(program.body).count { $0 == "product" } == 3)
        check([second, first])
    }

    /// Sums whose terms are still read by others, or wanted themselves, need memory of their own.
    @Test func termsStillReadAreKept() {
        let (a, b) = (matmul(x, v), matmul(x, w))
        check([a + b, a])
        check([a + b, b])
        check([a + b, a, b])
        check([a + b, a - b, b - a])
        check([(a + b) * silu(a), a])
        check([(a + b) + silu(b)])
        check([a + matmul(a, v)])
        check([(a + matmul(silu(a), v)) + matmul(a, w)])
        check([a + a, (a + a) + b, b + b])
        check([x + matmul(x, v), x])
        check([(a + b) + matmul(silu(a + b), v), a + b])
        check([silu(a), a])
        check([silu(a) + a, a * a, a])
    }

    @Test func memoryOfAReadTermIsNotReusedForAnother() {
        let a = matmul(x, v)
        let s = a + matmul(tanh(x), w)
        check([s, silu(matmul(s, v)) * silu(matmul(s, w)) + s])
    }

    @Test func sumsOfDerivativesShareAnAccumulator() {
        let y = matmul(x, w) + matmul(silu(x), w) + matmul(tanh(x), w)
        let derivative = gradient(of: y, by: [w]).compactMap { $0 }
        let program = compile(outputs: [], sums: derivative)
        #expect(labels(program.body).count { $0 == "outer" } == 3)
        #expect(program.epilogue.steps.isEmpty)
        #expect(program.accumulatorCount == 16)
        check(derivative)
    }

    @Test func sumWantedBesideItsTermsIsNotMerged() {
        let (a, b) = (outer(x, x), outer(x, silu(x)))
        check([a + b, a])
        check([a + b, b, a + b])
        check([(a + b) + columnSumOfProducts, a + b])
        check([a - b, 2 * a, a + a])
    }

    private var columnSumOfProducts: Tensor { outer(tanh(x), x) }

    @Test func equalResultsAreCopied() {
        let derivatives = gradient(of: matmul(x, v) + matmul(x, w), by: [v, w]).compactMap { $0 }
        #expect(derivatives[0] === derivatives[1])
        let program = compile(outputs: [], sums: derivatives)
        #expect(labels(program.body).count { $0 == "outer" } == 1)
        #expect(program.epilogue.steps.count == 1)
        #expect(program.results.map(\.offset) == [0, 16])
        check(derivatives + [x, x] + derivatives)
    }

    @Test func workOnParametersRunsOncePerBatch() {
        let bias = graph.parameter("bias", features: 4)
        let stacked = stack(w, bias)
        let ones = graph.input("y", rows: .atoms, shape: Shape(features: 5))
        let y = matmul(ones, stacked)
        let derivatives = gradient(of: y, by: [w, bias]).compactMap { $0 }
        let program = compile(outputs: [y], sums: derivatives)
        #expect(labels(program.prologue.steps) == ["stack", "pack"])
        #expect(labels(program.body) == ["matmul", "broadcast", "outer"])
        #expect(labels(program.epilogue.steps) == ["slice", "slice"])
        check([y] + derivatives)
    }

    @Test func resultsWithoutABatchAreHandedOut() {
        check([w, transpose(v), matmul(v, w), graph.constant([1, 2], shape: .scalar), w])
    }

    @Test func transposedMatrixIsPackedNotMade() {
        let program = compile(outputs: [matmul(x, transpose(w)) + matmul(silu(x), transpose(w))])
        #expect(labels(program.prologue.steps) == ["pack"])
        check([matmul(x, transpose(w)), matmul(x, w)] + [transpose(w)])
    }

    @Test func programsDoNotDependOnHashing() {
        let sizes = RowCounts(systems: 2, atoms: 20, pairs: 100)
        let listings = (0..<5).map { _ in
            let tensors = RandomGraph(seed: 3).wanted
            return Evaluation(tensors).program.listing(sizes, precision: .float32)
        }
        #expect(Set(listings).count == 1)
    }

    @Test func listingNamesStepsMemoryAndCost() {
        let y = matmul(x, v) + matmul(silu(x), w).named("residuals")
        let program = compile(outputs: [y], sums: gradient(of: y, by: [w]).compactMap { $0 })
        let sizes = RowCounts(systems: 1, atoms: 1000, pairs: 0)
        let listing = program.listing(sizes, precision: .float64)
        for text in [
            "prologue (once per batch): 2 steps", "+= matmul(", "residuals", "atoms [4]", "sum[0..<16]",
            "arena \(program.arenaBytes(sizes, precision: .float64)) bytes in \(slots(program)) slots",
            "accumulators 128 bytes a lane",
        ] {
            #expect(listing.contains(text), "\(text) in\n\(listing)")
        }
        // Three products of 1000 rows with a 4 × 4 matrix.
        #expect(program.operations(sizes).matrix == 3 * 2 * 1000 * 16)
        #expect(program.arenaBytes(sizes, precision: .float64) == slots(program) * 32_000)
        #expect(program.arenaBytes(sizes, precision: .float32) == slots(program) * 16_000)
    }
}
