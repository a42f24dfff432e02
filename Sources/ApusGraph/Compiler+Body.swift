extension Compiler {
    /// Compiles what runs for every chunk: gives each tensor a slot of the arena, reused as soon as its last reader has
    /// run, and lets additions happen inside the operation that makes one of the terms.
    mutating func compileBody() {
        let steps = order.filter { phases[$0] == .body || phases[$0] == .sum }
        let storage = fusedAdditions(steps)
        var arena = Arena(steps: steps, storage: storage, kept: outputs)
        var started = Set<Int>()
        for (position, tensor) in steps.enumerated() {
            if phases[tensor] == .sum {
                let place = placeOf[tensor]!
                let mode: Step.Mode = started.insert(place).inserted ? .addAfterFirst : .add
                body.append(step(tensor, into: place, mode: mode, packing: \.body))
            } else if tensor.operation is Input {
                placeOf[tensor] = newPlace(.chunk(tensor.rows, count: tensor.shape.count))
            } else if let root = storage.root[tensor], root != tensor {
                placeOf[tensor] = placeOf[root]!
                if storage.addends.contains(tensor) {
                    body.append(step(tensor, into: placeOf[tensor]!, mode: .add, packing: \.body))
                }
            } else {
                let reused = arena.takeOver(for: tensor, at: position) ?? arena.free(like: tensor)
                let place = reused ?? newPlace(.chunk(tensor.rows, count: tensor.shape.count))
                placeOf[tensor] = place
                arena.hold(tensor, place)
                body.append(step(tensor, into: place, packing: \.body))
            }
            arena.release(after: position)
        }
    }

    /// Which tensors share the numbers of another: an addition a + b, where b has no other reader and its kernel can
    /// add to what is there, is done by computing b straight into a.
    private func fusedAdditions(_ steps: [Tensor]) -> SharedStorage {
        var shared = SharedStorage()
        var position: [Tensor: Int] = [:]
        var lastReaders: [Tensor: [(tensor: Tensor, position: Int)]] = [:]
        for (k, tensor) in steps.enumerated() {
            position[tensor] = k
            for input in tensor.inputs { lastReaders[input, default: []].append((tensor, k)) }
        }
        for sum in steps {
            guard let add = sum.operation as? AddScaled, add.scale == 1, sum.inputs[0] != sum.inputs[1],
                phases[sum] == .body
            else { continue }
            for (base, addend) in [(sum.inputs[0], sum.inputs[1]), (sum.inputs[1], sum.inputs[0])] {
                guard phases[base] == .body, phases[addend] == .body, uses[addend] == 1,
                    addend.operation.accumulation != .never,
                    !(base.operation is Input), !outputs.contains(base),
                    let made = position[addend], position[base]! < made,
                    lastReaders[base]!.allSatisfy({ $0.tensor == sum || $0.position < made })
                else { continue }
                let root = shared.root[base] ?? base
                shared.root[root] = root
                shared.root[addend] = root
                shared.root[sum] = root
                shared.addends.insert(addend)
                break
            }
        }
        return shared
    }
}

/// Tensors that live in the storage of another.
struct SharedStorage {
    /// The tensor whose storage is used; the tensor itself where others use its own.
    var root: [Tensor: Tensor] = [:]
    /// Tensors computed by adding to the storage they share.
    var addends = Set<Tensor>()
}

/// Slots of the arena by row space and row length, handed on when their last reader has run.
private struct Arena {
    private struct Kind: Hashable {
        let rows: RowSpace
        let count: Int
        init(_ tensor: Tensor) {
            rows = tensor.rows
            count = tensor.shape.count
        }
    }

    private let storage: SharedStorage
    private let steps: [Tensor]
    private var lastUse: [Tensor: Int] = [:]
    private var expiring: [Int: [Tensor]] = [:]
    private var placeOf: [Tensor: Int] = [:]
    private var free: [Kind: [Int]] = [:]

    init(steps: [Tensor], storage: SharedStorage, kept: [Tensor]) {
        self.steps = steps
        self.storage = storage
        for (position, tensor) in steps.enumerated() {
            for used in [tensor] + tensor.inputs { lastUse[root(used)] = position }
        }
        for tensor in kept { lastUse[root(tensor)] = Int.max }
        for (tensor, position) in lastUse { expiring[position, default: []].append(tensor) }
        // Dictionaries have no order; the program must have one.
        for position in expiring.keys { expiring[position]!.sort { $0.number < $1.number } }
    }

    private func root(_ tensor: Tensor) -> Tensor { storage.root[tensor] ?? tensor }

    /// The slot of the first input when it ends here and the kernel may write over it.
    mutating func takeOver(for tensor: Tensor, at position: Int) -> Int? {
        guard tensor.operation.runsInPlace, let input = tensor.inputs.first, Kind(input) == Kind(tensor) else {
            return nil
        }
        let owner = root(input)
        guard lastUse[owner] == position, let place = placeOf.removeValue(forKey: owner) else { return nil }
        return place
    }

    mutating func free(like tensor: Tensor) -> Int? { free[Kind(tensor)]?.popLast() }

    mutating func hold(_ tensor: Tensor, _ place: Int) { placeOf[tensor] = place }

    mutating func release(after position: Int) {
        for tensor in expiring[position] ?? [] {
            if let place = placeOf.removeValue(forKey: tensor) { free[Kind(tensor), default: []].append(place) }
        }
    }
}
