extension Coupling {
    /// S(y, x, w) = Σ_p Σ_c w (y_ic x_jc + y_jc x_ic): the convolution by y, the pair product by w.
    static func convolution(components: Int) -> Coupling {
        Coupling(extents: [components, components, 1], terms: (0..<components).map { Term([$0, $0, 0]) })
    }

    /// V(y, x, w, u) = Σ_p Σ_c u_c w (y_ic x_j − y_jc x_i), with vectors y and u.
    static let direction = Coupling(
        extents: [3, 1, 1, 3], terms: (0..<3).map { Term([$0, 0, 0, $0], isOdd: true) })
}

/// The forms over pairs that have names, as programs are printed, and kernels of their own.
package enum NamedPairForm: String, Hashable, Sendable {
    /// ∂S/∂y, with the inputs x, w.
    case convolution = "conv"
    /// ∂S/∂w, with the inputs y, x.
    case product = "pairProduct"
    /// ∂V/∂y, with the inputs x, w, u.
    case vector = "vectorConv"
    /// ∂V/∂x, with the inputs y, w, u.
    case scalar = "vectorConvToScalar"
    /// ∂V/∂w, with the inputs y, x, u.
    case filter = "vectorConvToFilter"
    /// ∂V/∂u, with the inputs y, x, w.
    case direction = "vectorConvToDirection"

    private static let directional: [NamedPairForm: Coupling] = {
        let form = Coupling.direction
        return [
            .vector: form, .scalar: form.reordered([1, 0, 2, 3], ends: (0, 1)),
            .filter: form.reordered([2, 0, 1, 3], ends: (0, 1)),
            .direction: form.reordered([3, 0, 1, 2], ends: (0, 1)),
        ]
    }()

    /// The name of a form whose inputs are in canonical order; nil where it has none.
    init?(_ form: Coupling, isWide: [Bool], toAtoms: Bool) {
        if form.extents.count == 3, isWide == [true, true, true] {
            let convolution = Coupling.convolution(components: form.extents[1])
            if toAtoms, form == convolution {
                self = .convolution
            } else if !toAtoms, form == convolution.reordered([2, 0, 1], ends: (0, 1)) {
                self = .product
            } else {
                return nil
            }
            return
        }
        let known = Self.directional.first { $0.value == form }?.key
        guard let known, isWide == (known == .direction ? [false, true, true, true] : [true, true, true, false]) else {
            return nil
        }
        self = known
    }

    package var kind: OperationKind {
        switch self {
        case .convolution: .convolution
        case .product: .pairProduct
        case .vector, .scalar, .filter, .direction: .vectorConvolution
        }
    }

    /// Operations for each pair and feature: two products and two sums for each component; in V besides w x_i and w x_j.
    func operations(components: Int) -> Double {
        switch self {
        case .convolution, .product: 4 * Double(components)
        case .vector, .scalar, .filter, .direction: 14
        }
    }
}
