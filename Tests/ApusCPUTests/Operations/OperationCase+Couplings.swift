@testable import ApusCPU
@testable import ApusGraph

extension OperationCase {
    private static let harmonicCount = Irreps(upTo: 2).components

    /// Equivariant features of degrees 0 to 2.
    private static let equivariant = Shape(components: harmonicCount, features: 5)

    /// A weighted Clebsch–Gordan product of two degrees each with every path.
    private static let product = Coupling.clebschGordan(
        Irreps(upTo: 1), Irreps(upTo: 1), to: (0...2).map(Irrep.natural), weighted: true
    ).coupling

    static let couplings: [OperationCase] = [
        OperationCase("3 × 3 products") {
            coupled(
                .matrixProduct(), $0.input("a", rows: .atoms, shape: Shape(components: 9, features: 17)),
                $0.input("b", rows: .atoms, shape: Shape(components: 9, features: 17)))
        },
        OperationCase("3 × 3 products of rows with one feature") {
            coupled(
                .matrixProduct(), $0.input("a", rows: .pairs, shape: Shape(components: 9)),
                $0.input("b", rows: .pairs, shape: Shape(components: 9)))
        },
        OperationCase("square of 3 × 3 matrices") {
            let a = $0.input("a", rows: .atoms, shape: Shape(components: 9, features: 5))
            return coupled(.matrixProduct(), a, a)
        },
        OperationCase("components") { $0.input("x", rows: .atoms, shape: equivariant).components(1..<4) },
        OperationCase("linear map of components of a parameter") {
            coupled(.linearMap([[1, 0, 2], [0, -1, 0.5]]), $0.parameter("w", rows: 3, components: 3, features: 5))
        },
        OperationCase("Clebsch–Gordan product with harmonics, rows") {
            let x = $0.input("x", rows: .pairs, shape: Shape(components: 4, features: 3))
            let w = $0.input("w", rows: .pairs, shape: Shape(components: product.extents[3], features: 3))
            return coupled(product, x, solidHarmonics($0.input("v", rows: .pairs, shape: .vector), upTo: 1), w)
        },
        OperationCase("Clebsch–Gordan product with harmonics, pairs") {
            let x = $0.input("x", rows: .atoms, shape: Shape(components: 4, features: 3))
            let w = $0.input("w", rows: .pairs, shape: Shape(components: product.extents[3], features: 3))
            let y = solidHarmonics($0.input("v", rows: .pairs, shape: .vector), upTo: 1)
            return coupledPairs(product, x, y, w, to: .atoms)
        },
        OperationCase("Clebsch–Gordan product over pairs, one feature") {
            let x = $0.input("x", rows: .atoms, shape: Shape(components: 4))
            let w = $0.input("w", rows: .pairs, shape: Shape(components: product.extents[3]))
            let y = $0.input("y", rows: .pairs, shape: Shape(components: 4))
            return coupledPairs(product, x, y, w, to: .atoms)
        },
        OperationCase("pairs from both ends, summed over the features") {
            let form = product.reordered([2, 0, 1, 3], ends: (0, 1))
            let x = $0.input("x", rows: .atoms, shape: Shape(components: 4, features: 3))
            let out = $0.input("out", rows: .atoms, shape: Shape(components: form.extents[1], features: 3))
            let w = $0.input("w", rows: .pairs, shape: Shape(components: form.extents[3], features: 3))
            return coupledPairs(form, out, x, w, to: .pairs, features: 1)
        },
        OperationCase("atoms with one feature at one end") {
            let form = Coupling.direction
            let x = $0.input("x", rows: .atoms)
            let w = $0.input("w", rows: .pairs, shape: Shape(features: 3))
            return coupledPairs(form, x, w, $0.input("u", rows: .pairs, shape: .vector), to: .atoms)
        },
        OperationCase("the same atoms at both ends") {
            let x = $0.input("x", rows: .atoms, shape: Shape(components: 3, features: 5))
            let form = Coupling(
                extents: [2, 3, 3],
                terms: [
                    .init([0, 0, 1], 0.5), .init([0, 1, 1]), .init([1, 0, 2], isOdd: true),
                    .init([1, 2, 2], isOdd: true),
                    .init([1, 1, 0], -2),
                ])
            return coupledPairs(form, x, x, to: .pairs)
        },
        OperationCase("symmetric product with weights by species") { symmetricProduct($0, count: 3) },
        OperationCase("symmetric product of four") { symmetricProduct($0, count: 4) },
        OperationCase("solid harmonics") { solidHarmonics($0.input("v", rows: .pairs, shape: .vector), upTo: 4) },
        OperationCase("harmonics of degree 0") {
            solidHarmonics($0.input("v", rows: .pairs, shape: .vector), upTo: 0) + $0.input("x", rows: .pairs)
        },
    ]

    private static func symmetricProduct(_ graph: Graph, count: Int) -> Tensor {
        let features = Irreps(upTo: 1)
        let (form, reduction) = Coupling.symmetricProduct(of: features, to: .natural(1), count: count)!
        let x = graph.input("x", rows: .atoms, shape: Shape(components: features.components, features: 3))
        let paths = graph.parameter("w", rows: Batch.kinds, components: reduction[0].count, features: 3)
        let weights = gather(coupled(.linearMap(reduction), paths), by: .speciesOfAtom)
        return RowCoupling.of(form, [weights] + [Tensor](repeating: x, count: count), features: nil)
    }
}
