import Testing

@testable import ApusCPU
@testable import ApusGraph

extension Batch {
    /// One number of an input or a parameter.
    struct Element {
        let tensor: Tensor
        let chunk: Int
        let index: Int
    }

    func elements(of leaf: Tensor) -> [Element] {
        if leaf.operation is Parameter {
            return (0..<leaf.elementCount).map { Element(tensor: leaf, chunk: 0, index: $0) }
        }
        return parts.enumerated().flatMap { chunk, part in
            (0..<part.count(leaf.rows) * leaf.shape.count).map { Element(tensor: leaf, chunk: chunk, index: $0) }
        }
    }

    func adding(_ shift: Double, to element: Element) -> Batch {
        var batch = self
        if let parameter = element.tensor.operation as? Parameter {
            let first = element.tensor.graph.parameters.prefix(parameter.index).reduce(0) { $0 + $1.elementCount }
            batch.parameters[first + element.index] += shift
        } else {
            batch.parts[element.chunk].inputs[element.tensor.name]![element.index] += shift
        }
        return batch
    }
}

/// Expects a program to compute what the definitions say, up to the rounding errors that its precision allows.
func expect(
    _ evaluation: Evaluation, computes batch: Batch, _ context: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let unit = evaluation.executor.precision == .float32 ? 0x1p-24 : 0x1p-53
    var interpreter = Interpreter(batch)
    let expected = interpreter.evaluate(evaluation.tensors)
    guard let values = try? evaluation(batch) else {
        Issue.record("\(context): the batch could not be run", sourceLocation: sourceLocation)
        return
    }
    for (tensor, (values, expected)) in zip(evaluation.tensors, zip(values, expected)) {
        #expect(values.map(\.count) == expected.map(\.count), "\(context), \(tensor)", sourceLocation: sourceLocation)
        let pairs = zip(values.joined(), expected.joined())
        let wrong = pairs.filter { !(($0 - $1.value).magnitude <= 2 * unit * $1.error) }
        let worst = wrong.map { "\($0) instead of \($1.value)" }.prefix(3).joined(separator: ", ")
        #expect(wrong.isEmpty, "\(context), \(tensor): \(worst)", sourceLocation: sourceLocation)
    }
}

extension Batch.Part {
    /// One chunk with the systems of two.
    func joined(with other: Batch.Part) -> Batch.Part {
        let atoms = Int32(speciesOfAtom.count)
        var part = self
        part.systems += other.systems
        part.speciesOfAtom += other.speciesOfAtom
        part.systemOfAtom += other.systemOfAtom.map { $0 + Int32(systems) }
        part.pairFirst += other.pairFirst.map { $0 + atoms }
        part.pairSecond += other.pairSecond.map { $0 + atoms }
        part.inputs.merge(other.inputs) { $0 + $1 }
        return part
    }
}
