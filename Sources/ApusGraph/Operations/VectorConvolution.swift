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
    VectorForm.vector.of(y: nil, x: x, w: filter, u: direction)
}

// The four operations here are the derivatives of one form that is linear in each of four arguments,
//   V(y, x, w, u) = Σ_p Σ_cf u_pc w_pf (y_icf x_jf − y_jcf x_if),   p = (i, j),
// with vector features y and scalar features x of atoms, filters w and vectors u of pairs. Each operation leaves out
// one argument; its derivative by another puts the cotangent in the place left out and leaves out that other one.

/// ∂V by one of its arguments. The inputs are the other three, in the order y, x, w, u.
package enum VectorForm: Operation {
    case vector, scalar, filter, direction

    private static let slots: [VectorForm] = [.vector, .scalar, .filter, .direction]

    package var label: String {
        switch self {
        case .vector: "vectorConv"
        case .scalar: "vectorConvToScalar"
        case .filter: "vectorConvToFilter"
        case .direction: "vectorConvToDirection"
        }
    }

    package var kind: OperationKind { .vectorConvolution }

    /// The derivative of V by this argument at the other three.
    package func of(y: Tensor?, x: Tensor?, w: Tensor?, u: Tensor?) -> Tensor {
        let inputs = [y, x, w, u].compactMap { $0 }
        require(inputs.count == 3, "the directional form leaves out one argument")
        let features = (x ?? w ?? inputs[0]).shape.features
        let (scalar, vector) = (Shape(features: features), Shape(components: 3, features: features))
        for (tensor, rows, shape) in [
            (y, RowSpace.atoms, vector), (x, .atoms, scalar), (w, .pairs, scalar), (u, .pairs, .vector),
        ] {
            guard let tensor else { continue }
            require(
                tensor.rows == rows && tensor.shape == shape,
                "\(label) of '\(inputs[0])', '\(inputs[1])' and '\(inputs[2])': '\(tensor)' must be \(rows) \(shape)")
        }
        let graph = inputs[0].graph
        switch self {
        case .vector: return graph.node(self, inputs, rows: .atoms, shape: vector)
        case .scalar: return graph.node(self, inputs, rows: .atoms, shape: scalar)
        case .filter: return graph.node(self, inputs, rows: .pairs, shape: scalar)
        case .direction: return graph.node(self, inputs, rows: .pairs, shape: .vector)
        }
    }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        var arguments: [VectorForm: Tensor] = [self: d]
        let others = Self.slots.filter { $0 != self }
        for (slot, input) in zip(others, output.inputs) { arguments[slot] = input }
        return others.map { slot in
            var rest = arguments
            rest[slot] = nil
            return slot.of(y: rest[.vector], x: rest[.scalar], w: rest[.filter], u: rest[.direction])
        }
    }

    package func work(of output: Tensor) -> Work {
        Work(rows: .pairs, other: 14 * Double(output.inputs.map(\.shape.features).max() ?? 0))
    }

    package func traffic(_ calls: Calls) -> Traffic { calls.pairTraffic }
}
