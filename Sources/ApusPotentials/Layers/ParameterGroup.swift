/// How training treats a parameter; the layer that declares it says so.
public struct ParameterGroup: Sendable, Hashable {
    /// Whether training changes it. A frozen parameter has no gradient in the program and keeps its bits.
    public var isTrainable: Bool
    /// What the learning rate is multiplied by.
    public var rateFactor: Double
    /// Whether weight decay pulls it towards zero.
    public var decays: Bool

    /// A group.
    public init(isTrainable: Bool = true, rateFactor: Double = 1, decays: Bool = false) {
        (self.isTrainable, self.rateFactor, self.decays) = (isTrainable, rateFactor, decays)
    }

    /// Matrices of linear layers, which decay.
    public static let weights = ParameterGroup(decays: true)
    /// Biases, embeddings and all else, which do not.
    public static let others = ParameterGroup()
    /// What stays as it is.
    public static let frozen = ParameterGroup(isTrainable: false)
}
