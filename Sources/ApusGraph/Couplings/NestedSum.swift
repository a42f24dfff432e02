/// A coupling written as nested sums, which share factors: Σ_u u (Σ_v v (Σ_x C x)) for every component of the result.
///
/// Factors are components of arguments that have all features. Arguments with one feature are folded into the coefficients,
/// which are then sums themselves, one for each row.
package struct NestedSum: Sendable {
    /// The row of an argument that a factor is read from, or a result is added to.
    package enum End: Int, Hashable, Sendable {
        /// The row itself: of atoms, of pairs, or of any rows where there are no ends.
        case own
        /// That of the first atom of the pair.
        case first
        /// That of the second atom.
        case second

        var opposite: End { self == .first ? .second : self == .second ? .first : .own }
    }

    /// A component of an argument, counted without the one that is left out.
    package struct Factor: Hashable, Sendable, Comparable {
        package let argument: Int
        package let end: End
        package let component: Int

        package static func < (a: Factor, b: Factor) -> Bool {
            (a.argument, a.end.rawValue, a.component) < (b.argument, b.end.rawValue, b.component)
        }
    }

    /// A factor before a sum.
    package struct Node: Sendable {
        package let factor: Factor
        /// Nodes of the next level, or leaves.
        package let children: Range<Int>
    }

    /// A factor with a coefficient.
    package struct Leaf: Sendable {
        package let factor: Factor
        package let coefficient: Int
        package let isNegative: Bool
    }

    /// Σ value × narrow factors.
    package struct Coefficient: Hashable, Sendable {
        package var terms: [CoefficientTerm]
    }

    package struct CoefficientTerm: Hashable, Sendable {
        package let value: Double
        package let factors: [Factor]
    }

    /// A component of the result.
    package struct Output: Sendable {
        package let end: End
        package let component: Int
        /// Nodes of the first level, or leaves.
        package let children: Range<Int>
    }

    package private(set) var outputs: [Output] = []
    /// The sums between outputs and leaves, from the outside to the inside.
    package private(set) var levels: [[Node]] = []
    package private(set) var leaves: [Leaf] = []
    package private(set) var coefficients: [Coefficient] = []

    /// Operations for each feature and row: a multiply-add for every leaf and node.
    package var operations: Double { 2 * Double(leaves.count + levels.reduce(0) { $0 + $1.count }) }

    /// A term with its factors sorted out.
    private struct Product {
        var output: (end: End, component: Int)
        var wide: [Factor]
        var narrow: [Factor]
        var value: Double
    }

    /// The sums of a form that leaves out its first argument.
    ///
    /// - Parameters:
    ///   - isWide: for each argument whether it has all features; all have where there is only one feature.
    ///   - ends: the arguments that are rows of atoms at opposite ends of a pair.
    package init(_ form: Coupling, isWide: [Bool], ends: (Int, Int)? = nil) {
        let products = Self.products(form, isWide: isWide, ends: ends)
        let inputs = isWide.indices.dropFirst().filter { isWide[$0] }.map { $0 - 1 }
        let order = Self.order(of: inputs, products)
        let count = inputs.count
        // Products with the same output and wide factors, outermost factor first, are one leaf.
        var grouped: [[Factor]: [CoefficientTerm]] = [:]
        for product in products {
            let wide = order.map { argument in product.wide.first { $0.argument == argument }! }
            let output = Factor(argument: -1, end: product.output.end, component: product.output.component)
            grouped[[output] + wide, default: []].append(
                CoefficientTerm(value: product.value, factors: product.narrow.sorted()))
        }
        let keys = grouped.keys.sorted { $0.lexicographicallyPrecedes($1) }
        addLeaves(keys.map { ($0.last!, grouped[$0]!) })
        // Level by level from the leaves outwards: runs of equal prefixes.
        var prefixes = keys
        for depth in stride(from: count - 1, through: 0, by: -1) {
            var next: [[Factor]] = []
            var starts: [Int] = []
            for (k, prefix) in prefixes.enumerated() {
                let shorter = Array(prefix.dropLast())
                if shorter != next.last {
                    next.append(shorter)
                    starts.append(k)
                }
            }
            starts.append(prefixes.count)
            if depth > 0 {
                levels.insert(
                    next.enumerated().map { Node(factor: $1.last!, children: starts[$0]..<starts[$0 + 1]) }, at: 0)
            } else {
                addOutputs(next.map { $0[0] }, starts, count: form.extents[0], ends: ends?.0 == 0)
            }
            prefixes = next
        }
    }

    private static func products(_ form: Coupling, isWide: [Bool], ends: (Int, Int)?) -> [Product] {
        form.terms.flatMap { term -> [Product] in
            (ends == nil ? [End.own] : [.first, .second]).map { direction in
                // The end that an argument stands at while the pair is read in this direction.
                func end(_ argument: Int) -> End {
                    argument == ends?.0 ? direction : argument == ends?.1 ? direction.opposite : .own
                }
                var product = Product(
                    output: (end(0), term.components[0]), wide: [], narrow: [],
                    value: direction == .second && term.isOdd ? -term.coefficient : term.coefficient)
                for argument in term.components.indices.dropFirst() {
                    let factor = Factor(
                        argument: argument - 1, end: end(argument), component: term.components[argument])
                    if isWide[argument] { product.wide.append(factor) } else { product.narrow.append(factor) }
                }
                return product
            }
        }
    }

    /// The arguments from the outermost to the innermost, with the fewest nodes.
    private static func order(of inputs: [Int], _ products: [Product]) -> [Int] {
        var nodes: [Set<Int>: Int] = [:]
        func count(_ subset: Set<Int>) -> Int {
            if let known = nodes[subset] { return known }
            let prefixes = Set(
                products.map { product in
                    [Factor(argument: -1, end: product.output.end, component: product.output.component)]
                        + product.wide.filter { subset.contains($0.argument) }
                })
            nodes[subset] = prefixes.count
            return prefixes.count
        }
        func best(_ chosen: Set<Int>) -> (order: [Int], nodes: Int) {
            let rest = inputs.filter { !chosen.contains($0) }
            guard !rest.isEmpty else { return ([], 0) }
            return rest.map { next -> (order: [Int], nodes: Int) in
                let inner = best(chosen.union([next]))
                return ([next] + inner.order, count(chosen.union([next])) + inner.nodes)
            }.min { $0.nodes < $1.nodes }!
        }
        return best([]).order
    }

    /// Leaves share coefficients that are equal up to the sign.
    private mutating func addLeaves(_ sums: [(factor: Factor, terms: [CoefficientTerm])]) {
        var known: [Coefficient: Int] = [:]
        for (factor, terms) in sums {
            var sum: [[Factor]: Double] = [:]
            for term in terms { sum[term.factors, default: 0] += term.value }
            let sorted = sum.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            let isNegative = sorted[0].value < 0
            let coefficient = Coefficient(
                terms: sorted.map { CoefficientTerm(value: isNegative ? -$0.value : $0.value, factors: $0.key) })
            let number = known[coefficient] ?? coefficients.count
            if number == coefficients.count {
                known[coefficient] = number
                coefficients.append(coefficient)
            }
            leaves.append(Leaf(factor: factor, coefficient: number, isNegative: isNegative))
        }
    }

    /// All components, also those without terms.
    private mutating func addOutputs(_ keys: [Factor], _ starts: [Int], count: Int, ends: Bool) {
        let ranges = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, starts[$0]..<starts[$0 + 1]) })
        for end in ends ? [End.first, .second] : [.own] {
            for component in 0..<count {
                let key = Factor(argument: -1, end: end, component: component)
                outputs.append(Output(end: end, component: component, children: ranges[key] ?? 0..<0))
            }
        }
    }
}
