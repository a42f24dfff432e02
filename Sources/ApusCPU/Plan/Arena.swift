import ApusGraph

/// When the nodes of a body are written and read.
///
/// A stretch of nodes runs block by block, so what it reads of others is read until its end, and what others read of it
/// is written from its beginning.
struct Liveness {
    /// The nodes that read a node.
    private(set) var readers: [BodyNode: [BodyNode]] = [:]
    private var position: [BodyNode: Int] = [:]
    private var stretchOf: [BodyNode: Range<Int>] = [:]

    init(_ order: BodyOrder) {
        for (k, node) in order.nodes.enumerated() {
            position[node] = k
            readers[node] = []
            for input in node.inputs where readers[input]!.last != node { readers[input]!.append(node) }
        }
        for stretch in order.stretches {
            for k in stretch.nodes { stretchOf[order.nodes[k]] = stretch.nodes }
        }
    }

    /// The position at which a reader has read a node to the end.
    func lastUse(of node: BodyNode, by reader: BodyNode) -> Int {
        let own = position[reader]!
        return node.isLocal ? own : stretchOf[reader].map { $0.upperBound - 1 } ?? own
    }

    /// Whether a node has all its numbers when another begins to add to them.
    func isComplete(_ node: BodyNode, before other: BodyNode) -> Bool {
        guard let stretch = stretchOf[other], !other.isLocal, stretchOf[node] != stretch else {
            return position[node]! < position[other]!
        }
        return position[node]! < stretch.lowerBound
    }

    /// Whether a reader of a node is done with it when another node begins to change it.
    func hasRead(_ reader: BodyNode, _ node: BodyNode, before other: BodyNode) -> Bool {
        let start = other.isLocal ? position[other]! : stretchOf[other]?.lowerBound ?? position[other]!
        return lastUse(of: node, by: reader) < start
    }
}

/// Slots of the arena by row space and row length, handed on when their last reader has run.
struct Arena {
    private struct Kind: Hashable {
        let rows: RowSpace
        let count: Int
        let isLocal: Bool
        init(_ node: BodyNode) {
            rows = node.tensor.rows
            count = node.tensor.shape.count
            isLocal = node.isLocal
        }
    }

    private let storage: SharedStorage
    private var lastUse: [BodyNode: Int] = [:]
    private var expiring: [Int: [BodyNode]] = [:]
    private var placeOf: [BodyNode: Int] = [:]
    private var free: [Kind: [Int]] = [:]

    init(_ order: BodyOrder, _ liveness: Liveness, storage: SharedStorage, kept: [BodyNode]) {
        self.storage = storage
        for node in order.nodes {
            let owner = root(node)
            // What others read of a stretch has its place until the last block has been written.
            let written = liveness.lastUse(of: node, by: node)
            lastUse[owner] = max(lastUse[owner] ?? 0, written)
            for reader in liveness.readers[node]! {
                lastUse[owner] = max(lastUse[owner]!, liveness.lastUse(of: node, by: reader))
            }
        }
        for node in kept { lastUse[root(node)] = Int.max }
        for node in order.nodes {
            if let position = lastUse[node], position != Int.max { expiring[position, default: []].append(node) }
        }
    }

    private func root(_ node: BodyNode) -> BodyNode { storage.root[node] ?? node }

    /// The slot of the first input when it ends here and the kernel may write over it.
    mutating func takeOver(for node: BodyNode, at position: Int) -> Int? {
        guard node.tensor.kernel.runsInPlace, let input = node.inputs.first, input.tensor == node.tensor.inputs[0],
            Kind(input) == Kind(node)
        else { return nil }
        let owner = root(input)
        guard lastUse[owner] == position, let place = placeOf.removeValue(forKey: owner) else { return nil }
        return place
    }

    mutating func free(like node: BodyNode) -> Int? { free[Kind(node)]?.popLast() }

    mutating func hold(_ node: BodyNode, _ place: Int) { placeOf[node] = place }

    mutating func release(after position: Int) {
        for node in expiring[position] ?? [] {
            if let place = placeOf.removeValue(forKey: node) { free[Kind(node), default: []].append(place) }
        }
    }
}
