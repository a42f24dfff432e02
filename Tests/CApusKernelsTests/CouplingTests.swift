import CApusKernels
import Testing

/// Nested sums of random trees against the sum over all their products.
@Suite struct CouplingTests {
    static let widths = [1, 2, 3, 7, 16, 17, 32, 64, 65, 128]

    @Test(arguments: Variant.all) func rows(_ variant: Variant) throws { try variant.run(Rows(pairs: false)) }
    @Test(arguments: Variant.all) func pairs(_ variant: Variant) throws { try variant.run(Rows(pairs: true)) }
    @Test(arguments: Variant.all) func harmonics(_ variant: Variant) throws { try variant.run(Harmonics()) }

    /// Products of `levels` components of one or two arrays, with coefficients that are constants or sums over components of
    /// an array with one feature; the result has all features or their sum.
    private struct Rows: KernelTest {
        /// Whether the wide factors are rows of the atoms of pairs, and the result is added to both.
        let pairs: Bool

        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 11)
            // Every number of features and levels, with the other choices in turn.
            var turn = 0
            for f in CouplingTests.widths {
                for levels in 1...5 {
                    let order = f == 1 ? 0 : turn % 3
                    let (sums, accumulate) = (f > 1 && turn % 2 == 0, pairs || turn % 4 < 2)
                    let tree = Tree(levels: levels, order: order, ends: pairs ? 2 : 1, &random)
                    check(tree, kernels, Real.self, f, sums: sums, accumulate: accumulate, &random)
                    turn += 1
                }
            }
        }

        private func check<Real: BinaryFloatingPoint>(
            _ tree: Tree, _ kernels: apus_kernels, _: Real.Type, _ f: Int, sums: Bool, accumulate: Bool,
            _ random: inout SplitMix
        ) {
            let memory = Memory()
            defer { memory.release() }
            let (rowCount, atomCount) = (19, 4)
            // The first pairs join an atom with itself.
            let indices = (0..<2).map { _ in
                (0..<rowCount).map { _ in Int32.random(in: 0..<Int32(atomCount), using: &random) }
            }
            let ends = [indices[0], Array(indices[0][..<4]) + indices[1][4...]]
            let sourceRows = pairs ? atomCount : rowCount
            let wide: [Real] = random.reals(sourceRows * Tree.components * f)
            let narrow: [Real] = random.reals(rowCount * Tree.components)
            let outWidth = sums ? 1 : f
            let start: [Real] = initialOutput(
                sourceRows * Tree.components * outWidth, accumulate: accumulate, &random)
            func row(_ end: Int, _ r: Int) -> Int { pairs ? Int(ends[end][r]) : r }

            var reference = initialSums(start, accumulate: accumulate)
            for r in 0..<rowCount {
                for product in tree.products {
                    for k in 0..<f {
                        var value = product.value
                        for (end, component) in product.wide {
                            value *= Double(wide[(row(end, r) * Tree.components + component) * f + k])
                        }
                        for component in product.narrow { value *= Double(narrow[r * Tree.components + component]) }
                        let out = (row(product.end, r) * Tree.components + product.output) * outWidth
                        reference[out + (sums ? 0 : k)].add(value)
                    }
                }
            }

            let out = memory.copy(start)
            let indexArrays = ends.map { memory.copy($0).start }
            let source = memory.copy(wide).start
            var inputs = (0..<(pairs ? 2 : 1)).map {
                apus_rows(start: source, index: pairs ? indexArrays[$0] : nil, length: Tree.components * f)
            }
            inputs.append(apus_rows(start: memory.copy(narrow).start, index: nil, length: Tree.components))
            let targets = (0..<(pairs ? 2 : 1)).map {
                apus_rows(start: out.start, index: pairs ? indexArrays[$0] : nil, length: Tree.components * outWidth)
            }
            tree.withForm(features: f, sums: sums, memory, Real.self) { form in
                var form = form
                let scratch = memory.copy([UInt64](repeating: 0, count: kernels.coupling_scratch(&form) / 8 + 1))
                kernels.coupling(rowCount, &form, inputs, targets, accumulate ? 1 : 0, scratch.start)
            }
            expect(
                out, equals: reference,
                "coupling F=\(f) levels=\(tree.levels) order=\(tree.order) sums=\(sums) add=\(accumulate)")
        }
    }

    /// The recurrences of the kernel against the polynomials of degrees 0 to 2 written out, and the sum of squares for all
    /// degrees: Σ_m R_lm² = (2l + 1) r^2l.
    private struct Harmonics: KernelTest {
        func run<Real: BinaryFloatingPoint>(_ kernels: apus_kernels, _: Real.Type) {
            var random = SplitMix(state: 12)
            let (count, degree) = (37, 6)
            let memory = Memory()
            defer { memory.release() }
            let vectors: [Real] = random.reals(3 * count)
            let norms: [Real] = (0...degree).flatMap { l in
                (0...l).map { m in
                    let quotient = (l - m..<l + m).reduce(1.0) { $0 * Double($1 + 1) }
                    return Real((Double((2 * l + 1) * (m == 0 ? 1 : 2)) / quotient).squareRoot())
                }
            }
            let size = (degree + 1) * (degree + 1)
            let out = memory.copy([Real](repeating: .nan, count: count * size))
            kernels.solid_harmonics(
                count, degree, memory.copy(vectors).start, memory.copy(norms).start, out.start)
            out.expectUntouchedFront("solid_harmonics")
            let values = out.values.map { Double($0) }
            for r in 0..<count {
                let (x, y, z) = (Double(vectors[3 * r]), Double(vectors[3 * r + 1]), Double(vectors[3 * r + 2]))
                let square = x * x + y * y + z * z
                let (three, five, fifteen) = (3.0.squareRoot(), 5.0.squareRoot(), 15.0.squareRoot())
                let expected = [
                    1, three * x, three * y, three * z, fifteen * x * z, fifteen * x * y,
                    five * (y * y - (x * x + z * z) / 2), fifteen * y * z, fifteen / 2 * (z * z - x * x),
                ]
                let row = values[r * size..<(r + 1) * size]
                let unit = Double(Real.ulpOfOne)
                let isClose = zip(row, expected).allSatisfy { ($0 - $1).magnitude <= 30 * unit * max(1, square) }
                #expect(isClose, "vector \(r)")
                for l in 0...degree {
                    let sum = row.dropFirst(l * l).prefix(2 * l + 1).reduce(0) { $0 + $1 * $1 }
                    var power = Double(2 * l + 1)
                    for _ in 0..<l { power *= square }
                    // Terms of the recurrences are up to 2^l times the value, which is small for l = 6.
                    let scale = (0..<l).reduce(Double(2 * l + 1)) { scale, _ in 2 * scale * max(square, 0.1) }
                    let isNormalized = (sum - power).magnitude <= 60 * unit * scale
                    #expect(isNormalized, "degree \(l)")
                }
            }
        }
    }
}

/// A random form as a tree of nested sums, with all of its products written out.
private struct Tree {
    static let components = 4

    struct Product {
        var end = 0
        var output = 0
        var wide: [(end: Int, component: Int)] = []
        var narrow: [Int] = []
        var value = 1.0
    }

    let levels: Int
    let order: Int
    private(set) var products: [Product] = []
    private var nodes: [[apus_coupling_node]]
    private var leaves: [apus_coupling_leaf] = []
    private var outputs: [apus_coupling_output] = []
    private var coefficients: [[(narrow: [Int], value: Double)]] = []
    private let ends: Int

    init(levels: Int, order: Int, ends: Int, _ random: inout SplitMix) {
        (self.levels, self.order, self.ends) = (levels, order, ends)
        nodes = [[apus_coupling_node]](repeating: [], count: levels - 1)
        for _ in 0..<3 {
            coefficients.append(
                (0..<(order == 0 ? 1 : 2)).map { _ in
                    let narrow = (0..<order).map { _ in Int.random(in: 0..<Tree.components, using: &random) }
                    return (narrow, Double(Float.random(in: -1...1, using: &random)))
                })
        }
        for end in 0..<ends {
            for component in 0..<Tree.components {
                let start = Product(end: end, output: component)
                // One component has no terms.
                let children = component == 2 ? 0..<0 : grow(level: levels - 1, start, &random)
                outputs.append(
                    apus_coupling_output(
                        rows: Int32(end), offset: Int32(component), begin: Int32(children.lowerBound),
                        end: Int32(children.upperBound)))
            }
        }
    }

    /// Adds sums over one to three items below a product; children stand side by side because levels are filled in order.
    private mutating func grow(level: Int, _ product: Product, _ random: inout SplitMix) -> Range<Int> {
        let count = Int.random(in: 1...2, using: &random)
        let first = level == 0 ? leaves.count : nodes[level - 1].count
        var items: [(factor: Int, product: Product)] = []
        for _ in 0..<count {
            let factor = Int.random(in: 0..<ends * Tree.components, using: &random)
            var next = product
            next.wide.append((factor / Tree.components, factor % Tree.components))
            items.append((factor, next))
        }
        if level == 0 {
            for item in items {
                let index = Int.random(in: 0..<2 * coefficients.count, using: &random)
                leaves.append(apus_coupling_leaf(factor: Int32(item.factor), coefficient: Int32(index)))
                for term in coefficients[index % coefficients.count] {
                    var product = item.product
                    product.narrow = term.narrow
                    product.value = index < coefficients.count ? term.value : -term.value
                    products.append(product)
                }
            }
        } else {
            nodes[level - 1] += items.map { apus_coupling_node(factor: Int32($0.factor), begin: 0, end: 0) }
            for (k, item) in items.enumerated() {
                let children = grow(level: level - 1, item.product, &random)
                nodes[level - 1][first + k].begin = Int32(children.lowerBound)
                nodes[level - 1][first + k].end = Int32(children.upperBound)
            }
        }
        return first..<first + count
    }

    func withForm<Real: BinaryFloatingPoint>(
        features: Int, sums: Bool, _ memory: Memory, _: Real.Type, _ body: (apus_coupling) -> Void
    ) {
        var form = apus_coupling()
        (form.features, form.levels, form.sums_features) = (features, Int32(levels), sums ? 1 : 0)
        (form.input_count, form.target_count) = (ends + 1, ends)
        let factors = (0..<ends * Tree.components).map { k in
            apus_coupling_factor(rows: Int32(k / Tree.components), offset: Int32(k % Tree.components * features))
        }
        let narrow = (0..<Tree.components).map { apus_coupling_factor(rows: Int32(ends), offset: Int32($0)) }
        (form.factor_count, form.factors) = (factors.count, UnsafePointer(memory.copy(factors).start))
        form.narrow_count = order == 0 ? 0 : narrow.count
        form.narrow = UnsafePointer(memory.copy(narrow).start)
        let scaled = outputs.map { output in
            var output = output
            output.offset *= Int32(sums ? 1 : features)
            return output
        }
        (form.output_count, form.outputs) = (outputs.count, UnsafePointer(memory.copy(scaled).start))
        let arrays = (0..<4).map { $0 < nodes.count ? UnsafePointer(memory.copy(nodes[$0]).start) : nil }
        form.nodes = (arrays[0], arrays[1], arrays[2], arrays[3])
        form.leaves = UnsafePointer(memory.copy(leaves).start)
        (form.coefficient_count, form.narrow_order) = (coefficients.count, order)
        let values = coefficients.joined().map { Real($0.value) }
        form.constants = UnsafeRawPointer(memory.copy(order == 0 ? values + values.map { -$0 } : values).start)
        var counted = 0
        let termEnds = coefficients.map { terms -> Int32 in
            counted += terms.count
            return Int32(counted)
        }
        form.coefficient_ends = UnsafePointer(memory.copy(termEnds).start)
        let termFactors = coefficients.joined().flatMap { $0.narrow.map(Int32.init) }
        form.coefficient_factors = UnsafePointer(memory.copy(termFactors).start)
        body(form)
    }
}
