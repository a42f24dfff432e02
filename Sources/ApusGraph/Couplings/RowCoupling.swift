import ApusSystem

/// The coupling of tensors row by row and feature by feature, leaving out the first argument of the form:
/// out[α, f] = Σ_t C_t b[β_t, f] c[γ_t, f] …
///
/// An argument with one feature is the same for all features; where the result has one, it is the sum over the features.
///
/// - Parameters:
///   - form: its arguments are the result and the inputs.
///   - inputs: tensors with the same rows; each has the components of its argument and F features or one. F features stand in
///     at least two of the inputs and the result.
///   - features: those of the result; as many as the inputs have when nil.
/// - Returns: the rows of the inputs, [components of the first argument, features].
public func coupled(_ form: Coupling, _ inputs: Tensor..., features: Int? = nil) -> Tensor {
    RowCoupling.of(form, inputs, features: features)
}

extension Tensor {
    /// The components of a range: [C, F] to [range, F].
    public func components(_ range: Range<Int>) -> Tensor {
        require(
            !range.isEmpty && range.lowerBound >= 0 && range.upperBound <= shape.components,
            "components \(range) of '\(self)'")
        if range.count == shape.components { return self }
        return coupled(.slice(range, of: shape.components), self)
    }
}

/// ∂P by its first argument, the inputs being the others in canonical order. The derivative by an input puts the cotangent in
/// the place left out and leaves out that input; where a tensor is several of the inputs, the derivatives by all of them are
/// one form.
package struct RowCoupling: Operation {
    package let form: Coupling
    /// The form as nested sums, made when it is first needed.
    package let sums: LazySum

    package var label: String { "coupling" }
    package var kind: OperationKind { .coupling }

    package static func == (a: RowCoupling, b: RowCoupling) -> Bool { a.form == b.form }
    package func hash(into hasher: inout Hasher) { hasher.combine(form) }

    static func of(_ form: Coupling, _ inputs: [Tensor], features: Int?) -> Tensor {
        let names = inputs.map { "'\($0)'" }.joined(separator: ", ")
        let what = "coupling \(form.extents) of \(names)"
        let width = requireArguments(form, inputs, features, what)
        require(inputs.allSatisfy { $0.rows == inputs[0].rows }, "\(what): rows must be the same")
        if inputs.count == 1, let y = beforeGathering(inputs[0], { of(form, [$0], features: features) }) { return y }
        let even = Coupling(
            extents: form.extents, terms: form.terms.map { Coupling.Term($0.components, $0.coefficient) })
        let shape = Shape(components: form.extents[0], features: width)
        let (canonical, sorted) = canonicalCoupling(even, inputs, ends: nil)
        guard !canonical.isZero else { return zeros(inputs[0].graph, rows: inputs[0].rows, shape: shape) }
        let isWide = areWide([width] + sorted.map(\.shape.features))
        let operation = RowCoupling(form: canonical, sums: LazySum { NestedSum(canonical, isWide: isWide) })
        return inputs[0].graph.node(operation, sorted, rows: inputs[0].rows, shape: shape)
    }

    package func derivatives(of output: Tensor, cotangent d: Tensor) -> [Tensor?] {
        couplingDerivatives(form, output.inputs, d, ends: nil) { form, inputs, input in
            RowCoupling.of(form, inputs, features: input.shape.features)
        }
    }

    package func work(of output: Tensor) -> Work {
        let features = ([output] + output.inputs).map(\.shape.features).max()!
        return Work(rows: output.rows, other: Double(features) * sums.value.operations)
    }
}

/// Checks the shapes of a coupling's inputs; returns the features of the result.
func requireArguments(_ form: Coupling, _ inputs: [Tensor], _ features: Int?, _ what: String) -> Int {
    require(
        inputs.map(\.shape.components) == Array(form.extents.dropFirst()),
        "\(what): each input must have the components of its argument")
    let all = inputs.map(\.shape.features)
    let full = max(all.max() ?? 1, features ?? 1)
    let widths = [features ?? full] + all
    require(widths.allSatisfy { $0 == full || $0 == 1 }, "\(what): features do not fit together")
    // Features of one alone would be a plain sum or copy, whose derivative is no coupling.
    require(full == 1 || widths.count { $0 == full } >= 2, "\(what): \(full) features must stand in two of all")
    return widths[0]
}

/// Which arguments have all features.
func areWide(_ features: [Int]) -> [Bool] {
    let full = features.max()!
    return features.map { $0 == full }
}

func zeros(_ graph: Graph, rows: RowSpace, shape: Shape) -> Tensor {
    if case .fixed(let count) = rows {
        return graph.constant([Double](repeating: 0, count: count * shape.count), shape: shape)
    }
    return broadcast(graph.constant([Double](repeating: 0, count: shape.count), shape: shape), over: rows)
}

/// The inputs in an order that depends on what they are alone, so that equal couplings are one node: the ends of a pair first,
/// larger ones before smaller ones, older ones before newer ones. Equal tensors may change places within a term.
///
/// - Parameter ends: the arguments that are rows of atoms at opposite ends of a pair.
func canonicalCoupling(
    _ form: Coupling, _ inputs: [Tensor], ends: (Int, Int)?
) -> (form: Coupling, inputs: [Tensor]) {
    func isEnd(_ k: Int) -> Bool { ends.map { k + 1 == $0.0 || k + 1 == $0.1 } ?? false }
    func rank(_ k: Int) -> (Int, Int, Int, Int) {
        (isEnd(k) ? 0 : 1, -inputs[k].shape.features, -inputs[k].shape.components, inputs[k].number)
    }
    let order = inputs.indices.sorted { rank($0) < rank($1) }
    let sorted = order.map { inputs[$0] }
    let arguments = [0] + order.map { $0 + 1 }
    let ordered = form.reordered(arguments, ends: ends)
    let endCount = order.count(where: isEnd)
    var groups: [[Int]] = []
    for (k, input) in sorted.enumerated().dropFirst(endCount) {
        if k > endCount, sorted[k - 1] == input {
            groups[groups.count - 1].append(k + 1)
        } else {
            groups.append([k + 1])
        }
    }
    let areEqual = endCount == 2 && sorted[0] == sorted[1]
    return (ordered.symmetric(in: groups.filter { $0.count > 1 }, ends: areEqual ? (1, 2) : nil), sorted)
}

/// The derivatives of a coupling by its inputs.
///
/// - Parameter make: makes the tensor of a form at the cotangent and the other inputs, of the shape of an input.
func couplingDerivatives(
    _ form: Coupling, _ inputs: [Tensor], _ d: Tensor, ends: (Int, Int)?,
    _ make: (Coupling, [Tensor], Tensor) -> Tensor
) -> [Tensor?] {
    inputs.indices.map { k in
        let positions = inputs.indices.filter { inputs[$0] == inputs[k] }
        guard positions.first == k else { return nil }
        var terms: [Coupling.Term] = []
        var extents: [Int] = []
        for position in positions {
            let others = inputs.indices.filter { $0 != position }.map { $0 + 1 }
            let left = form.reordered([position + 1, 0] + others, ends: ends)
            terms += left.terms
            extents = left.extents
        }
        let rest = inputs.indices.filter { $0 != k }.map { inputs[$0] }
        return make(Coupling(extents: extents, terms: terms), [d] + rest, inputs[k])
    }
}
