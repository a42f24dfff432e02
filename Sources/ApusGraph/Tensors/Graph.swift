import ApusSystem

/// Owns the tensors of one symbolic computation.
///
/// Equal nodes (same operation, same inputs) are made once (hash-consing), so nothing is computed twice.
public final class Graph {
    private struct Key: Hashable {
        let operation: AnyHashable
        let inputs: [Int]
        let rows: RowSpace
        let shape: Shape
    }

    private var nodes: [Key: Tensor] = [:]
    private var inputs: [String: Tensor] = [:]
    /// The parameters in the order of their declaration, which is their order in the flat parameter buffer.
    public private(set) var parameters: [Tensor] = []

    /// An empty graph.
    public init() {}

    /// The node for an operation on inputs, made unless it exists.
    func node(_ operation: some Operation, _ inputs: [Tensor], rows: RowSpace, shape: Shape) -> Tensor {
        require(
            inputs.allSatisfy { $0.graph === self },
            "\(operation.label) of \(inputs.map { "'\($0.name)'" }.joined(separator: " and ")): they are of different graphs"
        )
        let key = Key(operation: AnyHashable(operation), inputs: inputs.map(\.number), rows: rows, shape: shape)
        if let known = nodes[key] { return known }
        let number = nodes.count
        let tensor = Tensor(
            graph: self, operation: operation, inputs: inputs, rows: rows, shape: shape, number: number,
            name: "\(operation.label)#\(number)")
        nodes[key] = tensor
        return tensor
    }

    /// Numbers given with every batch, one row per element of `rows`.
    public func input(_ name: String, rows: RowSpace, shape: Shape = .scalar) -> Tensor {
        require(!rows.isFixed, "input '\(name)' must have rows of the batch; use a parameter or a constant")
        let input = node(Input(name: name), [], rows: rows, shape: shape).named(name)
        let known = inputs.updateValue(input, forKey: name)
        require(known == nil || known == input, "input '\(input)' is declared before as '\(known ?? input)'")
        return input
    }

    /// Numbers that training changes. Declaring the same name twice is an error.
    public func parameter(_ name: String, rows: Int = 1, components: Int = 1, features: Int) -> Tensor {
        require(!parameters.contains { $0.name == name }, "parameter '\(name)' is declared twice")
        let tensor = node(
            Parameter(name: name, index: parameters.count), [], rows: .fixed(rows),
            shape: Shape(components: components, features: features)
        ).named(name)
        parameters.append(tensor)
        return tensor
    }

    /// Fixed numbers, row-major, `values.count / shape.count` rows.
    public func constant(_ values: [Double], shape: Shape) -> Tensor {
        require(
            !values.isEmpty && values.count.isMultiple(of: shape.count),
            "\(values.count) values do not fill rows of shape \(shape)")
        return node(Constant(values: values), [], rows: .fixed(values.count / shape.count), shape: shape)
    }
}

/// The tensors that `outputs` depend on, each after its inputs.
package func topologicalOrder(_ outputs: [Tensor]) -> [Tensor] {
    var seen = Set<Tensor>()
    var order: [Tensor] = []
    // An explicit stack: deep networks make deep graphs.
    var stack: [(tensor: Tensor, next: Int)] = []
    for output in outputs where seen.insert(output).inserted {
        stack.append((output, 0))
        while let (tensor, next) = stack.last {
            if next < tensor.inputs.count {
                stack[stack.count - 1].next += 1
                let input = tensor.inputs[next]
                if seen.insert(input).inserted { stack.append((input, 0)) }
            } else {
                order.append(tensor)
                stack.removeLast()
            }
        }
    }
    return order
}
