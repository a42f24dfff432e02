import ApusGraph

extension Compiler {
    /// Compiles what runs for every chunk: gives each tensor a slot of the arena, reused as soon as its last reader has
    /// run, and lets additions happen inside the operation that makes one of the terms.
    mutating func compileBody() {
        let tensors = order.filter { phases[$0] == .body || phases[$0] == .sum }
        let sums = tensors.filter { phases[$0] == .sum }
        let order = BodyOrder(
            tensors, outputs: outputs, accumulatorOf: Dictionary(uniqueKeysWithValues: sums.map { ($0, placeOf[$0]!) }),
            for: chunks)
        let liveness = Liveness(order)
        let storage = fusedAdditions(order, liveness)
        var arena = Arena(order, liveness, storage: storage, kept: outputs.map { order.nodeOf[$0]! })
        var started = Set<Int>()
        var places: [BodyNode: Int] = [:]
        var firstStep: [Int] = []
        for (position, node) in order.nodes.enumerated() {
            firstStep.append(body.count)
            let tensor = node.tensor
            if phases[tensor] == .sum {
                let place = placeOf[tensor]!
                let mode: Step.Mode = started.insert(place).inserted ? .addAfterFirst : .add
                body.append(step(node, into: place, mode: mode, places))
            } else if tensor.operation is Input {
                places[node] = newPlace(.chunk(set: set(of: tensor), count: tensor.shape.count))
            } else if let root = storage.root[node], root != node {
                places[node] = places[root]!
                if let sum = storage.sums[node] {
                    body.append(step(node, into: places[node]!, mode: .add, holding: sum, places))
                }
            } else {
                let reused = arena.takeOver(for: node, at: position) ?? arena.free(like: node)
                let (set, count) = (set(of: tensor), tensor.shape.count)
                let place =
                    reused ?? newPlace(node.isLocal ? .block(set: set, count: count) : .chunk(set: set, count: count))
                places[node] = place
                arena.hold(node, place)
                body.append(step(node, into: place, mode: .overwrite, places))
            }
            arena.release(after: position)
        }
        firstStep.append(body.count)
        stretches = order.stretches.map {
            (firstStep[$0.nodes.lowerBound]..<firstStep[$0.nodes.upperBound], numbering.extent(of: $0.list).set!)
        }
        for (tensor, node) in order.nodeOf where phases[tensor] == .body { placeOf[tensor] = places[node]! }
    }

    private mutating func set(of tensor: Tensor) -> Int {
        guard let set = numbering.extent(of: tensor.rows).set else { fatalError("'\(tensor)' has fixed rows") }
        return set
    }

    private mutating func step(
        _ node: BodyNode, into output: Int, mode: Step.Mode, holding sum: Tensor? = nil, _ places: [BodyNode: Int]
    ) -> Step {
        let local = Dictionary(node.inputs.map { ($0.tensor, places[$0]!) }, uniquingKeysWith: { a, _ in a })
        return step(node.tensor, into: output, mode: mode, packing: \.body, holding: sum) { local[$0] }
    }

    /// Which tensors share the numbers of another: an addition a + b, where b has no other reader and its kernel can
    /// add to what is there, is done by computing b straight into a.
    private func fusedAdditions(_ order: BodyOrder, _ liveness: Liveness) -> SharedStorage {
        var shared = SharedStorage()
        let kept = Set(outputs.map { order.nodeOf[$0]! })
        for sum in order.nodes {
            guard let add = sum.tensor.operation as? AddScaled, add.scale == 1, sum.inputs.count == 2,
                sum.inputs[0] != sum.inputs[1], phases[sum.tensor] == .body
            else { continue }
            for (base, addend) in [(sum.inputs[0], sum.inputs[1]), (sum.inputs[1], sum.inputs[0])] {
                guard base.isLocal == sum.isLocal, addend.isLocal == sum.isLocal,
                    liveness.readers[addend]!.count == 1, !kept.contains(addend),
                    addend.tensor.canAccumulate,
                    !(base.tensor.operation is Input), !kept.contains(base),
                    liveness.isComplete(base, before: addend),
                    liveness.readers[base]!.allSatisfy({ $0 == sum || liveness.hasRead($0, base, before: addend) })
                else { continue }
                let root = shared.root[base] ?? base
                shared.root[root] = root
                shared.root[addend] = root
                shared.root[sum] = root
                shared.sums[addend] = sum.tensor
                break
            }
        }
        return shared
    }
}

/// Tensors that live in the storage of another.
struct SharedStorage {
    /// The tensor whose storage is used; the tensor itself where others use its own.
    var root: [BodyNode: BodyNode] = [:]
    /// Tensors computed by adding to the storage that they share, with the sum that it then holds.
    var sums: [BodyNode: Tensor] = [:]
}
