import ApusGraph

/// One computation of a tensor in the body of a program. A tensor of a list may be computed in several stretches.
final class BodyNode: Hashable {
    let tensor: Tensor
    let inputs: [BodyNode]
    /// Whether the numbers of one block of rows are enough, because nothing outside of the stretch reads them.
    let isLocal: Bool

    init(_ tensor: Tensor, inputs: [BodyNode], isLocal: Bool) {
        self.tensor = tensor
        self.inputs = inputs
        self.isLocal = isLocal
    }

    static func == (a: BodyNode, b: BodyNode) -> Bool { a === b }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// The order in which the body computes its tensors.
///
/// What goes through a list, such as the pairs, runs in *stretches*: all its operations on one block of rows after another, so
/// that the numbers of a block stay in the cache. A stretch reads tensors of atoms, and of other lists, that are complete
/// before it, and what it adds to them is complete after it. Tensors of a list that several of its stretches need are kept if
/// that is little or, in small chunks, if they are costly, and computed again otherwise.
struct BodyOrder {
    private(set) var nodes: [BodyNode] = []
    /// The positions of the nodes that go through a list block by block, with the list.
    private(set) var stretches: [(nodes: Range<Int>, list: RowSpace)] = []
    /// The last node of each kept tensor.
    private(set) var nodeOf: [Tensor: BodyNode] = [:]

    /// Up to this many numbers a row are kept rather than computed again.
    private static let keptCount = 4
    /// Above this many operations a number it is kept in small chunks rather than computed again.
    private static let keptCost = 24.0

    private let chunks: ChunkSize
    private let steps: [Tensor]
    private let inBody: Set<Tensor>
    /// What the operation of a tensor goes through.
    private let loop: [Tensor: RowSpace]
    /// The number of stretches that must have run before a tensor can be computed.
    private var level: [Tensor: Int] = [:]
    /// The levels of the stretches that a tensor of a list is needed in.
    private var needed: [Tensor: Set<Int>] = [:]
    private var kept = Set<Tensor>()

    /// Orders tensors that are given in an order of dependency.
    ///
    /// - Parameter accumulatorOf: for each sum over rows the accumulator it goes into.
    init(_ steps: [Tensor], outputs: [Tensor], accumulatorOf: [Tensor: Int], for chunks: ChunkSize) {
        self.chunks = chunks
        let groups = Self.sumsByAccumulator(steps, accumulatorOf)
        self.steps = Self.gathering(groups, in: steps, accumulatorOf)
        inBody = Set(steps)
        loop = Dictionary(uniqueKeysWithValues: steps.map { ($0, $0.operation.work(of: $0).rows) })
        for tensor in self.steps { level[tensor] = earliestLevel(of: tensor) }
        for group in groups.values {
            let last = group.map { level[$0]! }.max()!
            for tensor in group { level[tensor] = last }
        }
        let sums = Set(accumulatorOf.keys)
        postpone(outputs: Set(outputs), sums: sums)
        chooseKept(outputs: outputs)
        emit()
    }

    /// Sums over plain sets by their accumulator. Sums over lists stay where they are: keeping their inputs alive would cost
    /// more than it saves.
    private static func sumsByAccumulator(_ steps: [Tensor], _ accumulatorOf: [Tensor: Int]) -> [Int: [Tensor]] {
        let sums = steps.filter { tensor in
            accumulatorOf[tensor] != nil && tensor.inputs.allSatisfy { !$0.rows.isList }
        }
        return Dictionary(grouping: sums) { accumulatorOf[$0]! }
    }

    /// Puts sums that go into the same accumulator side by side, so that it is in the cache for all but the first.
    private static func gathering(
        _ groups: [Int: [Tensor]], in steps: [Tensor], _ accumulatorOf: [Tensor: Int]
    ) -> [Tensor] {
        steps.flatMap { tensor -> [Tensor] in
            guard let group = accumulatorOf[tensor].flatMap({ groups[$0] }), group.contains(tensor) else {
                return [tensor]
            }
            return tensor == group.last ? group : []
        }
    }

    private func bodyInputs(_ tensor: Tensor) -> [Tensor] { tensor.inputs.filter(inBody.contains) }

    /// Whether a tensor is computed in a stretch.
    private func isInStretch(_ tensor: Tensor) -> Bool { !(tensor.operation is Input) && loop[tensor]!.isList }

    /// Whether a tensor has a row for every row of the list that it is computed from.
    private func isRowByRow(_ tensor: Tensor) -> Bool { tensor.rows.isList && loop[tensor] == tensor.rows }

    /// Whether a tensor reads an input block by block: both go through one list, row by row.
    private func readsBlocks(_ tensor: Tensor, of input: Tensor) -> Bool {
        input.rows.isList && loop[tensor] == input.rows
    }

    /// The stretch that a tensor is computed in, or the first that can follow it.
    private func earliestLevel(of tensor: Tensor) -> Int {
        bodyInputs(tensor).map { input in
            let isComplete = !isInStretch(input) || isRowByRow(input) && readsBlocks(tensor, of: input)
            return level[input]! + (isComplete ? 0 : 1)
        }.max() ?? 0
    }

    /// Moves tensors of atoms and systems behind the stretches that do not need them, so that they occupy memory late.
    private mutating func postpone(outputs: Set<Tensor>, sums: Set<Tensor>) {
        var latest: [Tensor: Int] = [:]
        for tensor in steps.reversed() {
            if let late = latest[tensor], !isInStretch(tensor), !outputs.contains(tensor), !sums.contains(tensor) {
                level[tensor] = late
            }
            for input in bodyInputs(tensor) { latest[input] = min(latest[input] ?? .max, level[tensor]!) }
        }
    }

    private func isCostly(_ tensor: Tensor, _ cost: [Tensor: Double]) -> Bool {
        chunks == .small && (cost[tensor] ?? 0) > Self.keptCost * Double(tensor.shape.count)
    }

    private mutating func chooseKept(outputs: [Tensor]) {
        kept = Set(outputs)
        var cost: [Tensor: Double] = [:]
        for tensor in steps where isRowByRow(tensor) {
            let work = tensor.operation.work(of: tensor)
            let own = work.matrix + work.other
            // A costly input will be kept, so it adds nothing.
            cost[tensor] = bodyInputs(tensor).reduce(own) { $0 + (isCostly($1, cost) ? 0 : cost[$1] ?? 0) }
        }
        for tensor in steps.reversed() where isInStretch(tensor) {
            var stretches = needed[tensor] ?? []
            if !isRowByRow(tensor) {
                stretches = [level[tensor]!]
            } else if kept.contains(tensor) {
                stretches.insert(level[tensor]!)
            }
            let count = tensor.shape.count
            if stretches.count > 1, isRowByRow(tensor) {
                if count <= Self.keptCount || isCostly(tensor, cost) { kept.insert(tensor) }
            }
            needed[tensor] = stretches
            let computed = kept.contains(tensor) ? [stretches.min()!] : stretches
            for input in bodyInputs(tensor) where input.rows.isList {
                if readsBlocks(tensor, of: input) {
                    needed[input, default: []].formUnion(computed)
                } else {
                    kept.insert(input)
                }
            }
        }
    }

    private mutating func emit() {
        var lists: [RowSpace] = []
        for tensor in steps where isInStretch(tensor) && !lists.contains(loop[tensor]!) { lists.append(loop[tensor]!) }
        for tensor in steps where tensor.operation is Input { append(tensor, inStretch: false, local: [:]) }
        for current in 0...(level.values.max() ?? 0) {
            for tensor in steps
            where level[tensor] == current && !isInStretch(tensor) && !(tensor.operation is Input) {
                append(tensor, inStretch: false, local: [:])
            }
            for list in lists { emit(list, current) }
        }
    }

    /// The stretch of a list at a level.
    private mutating func emit(_ list: RowSpace, _ current: Int) {
        let start = nodes.count
        var local: [Tensor: BodyNode] = [:]
        for tensor in steps where isInStretch(tensor) && loop[tensor] == list {
            guard let stretches = needed[tensor], stretches.contains(current) else { continue }
            if isRowByRow(tensor) && kept.contains(tensor) && stretches.min() != current { continue }
            let node = append(tensor, inStretch: true, local: local)
            if node.isLocal { local[tensor] = node }
        }
        if nodes.count > start { stretches.append((start..<nodes.count, list)) }
    }

    @discardableResult
    private mutating func append(_ tensor: Tensor, inStretch: Bool, local: [Tensor: BodyNode]) -> BodyNode {
        let inputs = bodyInputs(tensor).map { local[$0] ?? nodeOf[$0]! }
        let isLocal = inStretch && isRowByRow(tensor) && !kept.contains(tensor)
        let node = BodyNode(tensor, inputs: inputs, isLocal: isLocal)
        nodes.append(node)
        if !isLocal { nodeOf[tensor] = node }
        return node
    }
}
