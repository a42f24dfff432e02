import ApusSystem

/// The directional convolution over undirected pairs: out_i = Σ_j u_ij ⊗ (x_j w_ij), where the vector u_ij of a pair
/// points from the first atom to the second and changes sign with the direction
/// (Schütt, Unke & Gastegger 2021, arXiv 2102.03150, the middle term of eq. 8).
///
/// - Parameters:
///   - x: `atoms`, `[F]`.
///   - filter: w, `pairs`, `[F]`.
///   - direction: u, `pairs`, `[3, 1]`.
/// - Returns: `atoms`, `[3, F]`.
public func vectorConvolution(_ x: Tensor, filter: Tensor, direction: Tensor) -> Tensor {
    VectorForm.derivative([.scalar: x, .filter: filter, .direction: direction])
}

// The four operations here are the derivatives of one form that is linear in each of four arguments,
//   V(y, x, w, u) = Σ_p Σ_cf u_pc w_pf (y_icf x_jf − y_jcf x_if),   p = (i, j),
// with vector features y and scalar features x of atoms, filters w and vectors u of pairs. Each operation leaves out
// one argument; its derivative by another puts the cotangent in the place left out and leaves out that other one.

/// ∂V by one of its arguments. The inputs are the other three, in the order y, x, w, u.
package struct VectorForm: Operation {
    /// The arguments in their order.
    package enum Argument: CaseIterable, Sendable {
        /// y, of atoms, `[3, F]`.
        case vector
        /// x, of atoms, `[F]`.
        case scalar
        /// w, of pairs, `[F]`.
        case filter
        /// u, of pairs, `[3, 1]`.
        case direction

        fileprivate var isOfAtoms: Bool { self == .vector || self == .scalar }

        fileprivate func shape(features: Int) -> Shape {
            switch self {
            case .vector: Shape(components: 3, features: features)
            case .scalar, .filter: Shape(features: features)
            case .direction: .vector
            }
        }
    }

    package let omitted: Argument
    package let list: PairList

    package var label: String {
        switch omitted {
        case .vector: "vectorConv"
        case .scalar: "vectorConvToScalar"
        case .filter: "vectorConvToFilter"
        case .direction: "vectorConvToDirection"
        }
    }

    package var kind: OperationKind { .vectorConvolution }
    package var maps: [RowMap] { list.ends }

    /// The derivative of V by the argument that is not given.
    package static func derivative(_ arguments: [Argument: Tensor]) -> Tensor {
        let given = Argument.allCases.filter { arguments[$0] != nil }
        require(given.count == 3, "the directional form leaves out one argument")
        let inputs = given.map { arguments[$0]! }
        let form = VectorForm(
            omitted: Argument.allCases.first { arguments[$0] == nil }!, list: list(arguments[.filter], arguments[.direction]))
        let features = (arguments[.scalar] ?? arguments[.filter] ?? inputs[0]).shape.features
        func rows(_ argument: Argument) -> RowSpace { argument.isOfAtoms ? .atoms : form.list.rows }
        for (argument, tensor) in zip(given, inputs) {
            let (rows, shape) = (rows(argument), argument.shape(features: features))
            require(
                tensor.rows == rows && tensor.shape == shape,
                "\(form.label) of '\(inputs[0])', '\(inputs[1])' and '\(inputs[2])': '\(tensor)' must be \(rows) \(shape)")
        }
        return inputs[0].graph.node(
            form, inputs, rows: rows(form.omitted), shape: form.omitted.shape(features: features))
    }

    private static func list(_ filter: Tensor?, _ direction: Tensor?) -> PairList {
        let ofPairs = (filter ?? direction)!
        guard let list = PairList(rows: ofPairs.rows) else {
            fatalError("vector convolution with '\(ofPairs)': it must have rows of pairs")
        }
        return list
    }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        let others = Argument.allCases.filter { $0 != omitted }
        var arguments = [omitted: d]
        for (argument, input) in zip(others, output.inputs) { arguments[argument] = input }
        return others.map { argument in
            var rest = arguments
            rest[argument] = nil
            return Self.derivative(rest)
        }
    }

    package func work(of output: Tensor) -> Work {
        Work(rows: list.rows, other: 14 * Double(output.inputs.map(\.shape.features).max() ?? 0))
    }

    package func traffic(_ calls: Calls) -> Traffic { calls.traffic(over: list) }
}
