/// The potentials that Apus knows, with their hyper-parameters.
public enum Architecture: Codable, Sendable, Equatable {
    /// Continuous-filter convolutions.
    case schNet(SchNet)
    /// Equivariant messages.
    case paiNN(PaiNN)

    /// The name as in configurations.
    public var name: String {
        switch self {
        case .schNet: "SchNet"
        case .paiNN: "PaiNN"
        }
    }

    /// The network.
    public var representation: any Representation {
        switch self {
        case .schNet(let schNet): schNet
        case .paiNN(let paiNN): paiNN
        }
    }
}
