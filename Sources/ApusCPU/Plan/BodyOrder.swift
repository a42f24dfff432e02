import ApusGraph

/// One computation of a tensor in the body of a program. A tensor of pairs may be computed in several stretches.
final class BodyNode: Hashable {
    let tensor: Tensor
    let inputs: [BodyNode]
    /// Whether the numbers of one block of pairs are enough, because nothing outside of the stretch reads them.
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
/// What works pair by pair runs in *stretches*: all its operations on one block of pairs after another, so that the
/// numbers of a block stay in the cache. A stretch reads tensors of atoms that are complete before it, and what it adds
/// to tensors of atoms is complete after it. Tensors of pairs that several stretches need are kept if that is little or
/// if they are costly, and computed again otherwise.
struct BodyOrder {
    private(set) var nodes: [BodyNode] = []
    /// The positions of the nodes that run block by block.
    private(set) var stretches: [Range<Int>] = []
    /// The last node of each kept tensor.
    private(set) var nodeOf: [Tensor: BodyNode] = [:]

    /// Up to this many numbers a pair are kept rather than computed again.
    private static let keptCount = 4
    /// Above this many operations a number it is kept rather than computed again.
    private static let keptCost = 24.0

    private let steps: [Tensor]
    private let inBody: Set<Tensor>
    /// The number of stretches that must have run before a tensor can be computed.
    private var level: [Tensor: Int] = [:]
    /// The stretches that a tensor of pairs is needed in.
    private var needed: [Tensor: Set<Int>] = [:]
    private var kept = Set<Tensor>()

    /// Orders tensors that are given in an order of dependency.
    ///
    /// - Parameter accumulatorOf: for each sum over rows the accumulator it goes into.
    init(_ steps: [Tensor], outputs: [Tensor], accumulatorOf: [Tensor: Int]) {
        let groups = Self.sumsByAccumulator(steps, accumulatorOf)
        self.steps = Self.gathering(groups, in: steps, accumulatorOf)
        inBody = Set(steps)
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

    /// Sums over atoms or systems by their accumulator. Sums over pairs stay where they are: keeping their inputs alive
    /// would cost more than it saves.
    private static func sumsByAccumulator(_ steps: [Tensor], _ accumulatorOf: [Tensor: Int]) -> [Int: [Tensor]] {
        let sums = steps.filter { tensor in
            accumulatorOf[tensor] != nil && tensor.inputs.allSatisfy { $0.rows != .pairs }
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
    private func isInStretch(_ tensor: Tensor) -> Bool {
        !(tensor.operation is Input) && (tensor.rows == .pairs || tensor.inputs.contains { $0.rows == .pairs })
    }

    /// The stretch that a tensor is computed in, or the first that can follow it.
    private func earliestLevel(of tensor: Tensor) -> Int {
        bodyInputs(tensor).map { level[$0]! + (isInStretch($0) && $0.rows != .pairs ? 1 : 0) }.max() ?? 0
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
        (cost[tensor] ?? 0) > Self.keptCost * Double(tensor.shape.count)
    }

    private mutating func chooseKept(outputs: [Tensor]) {
        kept = Set(outputs)
        var cost: [Tensor: Double] = [:]
        for tensor in steps where tensor.rows == .pairs {
            let work = tensor.operation.work(of: tensor)
            let own = work.rows == .pairs ? work.matrix + work.other : 0
            // A costly input will be kept, so it adds nothing.
            cost[tensor] = bodyInputs(tensor).reduce(own) { $0 + (isCostly($1, cost) ? 0 : cost[$1] ?? 0) }
        }
        for tensor in steps.reversed() where isInStretch(tensor) {
            var stretches = needed[tensor] ?? []
            if tensor.rows != .pairs {
                stretches = [level[tensor]!]
            } else if kept.contains(tensor) {
                stretches.insert(level[tensor]!)
            }
            let count = tensor.shape.count
            if stretches.count > 1, tensor.rows == .pairs {
                if count <= Self.keptCount || isCostly(tensor, cost) { kept.insert(tensor) }
            }
            needed[tensor] = stretches
            let computed = kept.contains(tensor) ? [stretches.min()!] : stretches
            for input in bodyInputs(tensor) where input.rows == .pairs {
                needed[input, default: []].formUnion(computed)
            }
        }
    }

    private mutating func emit() {
        for tensor in steps where tensor.operation is Input { append(tensor, inStretch: nil, local: [:]) }
        for current in 0...(level.values.max() ?? 0) {
            for tensor in steps
            where level[tensor] == current && !isInStretch(tensor) && !(tensor.operation is Input) {
                append(tensor, inStretch: nil, local: [:])
            }
            let start = nodes.count
            var local: [Tensor: BodyNode] = [:]
            for tensor in steps where isInStretch(tensor) {
                guard let stretches = needed[tensor], stretches.contains(current) else { continue }
                if tensor.rows == .pairs && kept.contains(tensor) && stretches.min() != current { continue }
                let node = append(tensor, inStretch: current, local: local)
                if node.isLocal { local[tensor] = node }
            }
            if nodes.count > start { stretches.append(start..<nodes.count) }
        }
    }

    @discardableResult
    private mutating func append(_ tensor: Tensor, inStretch: Int?, local: [Tensor: BodyNode]) -> BodyNode {
        let inputs = bodyInputs(tensor).map { local[$0] ?? nodeOf[$0]! }
        let isLocal = inStretch != nil && tensor.rows == .pairs && !kept.contains(tensor)
        let node = BodyNode(tensor, inputs: inputs, isLocal: isLocal)
        nodes.append(node)
        if !isLocal { nodeOf[tensor] = node }
        return node
    }
}
