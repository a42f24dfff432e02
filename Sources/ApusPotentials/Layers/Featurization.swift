import ApusCPU
import ApusChemistry
import ApusGraph

/// What the first features of an atom are made of, beside its element (modelforge's `properties_to_featurize`).
///
///     x_i = a(Z_i) W + b  [+ p(period_i) W_p]  [+ g(group_i) W_g]  [+ Q w_Q]  [+ S w_S]
///
/// with embeddings a, p and g, the total charge Q and the spin multiplicity S of the system. This is one linear layer
/// on all of them side by side. With the element alone, x_i = a(Z_i).
public struct Featurization: Codable, Hashable, Sendable {
    /// Features of the embedding of periods; nil without.
    public var periodFeatures: Int?
    /// Features of the embedding of groups; nil without.
    public var groupFeatures: Int?
    /// Whether the total charge of the system is an input.
    public var totalCharge = false
    /// Whether the spin multiplicity of the system is an input.
    public var spinMultiplicity = false

    /// The element alone.
    public static let element = Featurization()

    /// The element, with or without charge and spin of the system.
    public init(totalCharge: Bool = false, spinMultiplicity: Bool = false) {
        self.totalCharge = totalCharge
        self.spinMultiplicity = spinMultiplicity
    }
}

extension Layers {
    /// The first features of every atom, `[features]`.
    ///
    /// - Parameter rows: Rows of the embedding of elements; atomic numbers are smaller.
    public func atomFeatures(rows: Int, features: Int) -> Tensor {
        let elements = embedding("embedding", rows: rows, features: features)
        guard featurization != .element else { return elements }
        return group("featurization") {
            var x = linear("element", features, features)(elements)
            if let count = featurization.periodFeatures {
                x = x + table("period", rows: rows, count, features, classes: 8) { $0.period }
            }
            if let count = featurization.groupFeatures {
                x = x + table("group", rows: rows, count, features, classes: 19) { $0.group ?? 0 }
            }
            for (isUsed, input) in [
                (featurization.totalCharge, SystemInput.totalCharges),
                (featurization.spinMultiplicity, .spinMultiplicities),
            ] where isUsed {
                let weight = parameter(input.rawValue, features: features, .glorotUniform, group: .weights)
                x = x + matmul(gather(graph.input(input), by: .systemOfAtom), weight)
            }
            return x
        }
    }

    /// An embedding of a class of elements, mixed into the features.
    private func table(
        _ name: String, rows: Int, _ count: Int, _ features: Int, classes: Int, _ classOf: (Element) -> Int
    ) -> Tensor {
        // The class of each element as a row of zeros and a one, so that elements share the embedding of their class.
        var classOfNumber = [Double](repeating: 0, count: rows * classes)
        for element in Element.all where element.atomicNumber < rows {
            classOfNumber[element.atomicNumber * classes + classOf(element)] = 1
        }
        let selection = graph.constant(classOfNumber, shape: Shape(features: classes))
        let embedding = parameter("\(name).embedding", rows: classes, features: count, .standardNormal)
        return linear(name, count, features, bias: false)(gather(matmul(selection, embedding), by: .speciesOfAtom))
    }
}
