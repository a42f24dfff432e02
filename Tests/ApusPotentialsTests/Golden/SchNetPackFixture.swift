import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph

@testable import ApusPotentials

/// Numbers that SchNetPack computed: parameters, systems, energies, forces and gradients of two losses.
struct SchNetPackFixture {
    let file: Safetensors
    let potential: any Potential
    let systems: [AtomicSystem]
    /// Columns of a layer's output that SchNetPack keeps together with others in one matrix.
    private let features: Int

    init(_ path: String) throws {
        file = try Safetensors.read(path)
        let basis = RadialBasis(
            centers: try file.doubles("buffer/representation.radial_basis.offsets"),
            widths: try file.doubles("buffer/representation.radial_basis.widths"))
        let cutoff = try file.doubles("buffer/representation.cutoff_fn.cutoff")[0]
        let embedding = try file.tensor("param/representation.embedding.weight").shape
        let layers = Int(file.metadata["layers"] ?? "") ?? 0
        features = embedding[1]
        if file.tensors["param/representation.filter_net.weight"] == nil {
            var network = SchNet(cutoff: cutoff)
            (network.features, network.filters, network.interactions) = (features, features, layers)
            (network.radialBasis, network.embeddingRows) = (basis, embedding[0])
            potential = network
        } else {
            var network = PaiNN(cutoff: cutoff)
            (network.features, network.interactions) = (features, layers)
            (network.radialBasis, network.embeddingRows) = (basis, embedding[0])
            potential = network
        }
        let numbers = try file.integers("in/Z")
        let positions = try file.doubles("in/R")
        var first = 0
        systems = try file.integers("in/sizes").map { size in
            let atoms = first..<first + size
            first += size
            return try AtomicSystem(
                numbers: Array(numbers[atoms]),
                positions: atoms.map { SIMD3(positions[3 * $0], positions[3 * $0 + 1], positions[3 * $0 + 2]) })
        }
    }

    /// The same network with the numbers of another file.
    init(_ other: SchNetPackFixture, with file: Safetensors) {
        self.file = file
        (potential, systems, features) = (other.potential, other.systems, other.features)
    }

    /// The numbers of one of our parameters, from `param/`, `grad_ef/` or `grad_e/`.
    ///
    /// SchNetPack's weights are `[outputs, inputs]`, ours `[inputs, outputs]`.
    func values(_ prefix: String, _ declaration: ParameterDeclaration) throws -> [Double] {
        let source = source(of: declaration)
        let values = try file.doubles(prefix + source.key)
        let shape = try file.tensor(prefix + source.key).shape
        let (rows, columns) = (declaration.rows, declaration.features)
        if source.key.hasSuffix("embedding.weight") { return values }
        if shape.count == 1 { return Array(values[source.output..<source.output + columns]) }
        return (0..<rows).flatMap { row in
            (0..<columns).map { values[(source.output + $0) * shape[1] + source.input + row] }
        }
    }

    /// The tensor that holds a parameter and where it starts in it.
    private func source(of declaration: ParameterDeclaration) -> (key: String, output: Int, input: Int) {
        let path = declaration.name.split(separator: ".").map(String.init)
        let kind = path.last!
        switch path[0] {
        case "embedding":
            return ("representation.embedding.weight", 0, 0)
        case "readout":
            return ("output_modules.0.outnet.\(path[1]).\(kind)", 0, 0)
        case "interactions":
            let layer =
                switch path[2] {
                case "inward": "in2f"
                case "filter": "filter_network.\(path[3])"
                default: "f2out.\(path[3])"
                }
            return ("representation.interactions.\(path[1]).\(layer).\(kind)", 0, 0)
        case "messages":
            let net = "representation.interactions.\(path[1]).interatomic_context_net"
            guard let block = ["s": 0, "r": 1, "v": 2][path[2]] else { return ("\(net).0.\(kind)", 0, 0) }
            return ("\(net).1.\(kind)", block * features, 0)
        case "filters":
            let block = 3 * Int(path[1])! + ["s": 0, "r": 1, "v": 2][path[2]]!
            return ("representation.filter_net.\(kind)", block * features, 0)
        default:
            let mixing = "representation.mixing.\(path[1])"
            switch path[2] {
            case "v": return ("\(mixing).mu_channel_mix.\(kind)", 0, 0)
            case "u": return ("\(mixing).mu_channel_mix.\(kind)", features, 0)
            case "hidden":
                return ("\(mixing).intraatomic_context_net.0.\(kind)", 0, path[3] == "n" ? features : 0)
            default:
                let block = ["ss": 0, "vv": 1, "sv": 2][path[2]]!
                return ("\(mixing).intraatomic_context_net.1.\(kind)", block * features, 0)
            }
        }
    }
}
