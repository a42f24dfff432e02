import ApusSystem
import Testing

@testable import ApusCPU
@testable import ApusGraph

/// Random numbers for the inputs and parameters of a graph, in chunks of given sizes.
struct Batch: Sendable {
    struct Sizes: Sendable {
        var systems: Int
        var atoms: Int
        var pairs: Int
    }

    typealias Part = Chunk

    /// The number of different atoms: rows that tables read by `speciesOfAtom` need.
    static let kinds = 4
    /// Chunks of different sizes: one without pairs, one with more pairs than a block holds twice.
    static let mixed = [
        Sizes(systems: 2, atoms: 5, pairs: 7), Sizes(systems: 1, atoms: 3, pairs: 0),
        Sizes(systems: 3, atoms: 4, pairs: 2 * Program.blockRows + 5),
    ]

    var parts: [Part] = []
    var parameters: [Double]

    /// Numbers for the inputs that `tensors` depend on, uniform in `ranges` (−1 to 1 where none is named) and exact in
    /// either precision.
    init(
        for tensors: [Tensor], sizes: [Sizes] = mixed, ranges: [String: ClosedRange<Double>] = [:], seed: UInt64 = 1
    ) {
        var random = SeededGenerator(seed: seed)
        func numbers(_ count: Int, of name: String) -> [Double] {
            let range = ranges[name] ?? -1...1
            return (0..<count).map { _ in
                Double(Float(range.lowerBound + (range.upperBound - range.lowerBound) * random.uniform()))
            }
        }
        parameters = (tensors.first?.graph.parameters ?? []).flatMap { numbers($0.elementCount, of: $0.name) }
        let order = topologicalOrder(tensors)
        let inputs = order.filter { $0.operation is Input }
        let maps = order.flatMap(\.operation.maps)
        for size in sizes {
            var part = Part()
            part.systems = size.systems
            part.speciesOfAtom = (0..<size.atoms).map { _ in Int32(random.index(below: Self.kinds)) }
            part.systemOfAtom = (0..<size.atoms).map { Int32($0 * size.systems / size.atoms) }
            for _ in 0..<size.pairs {
                let first = random.index(below: size.atoms)
                let second = (first + 1 + random.index(below: size.atoms - 1)) % size.atoms
                part.pairFirst.append(Int32(first))
                part.pairSecond.append(Int32(second))
            }
            part.addRandomMaps(maps, &random)
            for input in inputs {
                part.inputs[input.name] = numbers(part.count(input.rows) * input.shape.count, of: input.name)
            }
            parts.append(part)
        }
    }
}

extension Chunk {
    var speciesOfAtom: [Int32] {
        get { self[.speciesOfAtom] }
        set { self[.speciesOfAtom] = newValue }
    }
    var systemOfAtom: [Int32] {
        get { self[.systemOfAtom] }
        set { self[.systemOfAtom] = newValue }
    }
    var pairFirst: [Int32] {
        get { self[PairList.network.first] }
        set { self[PairList.network.first] = newValue }
    }
    var pairSecond: [Int32] {
        get { self[PairList.network.second] }
        set { self[PairList.network.second] = newValue }
    }

    func count(_ rows: RowSpace) -> Int { counts[rows] }

    /// Maps of further lists and subsets with random entries: some more rows than atoms, or none where there is nothing that
    /// they could name.
    fileprivate mutating func addRandomMaps(_ maps: [RowMap], _ random: inout SeededGenerator) {
        for map in maps where self[map].isEmpty && map.source != .pairs && map.source != .atoms {
            let targets = maps.filter { $0.source == map.source }.compactMap(\.target)
            guard let target = map.target, targets.allSatisfy({ counts[$0] > 0 }) else { continue }
            let rows = counts[map.source] > 0 ? counts[map.source] : counts[.atoms] + 3
            self[map] = (0..<rows).map { _ in Int32(random.index(below: counts[target])) }
        }
    }

    func fill(_ chunk: inout Chunk) { chunk = self }
}

/// The numbers of a tensor: those of each chunk, or one array where its rows are fixed.
typealias Values = [[Double]]

/// Tensors compiled together, with an executor to run them.
struct Evaluation {
    let tensors: [Tensor]
    let program: Program
    let executor: Executor

    init(
        _ tensors: [Tensor], precision: Precision = .float64, threads: Int = 1,
        instructionSet: InstructionSet = .available[0], for chunks: ChunkSize = .small
    ) {
        self.tensors = tensors
        program = compile(
            outputs: tensors.filter { !$0.rows.isFixed }, sums: tensors.filter(\.rows.isFixed), for: chunks)
        #expect(program.fault() == nil)
        executor = Executor(program: program, precision: precision, threads: threads, instructionSet: instructionSet)
    }

    /// The values of each tensor.
    func callAsFunction(_ batch: Batch) throws -> [Values] {
        let outputs = try executor.run(
            chunks: batch.parts.count, parameters: Numbers(batch.parameters, precision: executor.precision)
        ) { batch.parts[$0].fill(&$1) }
        var (output, sum) = (0, 0)
        return tensors.map { tensor in
            if tensor.rows.isFixed {
                defer { sum += 1 }
                return [executor.sums[program.results[sum]]]
            }
            defer { output += 1 }
            return outputs.map { $0[output] }
        }
    }
}
