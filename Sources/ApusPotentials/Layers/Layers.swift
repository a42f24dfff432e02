import ApusCPU
import ApusGraph
import ApusSystem

/// How the numbers of a parameter are drawn at first.
public enum Initializer: Sendable, Equatable {
    /// All zero.
    case zeros
    /// Uniform in ±√(6 / (rows + features)) (Glorot & Bengio 2010).
    case glorotUniform
    /// Normal with variance one, usual for embeddings.
    case standardNormal
    /// Given numbers, row by row.
    case values([Double])
}

/// A named matrix of numbers that training changes unless it is frozen.
public struct ParameterDeclaration: Sendable, Equatable {
    /// The name, such as `interactions.0.filter.1.weight`; it is the key in the model file.
    public let name: String
    /// Rows; for a linear layer its input features.
    public let rows: Int
    /// Columns; for a linear layer its output features.
    public let features: Int
    /// The distribution of the first values.
    public let initializer: Initializer
    /// How training treats it.
    public var group: ParameterGroup

    /// Elements of the matrix.
    public var count: Int { rows * features }
}

/// Declares the parameters of a network while its graph is built, in groups with dotted names.
public final class Layers {
    /// The graph that is built.
    public let graph: Graph
    let featurization: Featurization
    private(set) var declarations: [ParameterDeclaration] = []
    /// The pairs of the lists that were asked for, by name.
    private var geometries: [(pairs: PairRequest, geometry: Geometry)] = []
    private var prefix: [String] = []
    private var changes: [(inout ParameterGroup) -> Void] = []

    private let tabulation: Tabulation?

    init(graph: Graph, featurization: Featurization = .element, tabulation: Tabulation? = nil) {
        self.graph = graph
        self.featurization = featurization
        self.tabulation = tabulation
    }

    /// The pairs of a list.
    public func geometry(of pairs: PairRequest) -> Geometry {
        if let known = geometries.first(where: { $0.pairs == pairs }) { return known.geometry }
        require(!geometries.contains { $0.pairs.list == pairs.list }, "a list of pairs has two cutoffs")
        let geometry = Geometry(graph, pairs, tabulation: pairs.list == .network ? tabulation : nil)
        geometries.append((pairs, geometry))
        return geometry
    }

    /// The vectors of all lists that were asked for.
    var pairVectors: [Tensor] { geometries.map(\.geometry.vectors) }

    /// Declares what `body` declares under a name.
    public func group<Result>(_ name: String, _ body: () -> Result) -> Result {
        prefix.append(name)
        defer { prefix.removeLast() }
        return body()
    }

    /// Changes how training treats the parameters that `body` declares, such as to freeze them.
    public func treating<Result>(
        _ change: @escaping (inout ParameterGroup) -> Void, _ body: () -> Result
    ) -> Result {
        changes.append(change)
        defer { changes.removeLast() }
        return body()
    }

    /// A matrix of parameters.
    public func parameter(
        _ name: String, rows: Int = 1, features: Int, _ initializer: Initializer, group: ParameterGroup = .others
    ) -> Tensor {
        let fullName = (prefix + [name]).joined(separator: ".")
        if case .values(let values) = initializer {
            require(values.count == rows * features, "'\(fullName)' is given \(values.count) numbers")
        }
        // The outermost has the last word.
        let group = changes.reversed().reduce(into: group) { $1(&$0) }
        declarations.append(
            ParameterDeclaration(
                name: fullName, rows: rows, features: features, initializer: initializer, group: group))
        return graph.parameter(fullName, rows: rows, features: features)
    }

    /// A linear layer.
    public func linear(_ name: String, _ inputs: Int, _ outputs: Int, bias: Bool = true) -> Linear {
        group(name) {
            Linear(
                weight: parameter("weight", rows: inputs, features: outputs, .glorotUniform, group: .weights),
                bias: bias ? parameter("bias", features: outputs, .zeros) : nil)
        }
    }

    /// A learned row of features for each atomic number.
    public func embedding(_ name: String, rows: Int, features: Int) -> Tensor {
        gather(parameter("\(name).weight", rows: rows, features: features, .standardNormal), by: .speciesOfAtom)
    }
}

/// y = x W + b, with W of `[inputs, outputs]`.
public struct Linear {
    /// W.
    let weight: Tensor
    /// b.
    let bias: Tensor?

    /// x W + b.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        if let bias { ApusGraph.linear(x, weight, bias) } else { matmul(x, weight) }
    }
}
