/// A node of a symbolic graph: what an operation makes of its inputs, for every row of a row space.
///
/// A tensor holds no numbers. Equal expressions are the same object, so `==` compares identity.
public final class Tensor {
    /// The graph that the tensor belongs to.
    public let graph: Graph
    /// What computes the tensor.
    public let operation: any Operation
    /// What it is computed from.
    public let inputs: [Tensor]
    /// The set its rows run over.
    public let rows: RowSpace
    /// The extents of one row.
    public let shape: Shape
    /// The position in the graph's order of creation; inputs have smaller numbers.
    public let number: Int
    /// The name in error messages and printed programs.
    public private(set) var name: String

    init(
        graph: Graph, operation: any Operation, inputs: [Tensor], rows: RowSpace, shape: Shape, number: Int,
        name: String
    ) {
        self.graph = graph
        self.operation = operation
        self.inputs = inputs
        self.rows = rows
        self.shape = shape
        self.number = number
        self.name = name
    }

    /// Gives the tensor a name for messages and printed programs, and returns it.
    public func named(_ name: String) -> Tensor {
        self.name = name
        return self
    }
}

extension Tensor: Hashable {
    /// Whether both are the same node.
    public static func == (a: Tensor, b: Tensor) -> Bool { a === b }

    /// Hashes the identity of the node.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension Tensor: CustomStringConvertible {
    /// Name, row space and shape, as in `filter: pairs [128]`.
    public var description: String { "\(name): \(rows) \(shape)" }
}
