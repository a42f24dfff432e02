import Testing

@testable import ApusCPU
@testable import ApusGraph

/// The first and second derivatives of every operation, by every input and parameter, against central differences in
/// float64; values against the definitions in both precisions.
@Suite struct DerivativeTests {
    @Test(arguments: OperationCase.all) func values(_ operation: OperationCase) throws {
        let tensor = operation.build(Graph())
        let batch = Batch(for: [tensor], ranges: operation.ranges)
        for set in InstructionSet.available {
            for precision in Precision.allCases {
                let evaluation = Evaluation([tensor], precision: precision, instructionSet: set)
                expect(evaluation, computes: batch, "\(set), \(precision)")
            }
        }
    }

    @Test(arguments: OperationCase.all) func derivatives(_ operation: OperationCase) throws {
        let graph = Graph()
        let tensor = operation.build(graph)
        let leaves = topologicalOrder([tensor]).filter { $0.operation is Input || $0.operation is Parameter }
        let weight = weights(like: tensor, "weights")
        let first = gradient(of: tensor, seed: weight, by: leaves)
        let variables = leaves + (weight.operation is Constant ? [] : [weight])
        var second = [Tensor?](repeating: nil, count: variables.count)
        var terms: [Term] = []
        for (leaf, derivative) in zip(leaves, first) {
            guard let derivative else { continue }
            let weight = weights(like: derivative, "weights of \(leaf.name)")
            terms.append(Term(tensor: derivative, weights: weight))
            for (k, part) in gradient(of: derivative, seed: weight, by: variables).enumerated() {
                second[k] = second[k].map { known in part.map { known + $0 } ?? known } ?? part
            }
        }
        #expect(!terms.isEmpty)
        let batch = Batch(for: [tensor] + terms.map(\.tensor) + terms.map(\.weights), ranges: operation.ranges)
        try compare([Term(tensor: tensor, weights: weight)], first, by: leaves, batch, "first derivative")
        try compare(terms, second, by: variables, batch, "second derivative")
    }

    /// Value and slope vanish at the radius, so the energy has no step and the force none either; higher derivatives are
    /// there what they are before it. Beyond everything is zero.
    @Test(arguments: Precision.allCases) func cutoffAtTheRadius(_ precision: Precision) throws {
        let distance = Graph().input("d", rows: .pairs)
        let tensors = (0..<5).map { CosineCutoff(order: $0, radius: 2).of(distance) }
        var batch = Batch(for: tensors, sizes: [.init(systems: 1, atoms: 3, pairs: 3)])
        batch.parts[0].inputs["d"] = [2, Double(Float(2).nextUp), Double(Float(2).nextDown)]
        for set in InstructionSet.available {
            let values = try Evaluation(tensors, precision: precision, instructionSet: set)(batch)
            for (order, value) in values.enumerated() {
                #expect(value[0][1] == 0, "derivative \(order)")
            }
            #expect(values[0][0][0] == 0 && values[1][0][0] == 0)
            #expect((values[2][0][0] - .pi * .pi / 8).magnitude < 1e-6)
            #expect(values[0][0][2] < 1e-12)
            #expect(values[1][0][2].magnitude < 1e-6)
            #expect((values[2][0][2] - .pi * .pi / 8).magnitude < 1e-6)
        }
    }

    /// A tensor and the weights of its elements in a sum L.
    private struct Term {
        let tensor: Tensor
        let weights: Tensor
    }

    private func weights(like tensor: Tensor, _ name: String) -> Tensor {
        guard case .fixed(let rows) = tensor.rows else {
            return tensor.graph.input(name, rows: tensor.rows, shape: tensor.shape)
        }
        if tensor.shape.components == 1 {
            return tensor.graph.parameter(name, rows: rows, features: tensor.shape.features)
        }
        return tensor.graph.constant((0..<tensor.elementCount).map { 0.3 * Double($0 % 7) - 1 }, shape: tensor.shape)
    }

    /// Compares derivatives of L = Σ w·t with (L(x + h) − L(x − h))/2h.
    ///
    /// The difference quotient misses h²/6 L‴, with h = 2⁻¹⁵ less than 2e-10 of a third derivative that is at most a few
    /// hundred times the first here, and rounding adds about ε Σ|w t|/h. Together they stay below 1e-6 of the largest
    /// derivative by the same variable.
    private func compare(
        _ terms: [Term], _ derivatives: [Tensor?], by variables: [Tensor], _ batch: Batch, _ what: String
    ) throws {
        let step = 0x1p-15
        let weights = try Evaluation(terms.map(\.weights))(batch).joined().joined()
        let evaluation = Evaluation(terms.map(\.tensor))
        func products(_ batch: Batch) throws -> [Double] {
            zip(try evaluation(batch).joined().joined(), weights).map { $0 * $1 }
        }
        let size = try products(batch).reduce(0) { $0 + $1.magnitude }
        let known = derivatives.compactMap { $0 }
        var values = known.isEmpty ? [] : try Evaluation(known)(batch)[...]
        for (variable, derivative) in zip(variables, derivatives) {
            let exact = derivative.map { _ in values.removeFirst() }
            let scale = exact?.joined().reduce(0) { max($0, $1.magnitude) } ?? 0
            let tolerance = 1e-7 * scale + 4 * Double.ulpOfOne * size / step
            #expect(scale == 0 || tolerance < 1e-6 * scale, "\(what) by \(variable.name): too small to be checked")
            for element in batch.elements(of: variable) {
                let sides = try [step, -step].map { try products(batch.adding($0, to: element)).reduce(0, +) }
                let difference = (sides[0] - sides[1]) / (2 * step)
                let value = exact?[element.chunk][element.index] ?? 0
                #expect(
                    (difference - value).magnitude <= tolerance,
                    "\(what) by \(variable.name), chunk \(element.chunk), element \(element.index)")
            }
        }
    }
}
