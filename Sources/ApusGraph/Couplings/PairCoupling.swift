import ApusSystem

/// The coupling over undirected pairs, feature by feature, leaving out the first argument of the form
///   P(a, b, c, …) = Σ_pairs Σ_t C_t (a_i[α_t] b_j[β_t] ± a_j[α_t] b_i[β_t]) c_ij[γ_t] …,
/// where the sign is − for odd terms. Two arguments are rows of atoms, at opposite ends of the pair: the first of them at the
/// atom i that the vector of the pair r_j − r_i begins at. All others are rows of pairs.
///
/// A result of atoms is the sum over the pairs of each atom: with a term of a harmonic of degree l, which is odd for odd l,
/// out_i = Σ_j C b_j Y_l(r_j − r_i) in both directions.
///
/// - Parameters:
///   - form: its arguments are the result and the inputs.
///   - inputs: each has the components of its argument and F features or one (`coupled`).
///   - rows: of the result, atoms or pairs.
///   - list: the pairs.
///   - features: those of the result; as many as the inputs have when nil.
public func coupledPairs(
    _ form: Coupling, _ inputs: Tensor..., to rows: RowSpace, over list: PairList = .network, features: Int? = nil
) -> Tensor {
    PairCoupling.of(form, inputs, to: rows, over: list, features: features)
}

/// ∂P by its first argument, the inputs being the others in canonical order; derivatives as those of `RowCoupling`.
package struct PairCoupling: Operation {
    package let form: Coupling
    package let list: PairList
    /// The name of the form where it has one, and kernels of its own.
    package let name: NamedPairForm?
    /// The form as nested sums, made when it is first needed.
    package let sums: LazySum

    package var label: String { name?.rawValue ?? "pairCoupling" }
    package var kind: OperationKind { name?.kind ?? .coupling }

    package var maps: [RowMap] { list.ends }

    package static func == (a: PairCoupling, b: PairCoupling) -> Bool { a.form == b.form && a.list == b.list }
    package func hash(into hasher: inout Hasher) {
        hasher.combine(form)
        hasher.combine(list)
    }

    static func of(
        _ form: Coupling, _ inputs: [Tensor], to rows: RowSpace, over list: PairList, features: Int?
    ) -> Tensor {
        let names = inputs.map { "'\($0)'" }.joined(separator: ", ")
        let what = "coupling \(form.extents) over pairs of \(names)"
        let width = requireArguments(form, inputs, features, what)
        let ends = ends(rows, inputs.map(\.rows), list, what)
        let shape = Shape(components: form.extents[0], features: width)
        let (canonical, sorted) = canonicalCoupling(form, inputs, ends: ends)
        let graph = inputs[0].graph
        guard !canonical.isZero else { return zeros(graph, rows: rows, shape: shape) }
        let isWide = areWide([width] + sorted.map(\.shape.features))
        let newEnds = rows == .atoms ? (0, 1) : (1, 2)
        let operation = PairCoupling(
            form: canonical, list: list, name: NamedPairForm(canonical, isWide: isWide, toAtoms: rows == .atoms),
            sums: LazySum { NestedSum(canonical, isWide: isWide, ends: newEnds) })
        return graph.node(operation, sorted, rows: rows, shape: shape)
    }

    /// The arguments of atoms.
    private static func ends(
        _ rows: RowSpace, _ inputs: [RowSpace], _ list: PairList, _ what: String
    ) -> (Int, Int) {
        let all = [rows] + inputs
        let ends = all.indices.filter { all[$0] == .atoms }
        require(
            ends.count == 2 && all.count { $0 == list.rows } == all.count - 2,
            "\(what) to \(rows): two of all must have rows of atoms, the others of \(list.rows)")
        return (ends[0], ends[1])
    }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        // The canonical order has the atoms first.
        let ends = output.rows == .atoms ? (0, 1) : (1, 2)
        return couplingDerivatives(form, output.inputs, d, ends: ends) { form, inputs, input in
            PairCoupling.of(form, inputs, to: input.rows, over: list, features: input.shape.features)
        }
    }

    package func work(of output: Tensor) -> Work {
        let features = ([output] + output.inputs).map(\.shape.features).max()!
        let operations = name?.operations(components: form.extents.max()!) ?? sums.value.operations
        return Work(rows: list.rows, other: Double(features) * operations)
    }

    package func traffic(_ calls: Calls) -> Traffic { calls.traffic(over: list) }
}
