import ApusSystem

@testable import ApusCPU
@testable import ApusGraph

/// A random graph of operations that share inputs in every way, with gradients through it, for comparing programs with
/// the interpreter.
final class RandomGraph {
    static let features = 5

    let graph = Graph()
    private(set) var wanted: [Tensor] = []
    private var random: SeededGenerator
    private var tensors: [Tensor] = []
    private var sums: [Tensor] = []
    private var matrices: [Tensor] = []
    /// Within, a little before and a little beyond the rows of the table.
    private let distance: Tensor
    /// Values, slopes and curvatures made of the parameter `table`.
    private let table: Tensor
    private static let spacing = 0.25

    private let scalars = Shape(features: features)
    private let vectors = Shape(components: 3, features: features)

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        let size = Self.features
        distance = 0.3 * graph.input("distance", rows: .pairs) + 0.25
        let kinds = graph.parameter("table", rows: Batch.kinds, features: size)
        let parts = (0..<Batch.kinds).flatMap { (row: Int) -> [Double] in
            [0.5, 1 - 0.5 * Double(row), 0.25 * Double(row)]
        }
        table = kinds * graph.constant(parts, shape: .vector)
        tensors = [
            graph.input("x", rows: .atoms, shape: scalars), graph.input("v", rows: .atoms, shape: vectors),
            graph.input("s", rows: .systems, shape: scalars), graph.input("w", rows: .pairs, shape: scalars),
            graph.input("u", rows: .pairs, shape: .vector),
            gather(kinds, by: .speciesOfAtom),
            broadcast(graph.parameter("row", features: size), over: .pairs),
        ]
        matrices = ["a", "b", "c"].map { graph.parameter($0, rows: size, features: size) }
        matrices.append(
            stack(graph.parameter("d", rows: size - 1, features: size), graph.parameter("e", features: size)))
        matrices += matrices.map(transpose)
        for _ in 0..<20 { grow() }
        for _ in 0..<5 { sum() }
        differentiate()
        wanted += (0..<4).map { _ in pick(tensors) } + (0..<3).map { _ in pick(sums) }
        random.shuffle(&wanted)
    }

    private func pick<Element>(_ elements: [Element]) -> Element {
        elements[random.index(below: elements.count)]
    }

    /// A tensor that `condition` holds for, one made lately more often than not.
    private func tensor(where condition: (Tensor) -> Bool) -> Tensor {
        let candidates = tensors.filter(condition)
        return random.uniform() < 0.5 ? pick(candidates.suffix(3)) : pick(candidates)
    }

    private func tensor(_ rows: RowSpace, _ shape: Shape) -> Tensor {
        tensor { $0.rows == rows && $0.shape == shape }
    }

    private func grow() {
        let x = tensor { $0.shape == scalars || $0.shape == vectors }
        let same = tensor(x.rows, x.shape)
        let made: Tensor
        switch random.index(below: 21) {
        case 0: made = x + same
        case 1: made = x - same
        case 2: made = -0.5 * x + 0.25
        case 3: made = pick([silu, tanh, shiftedSoftplus, normalDistribution])(x)
        case 4, 5: made = matmul(x, pick(matrices))
        case 6: made = x + matmul(same, pick(matrices))
        case 7:
            let y = tensor(x.rows, x.shape)
            made = matmul(x, pick(matrices)) + (matmul(same, pick(matrices)) + y * y)
        case 8: made = linear(tensor { $0.shape == scalars }, pick(matrices), graph.parameters[1])
        case 9: made = x * tensor { $0.rows == x.rows && ($0.shape == scalars || $0.shape == x.shape) }
        case 10: made = contract(x, same, to: pick([x.shape, scalars]))
        case 11: made = pairConvolution(tensor { $0.rows == .atoms }, filter: tensor(.pairs, scalars))
        case 12:
            let x = tensor { $0.rows == .atoms }
            made = tensor(.pairs, scalars) + pairProduct(x, tensor(.atoms, x.shape))
        case 13:
            made = vectorConvolution(
                tensor(.atoms, scalars), filter: tensor(.pairs, scalars), direction: tensor(.pairs, .vector))
        case 14:
            made = pick([
                segmentSum(tensor(.atoms, scalars), by: .systemOfAtom, into: .systems),
                gather(tensor(.systems, scalars), by: .systemOfAtom), pairDifference(tensor(.atoms, scalars)),
                pairScatter(tensor(.pairs, scalars)),
            ])
        case 15:
            let lookup = TableLookup(order: random.index(below: 2), spacing: Self.spacing)
            made = tensor(.pairs, scalars) + lookup.of(table, distance)
        case 16:
            let (x, y) = (tensor(.atoms, vectors), tensor(.atoms, pick([scalars, vectors])))
            made = tensor(.atoms, vectors) + coupled(form(vectors, x.shape, y.shape), x, y)
        case 17:
            let (x, w) = (tensor(.atoms, pick([scalars, vectors])), tensor(.pairs, scalars))
            let u = tensor(.pairs, .vector)
            made = coupledPairs(form(pick([scalars, vectors]), x.shape, w.shape, u.shape), x, w, u, to: .atoms)
        case 18:
            let (x, y) = (tensor(.atoms, vectors), tensor(.atoms, pick([scalars, vectors])))
            let (w, u) = (tensor(.pairs, scalars), tensor(.pairs, .vector))
            let pairs = coupledPairs(form(.vector, x.shape, y.shape, w.shape), x, y, w, to: .pairs, features: 1)
            made = coupled(form(.vector, .vector, .vector), pairs, u)
        case 19:
            made = solidHarmonics(tensor(.pairs, .vector), upTo: 2).components(pick([1..<4, 5..<8]))
        default:
            made =
                tensor(.pairs, .vector)
                + contract(pairDifference(tensor(.atoms, vectors)), tensor(.pairs, scalars), to: .vector)
        }
        tensors.append(made)
    }

    /// A form of a few terms, some of them odd.
    private func form(_ shapes: Shape...) -> Coupling {
        let terms = (0..<4).map { _ in
            let components = shapes.map { random.index(below: $0.components) }
            let coefficient = 0.5 * Double(1 + random.index(below: 2))
            return Coupling.Term(components, coefficient, isOdd: random.uniform() < 0.5)
        }
        return Coupling(extents: shapes.map(\.components), terms: terms)
    }

    private func sum() {
        let x = tensor { $0.shape == scalars }
        let y = tensor(x.rows, scalars)
        switch random.index(below: 6) {
        case 0: sums.append(columnSum(x))
        case 1: sums.append(outer(x, y))
        case 2: sums.append(outer(x, y) + (outer(y, x) + outer(y, y)))
        case 3: sums.append(transpose(outer(x, y)) + 0.5 * pick(matrices))
        case 4:
            let lookup = TableLookup(order: 0, spacing: Self.spacing)
            sums.append(TableScatter(lookup: lookup).of(tensor(.pairs, scalars), distance, like: table) + table)
        default:
            let atoms = tensor(.atoms, scalars)
            sums.append(segmentSum(atoms, by: .speciesOfAtom, into: .fixed(Batch.kinds)) + graph.parameters[0])
        }
    }

    /// Adds first derivatives and, for some graphs, derivatives of a sum of first derivatives.
    private func differentiate() {
        let inputs = Array(tensors.prefix(5))
        let y = tensor { $0.shape == scalars }
        let first = gradient(of: y, by: inputs + [distance] + graph.parameters)
        wanted += first.compactMap { $0 }
        guard let slope = first[0], random.uniform() < 0.5 else { return }
        wanted += gradient(of: slope * slope, by: graph.parameters).compactMap { $0 }
    }
}
