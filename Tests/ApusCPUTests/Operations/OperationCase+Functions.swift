@testable import ApusCPU
@testable import ApusGraph

extension OperationCase {
    static let functions: [OperationCase] =
        [0, 1, 2].flatMap { order in
            [ScalarFunction.shiftedSoftplus, .silu].map { function in
                OperationCase("\(function), derivative \(order)", ranges: ["x": -4...4]) {
                    let x = $0.input("x", rows: .atoms, shape: vectors)
                    return $0.node(ElementWise(function: function, order: order), [x], rows: x.rows, shape: x.shape)
                }
            }
        } + [
            OperationCase("sigmoid", ranges: ["x": -4...4]) { sigmoid($0.input("x", rows: .atoms, shape: scalars)) },
            OperationCase("tanh", ranges: ["x": -2...2]) { tanh($0.input("x", rows: .pairs, shape: scalars)) },
            OperationCase("normalDistribution", ranges: ["x": -4...4]) {
                normalDistribution($0.input("x", rows: .atoms, shape: vectors))
            },
            OperationCase("negativeExponential of negative numbers", ranges: ["x": -4 ... -0.1]) {
                negativeExponential($0.input("x", rows: .atoms, shape: vectors))
            },
            OperationCase("negativeExponential of positive numbers, and numbers", ranges: ["x": 0.1...4]) {
                let x = $0.input("x", rows: .pairs, shape: scalars)
                return x + negativeExponential(x)
            },
            OperationCase("positive numbers times rectified ones", ranges: ["x": 0.1...4]) {
                let x = $0.input("x", rows: .atoms, shape: vectors)
                return x * rectifier(x)
            },
            OperationCase("rectified negative numbers", ranges: ["x": -4 ... -0.1]) {
                rectifier($0.input("x", rows: .atoms, shape: vectors))
            },
            OperationCase("squareRoot", ranges: ["x": 0.5...2]) {
                squareRoot($0.input("x", rows: .pairs, shape: scalars))
            },
            OperationCase("reciprocal", ranges: ["x": 0.5...2]) {
                reciprocal($0.input("x", rows: .pairs, shape: scalars))
            },
            OperationCase("absolute value of positive numbers", ranges: ["x": 0.1...2]) {
                absolute($0.input("x", rows: .atoms, shape: vectors))
            },
            OperationCase("absolute value of negative numbers", ranges: ["x": -2 ... -0.1]) {
                absolute($0.input("x", rows: .atoms, shape: vectors))
            },
            OperationCase("square of clamped numbers inside", ranges: ["x": -0.9...0.9]) {
                let c = clamp($0.input("x", rows: .pairs, shape: scalars))
                return c * c
            },
            OperationCase("numbers times clamped ones outside", ranges: ["x": -3 ... -1.1]) {
                let x = $0.input("x", rows: .pairs, shape: scalars)
                return x * clamp(x)
            },
            OperationCase("silu of a parameter") { silu($0.parameter("w", rows: 2, features: 3)) },
        ]

    /// The cutoff radius of the cases; distances come close to it from both sides but do not sit on its kink.
    static let radius = 2.0

    static let distances: [OperationCase] =
        [0, 1, 2].flatMap { order in
            [false, true].map { constant in
                let name = "gaussianBasis\(constant ? " with a constant" : ""), derivative \(order)"
                return OperationCase(name, ranges: ["d": 0.2...2.5]) {
                    let centers = $0.constant((0..<features).map { 0.15 * Double($0) }, shape: scalars)
                    let gammas = $0.constant((0..<features).map { 2 + 0.3 * Double($0) }, shape: scalars)
                    let basis = GaussianBasis(order: order, withConstant: constant)
                    return basis.of($0.input("d", rows: .pairs), centers, gammas)
                }
            }
        }
        + [0, 1, 2, 3, 4].flatMap { order in
            [
                ("inside", 0.1...1.9), ("just below", 1.999...1.9995), ("just beyond", 2.0005...2.001),
                ("beyond", 2.1...9),
            ]
            .map { place, range in
                OperationCase("cosineCutoff \(place), derivative \(order)", ranges: ["d": range]) {
                    CosineCutoff(order: order, radius: radius).of($0.input("d", rows: .pairs))
                }
            }
        }
}
