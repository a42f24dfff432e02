@testable import ApusCPU
@testable import ApusGraph

extension OperationCase {
    /// Every pair of operands with every sum whose derivatives are products again: each axis is in two of the three.
    static let products: [OperationCase] = {
        let shapes = [Shape.scalar, scalars, .vector, vectors]
        var cases: [OperationCase] = []
        for (a, b) in shapes.flatMap({ a in shapes.map { (a, $0) } }) {
            for out in shapes
            where fits(a.components, b.components, out.components) && fits(a.features, b.features, out.features) {
                cases.append(
                    OperationCase("contract \(a), \(b) to \(out)") {
                        contract($0.input("a", rows: .pairs, shape: a), $0.input("b", rows: .pairs, shape: b), to: out)
                    })
            }
        }
        let matrices = Shape(components: 9, features: 5)
        for (b, out) in [(matrices, matrices), (matrices, Shape(features: 5)), (Shape(features: 5), matrices)] {
            cases.append(
                OperationCase("contract \(matrices), \(b) to \(out)") {
                    contract(
                        $0.input("a", rows: .atoms, shape: matrices), $0.input("b", rows: .atoms, shape: b), to: out)
                })
        }
        return cases + [
            OperationCase("product of parameters") { $0.parameter("a", features: 3) * $0.parameter("b", features: 3) }
        ]
    }()

    private static func fits(_ a: Int, _ b: Int, _ out: Int) -> Bool {
        [a, b, out].filter { $0 > 1 }.count != 1
    }

    static let pairs =
        [scalars, vectors].flatMap { shape in
            [
                OperationCase("pairConvolution \(shape)") {
                    let filter = $0.input("filter", rows: .pairs, shape: scalars)
                    return pairConvolution($0.input("x", rows: .atoms, shape: shape), filter: filter)
                },
                OperationCase("pairProduct \(shape)") {
                    pairProduct($0.input("x", rows: .atoms, shape: shape), $0.input("y", rows: .atoms, shape: shape))
                },
                OperationCase("pairDifference \(shape)") {
                    pairDifference($0.input("x", rows: .atoms, shape: shape))
                },
                OperationCase("pairScatter \(shape)") { pairScatter($0.input("x", rows: .pairs, shape: shape)) },
            ]
        } + [
            OperationCase("pairProduct of a tensor with itself") {
                let x = $0.input("x", rows: .atoms, shape: scalars)
                return pairProduct(x, x)
            }
        ]

    /// ∂V by each of its arguments.
    static let directions = ["vectorConv", "vectorConvToScalar", "vectorConvToFilter", "vectorConvToDirection"]
        .enumerated().map { omitted, name in
            OperationCase(name) { graph in
                let arguments = [
                    graph.input("y", rows: .atoms, shape: vectors), graph.input("x", rows: .atoms, shape: scalars),
                    graph.input("w", rows: .pairs, shape: scalars), graph.input("u", rows: .pairs, shape: .vector),
                ]
                let others = (0..<4).filter { $0 != omitted }
                let form = Coupling.direction.reordered([omitted] + others, ends: (0, 1))
                let left = arguments[omitted]
                return PairCoupling.of(
                    form, others.map { arguments[$0] }, to: left.rows, over: .network,
                    features: left.shape.features)
            }
        }
}
