@testable import ApusCPU
@testable import ApusGraph

/// A mistake in making tensors that must stop the program at once, with a message that names what was brought together.
enum Mistake: String, CaseIterable, Codable, Sendable {
    case matmul, matmulMatrix, linear, contractRows, contractComponents, contractFeatures, contractLoneAxis, product
    case addRows, addShape, subtract, pairConvolutionFeatures, pairConvolutionRows, pairProduct, outer, stack
    case vectorConvolutionFilter, vectorConvolutionDirection, vectorConvolutionRows, foreignGraph, seed
    case couplingComponents, couplingFeatures, couplingLoneFeatures, couplingRows, couplingPairs, components, harmonics

    case gatherBySystem, gatherByKind, segmentSumRows, segmentSumTarget, segmentSumKinds, pairDifference, pairScatter
    case transpose, broadcast, gaussianDistance, gaussianTable, cutoff, radialTable, duplicateParameter
    case inputWithFixedRows, inputDeclaredTwice
    case outputWithFixedRows, sumWithRowsOfTheBatch, sumNeededInTheBatch

    /// The names that the message must contain.
    var names: [String] {
        switch self {
        case .duplicateParameter: ["'twice'"]
        case .gatherBySystem, .gatherByKind, .segmentSumRows, .segmentSumTarget, .segmentSumKinds, .pairDifference,
            .pairScatter, .components, .harmonics, .transpose, .broadcast, .gaussianDistance, .cutoff, .radialTable,
            .inputWithFixedRows,
            .inputDeclaredTwice, .outputWithFixedRows, .sumWithRowsOfTheBatch:
            ["'left"]
        default: ["'left", "'right"]
        }
    }

    func make() {
        let graph = Graph()
        func left(_ rows: RowSpace, _ features: Int, _ components: Int = 1) -> Tensor {
            graph.input("left", rows: rows, shape: Shape(components: components, features: features))
        }
        func right(_ rows: RowSpace, _ features: Int, _ components: Int = 1) -> Tensor {
            graph.input("right", rows: rows, shape: Shape(components: components, features: features))
        }
        func matrix(_ name: String, _ rows: Int, _ features: Int) -> Tensor {
            graph.parameter(name, rows: rows, features: features)
        }
        switch self {
        case .matmul: _ = ApusGraph.matmul(left(.atoms, 3), matrix("right", 4, 2))
        case .matmulMatrix: _ = ApusGraph.matmul(left(.atoms, 3), right(.atoms, 3))
        case .linear: _ = ApusGraph.linear(left(.atoms, 3), matrix("w", 3, 2), matrix("right", 1, 3))
        case .contractRows: _ = contract(left(.atoms, 3), right(.pairs, 3), to: .scalar)
        case .contractComponents: _ = contract(left(.atoms, 4, 3), right(.atoms, 4, 2), to: .scalar)
        case .contractFeatures: _ = contract(left(.atoms, 4), right(.atoms, 4), to: Shape(features: 3))
        case .contractLoneAxis: _ = contract(left(.atoms, 4), right(.atoms, 1), to: .scalar)
        case .product: _ = left(.atoms, 3) * silu(right(.atoms, 4)).named("right, activated")
        case .addRows: _ = left(.atoms, 3) + right(.pairs, 3)
        case .addShape: _ = left(.atoms, 3) + right(.atoms, 1)
        case .subtract: _ = left(.atoms, 3) - right(.atoms, 1, 3)
        case .pairConvolutionFeatures: _ = pairConvolution(left(.atoms, 3), filter: right(.pairs, 4))
        case .pairConvolutionRows: _ = pairConvolution(left(.pairs, 3), filter: right(.pairs, 3))
        case .pairProduct: _ = ApusGraph.pairProduct(left(.atoms, 3), right(.atoms, 4))
        case .outer: _ = ApusGraph.outer(left(.atoms, 3), right(.systems, 3))
        case .stack: _ = ApusGraph.stack(matrix("left", 2, 3), matrix("right", 2, 4))
        case .vectorConvolutionFilter:
            _ = vectorConvolution(
                left(.atoms, 3), filter: right(.pairs, 4), direction: graph.input("u", rows: .pairs, shape: .vector))
        case .vectorConvolutionDirection:
            _ = vectorConvolution(
                left(.atoms, 3), filter: graph.input("w", rows: .pairs, shape: Shape(features: 3)),
                direction: right(.pairs, 1))
        case .vectorConvolutionRows:
            _ = vectorConvolution(
                left(.systems, 3), filter: right(.pairs, 3), direction: graph.input("u", rows: .pairs, shape: .vector))
        case .couplingComponents: _ = coupled(.matrixProduct(), left(.atoms, 3, 9), right(.atoms, 3, 3))
        case .couplingFeatures: _ = coupled(.matrixProduct(), left(.atoms, 3, 9), right(.atoms, 4, 9))
        case .couplingLoneFeatures:
            _ = coupled(.matrixProduct(), left(.atoms, 3, 9), right(.atoms, 1, 9), features: 1)
        case .couplingRows: _ = coupled(.matrixProduct(), left(.atoms, 3, 9), right(.pairs, 3, 9))
        case .couplingPairs: _ = coupledPairs(.matrixProduct(), left(.atoms, 3, 9), right(.atoms, 3, 9), to: .atoms)
        case .components: _ = left(.atoms, 3, 9).components(7..<10)
        case .harmonics: _ = solidHarmonics(left(.pairs, 2, 3), upTo: 2)
        case .foreignGraph: _ = left(.atoms, 3) + Graph().input("right", rows: .atoms, shape: Shape(features: 3))
        case .seed: _ = gradient(of: left(.atoms, 3), seed: right(.atoms, 4), by: graph.parameters + [left(.atoms, 3)])
        case .gatherBySystem: _ = gather(left(.atoms, 3), by: .systemOfAtom)
        case .gatherByKind: _ = gather(left(.systems, 3), by: .speciesOfAtom)
        case .segmentSumRows: _ = segmentSum(left(.pairs, 3), by: .systemOfAtom, into: .systems)
        case .segmentSumTarget: _ = segmentSum(left(.atoms, 3), by: .systemOfAtom, into: .fixed(2))
        case .segmentSumKinds: _ = segmentSum(left(.atoms, 3), by: .speciesOfAtom, into: .systems)
        case .pairDifference: _ = ApusGraph.pairDifference(left(.pairs, 3))
        case .pairScatter: _ = ApusGraph.pairScatter(left(.atoms, 3))
        case .transpose: _ = ApusGraph.transpose(left(.atoms, 3))
        case .broadcast: _ = ApusGraph.broadcast(left(.atoms, 3), over: .pairs)
        case .gaussianDistance:
            let table = graph.constant([1, 2], shape: Shape(features: 2))
            _ = gaussianBasis(left(.pairs, 2), centers: table, gammas: table)
        case .gaussianTable:
            let table = graph.constant([1, 2], shape: Shape(features: 2))
            _ = gaussianBasis(left(.pairs, 1), centers: table, gammas: matrix("right", 1, 2))
        case .cutoff: _ = cosineCutoff(left(.pairs, 2), radius: 1)
        case .radialTable: _ = RadialTable(graph, end: 1, points: 3) { cosineCutoff($0, radius: 2) }(left(.pairs, 2))
        case .duplicateParameter: _ = (matrix("twice", 1, 2), matrix("twice", 3, 2))
        case .inputWithFixedRows: _ = left(.fixed(3), 2)
        case .inputDeclaredTwice: _ = (left(.atoms, 2), left(.atoms, 3))
        case .outputWithFixedRows: _ = compile(outputs: [matrix("left", 1, 2)])
        case .sumWithRowsOfTheBatch: _ = compile(outputs: [], sums: [left(.atoms, 2)])
        case .sumNeededInTheBatch:
            let total = columnSum(left(.atoms, 2)).named("left, summed")
            _ = compile(outputs: [ApusGraph.broadcast(total, over: .atoms).named("right")])
        }
    }
}
