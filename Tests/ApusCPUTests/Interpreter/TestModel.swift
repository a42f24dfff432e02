@testable import ApusCPU
@testable import ApusGraph

/// A small potential with energies, forces and the gradient of a loss: embedding, filters of distances, convolutions,
/// residual layers, a sum per system, derivatives of derivatives.
struct TestModel {
    let graph = Graph()
    let tensors: [Tensor]

    init(features: Int = 12) {
        let size = Shape(features: features)
        let vectors = graph.input("vectors", rows: .pairs, shape: .vector)
        let distances = squareRoot(contract(vectors, vectors, to: .scalar))
        let centers = graph.constant((0..<6).map { 0.4 * Double($0) }, shape: Shape(features: 6))
        let gammas = graph.constant([Double](repeating: 2, count: 6), shape: Shape(features: 6))
        let basis = gaussianBasis(distances, centers: centers, gammas: gammas, withConstant: true)
        let filter = matmul(basis, graph.parameter("filter", rows: 7, features: features))
        let directions = vectors * reciprocal(distances)
        var x = gather(graph.parameter("embedding", rows: Batch.kinds, features: features), by: .speciesOfAtom)
        for layer in 0..<2 {
            let w = graph.parameter("layer \(layer)", rows: features, features: features)
            let b = graph.parameter("bias \(layer)", features: features)
            let v = vectorConvolution(x, filter: filter, direction: directions)
            let m = pairConvolution(x, filter: filter * cosineCutoff(distances, radius: 2)) + contract(v, v, to: size)
            x = x + linear(shiftedSoftplus(matmul(m, w)), w, b)
        }
        let atomic = matmul(silu(x), graph.parameter("readout", rows: features, features: 1))
        let energies = segmentSum(atomic, by: .systemOfAtom, into: .systems)
        let slopes = gradient(of: energies, by: [vectors]).compactMap { $0 }
        let forces = -pairScatter(slopes[0])
        let loss = contract(forces, forces, to: .scalar)
        tensors = [energies, forces] + gradient(of: loss, by: graph.parameters).compactMap { $0 }
    }

    private var ranges: [String: ClosedRange<Double>] {
        var ranges = ["vectors": 0.3...1.2]
        for parameter in graph.parameters { ranges[parameter.name] = -0.4...0.4 }
        return ranges
    }

    /// Chunks of one to three systems and different sizes.
    func batch(chunks: Int, seed: UInt64 = 5) -> Batch {
        let sizes = (0..<chunks).map { k in
            Batch.Sizes(systems: 1 + k % 3, atoms: 4 + k % 5, pairs: k % 7 == 3 ? 0 : 6 + k % 11)
        }
        return Batch(for: tensors, sizes: sizes, ranges: ranges, seed: seed)
    }
}
