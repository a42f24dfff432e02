import ApusGraph
import ApusSystem

/// Turns a graph into a program.
///
/// - Parameters:
///   - outputs: tensors with rows of the batch whose values are wanted for every chunk, such as energies and forces.
///   - sums: tensors with fixed rows, such as gradients by parameters, in the order of the flat result buffer.
///   - chunks: how large the chunks are.
/// - Returns: a program without the nodes that nothing wanted depends on.
public func compile(outputs: [Tensor], sums: [Tensor] = [], for chunks: ChunkSize = .small) -> Program {
    guard let graph = (outputs + sums).first?.graph else {
        fatalError("a program without outputs computes nothing")
    }
    for tensor in outputs { require(!tensor.rows.isFixed, "output '\(tensor)' must have rows of the batch") }
    for tensor in sums { require(tensor.rows.isFixed, "sum '\(tensor)' must have fixed rows") }
    var compiler = Compiler(graph: graph, outputs: outputs, sums: sums, for: chunks)
    return compiler.program()
}

/// How large the chunks of a program are. The numbers that it computes are the same.
public enum ChunkSize: Sendable {
    /// Little enough for a cache, so that what is costly is kept until it is needed again.
    case small
    /// Too much for a cache: numbers of pairs are computed again, which takes no longer than to fetch them and saves most
    /// of the memory.
    case large
}

/// When a tensor is computed.
enum Phase {
    /// Once per batch, from parameters and constants.
    case prologue
    /// For every chunk.
    case body
    /// A sum over rows of the batch: added up over the chunks.
    case sum
    /// Once per batch, from sums.
    case epilogue
}

/// The state of one compilation.
struct Compiler {
    let outputs: [Tensor]
    let sums: [Tensor]
    let chunks: ChunkSize
    let order: [Tensor]
    private(set) var phases: [Tensor: Phase] = [:]
    private(set) var uses: [Tensor: Int] = [:]

    var places: [Place] = []
    var placeOf: [Tensor: Int] = [:]
    /// Sums and additions of sums that live in the accumulator of an addition.
    private var absorbed = Set<Tensor>()
    private var packs: [PackKey: Int] = [:]
    private var constants: [(place: Int, values: [Double])] = []

    private var prologue: [Step] = []
    var body: [Step] = []
    /// Ranges of the body's steps that go through a list block by block, with the list.
    var stretches: [(steps: Range<Int>, list: Int)] = []
    private var epilogue: [Step] = []

    var numbering = Numbering()
    private let parameterNames: [String]
    private let parameterSpans: [Program.Span]

    private struct PackKey: Hashable {
        let source: Tensor
        let transposed: Bool
    }

    init(graph: Graph, outputs: [Tensor], sums: [Tensor], for chunks: ChunkSize) {
        self.outputs = outputs
        self.sums = sums
        self.chunks = chunks
        var offset = 0
        parameterNames = graph.parameters.map(\.name)
        parameterSpans = graph.parameters.map { parameter in
            defer { offset += parameter.elementCount }
            return Program.Span(offset: offset, count: parameter.elementCount)
        }
        order = Self.dependencyOrder(outputs + sums)
        for tensor in order {
            for input in Self.dependencies(of: tensor) { uses[input, default: 0] += 1 }
        }
        for tensor in outputs + sums { uses[tensor, default: 0] += 1 }
        for tensor in order { phases[tensor] = phase(of: tensor) }
    }

    /// What must be computed before a tensor. A transposed matrix that is only packed is never made.
    static func dependencies(of tensor: Tensor) -> [Tensor] {
        tensor.inputs.enumerated().map { k, input in
            tensor.packedInput == k && input.operation is Transpose ? input.inputs[0] : input
        }
    }

    private static func dependencyOrder(_ roots: [Tensor]) -> [Tensor] {
        var wanted = Set<Tensor>()
        var stack = roots
        while let tensor = stack.popLast() {
            if wanted.insert(tensor).inserted { stack += dependencies(of: tensor) }
        }
        return topologicalOrder(roots).filter(wanted.contains)
    }

    private func phase(of tensor: Tensor) -> Phase {
        let dependencies = Self.dependencies(of: tensor)
        if !tensor.rows.isFixed {
            for input in dependencies {
                require(
                    phases[input] != .sum && phases[input] != .epilogue,
                    "'\(tensor)' needs '\(input)', a sum over the whole batch, while the batch is still running")
            }
            return .body
        }
        let inputs = dependencies.map { phases[$0] }
        if inputs.contains(.sum) || inputs.contains(.epilogue) { return .epilogue }
        return inputs.contains(.body) ? .sum : .prologue
    }

    mutating func program() -> Program {
        for tensor in order where phases[tensor] == .prologue { compilePrologue(tensor) }
        let accumulators = placeSums()
        compileBody()
        let end = compileEpilogue(firstFree: accumulators.end, spans: accumulators.results)
        let numbering = numbering
        return Program(
            prologue: Schedule(prologue), body: body,
            sections: Section.divide(body, stretches: stretches) { ListSharing($0, numbering) },
            epilogue: Schedule(epilogue), places: places, outputs: outputs.map { operand($0, placeOf[$0]!) },
            results: accumulators.results, accumulatorCount: accumulators.end, sumCount: end,
            inputs: order.compactMap { tensor in
                (tensor.operation as? Input).map { input in
                    .init(
                        name: input.name, operand: operand(tensor, placeOf[tensor]!),
                        set: numbering.sets.firstIndex(of: tensor.rows.indexSet!)!)
                }
            },
            constants: constants, parameterCount: parameterSpans.last.map { $0.offset + $0.count } ?? 0,
            parameters: Array(zip(parameterNames, parameterSpans)), numbering: numbering)
    }

    private func operand(_ tensor: Tensor, _ place: Int) -> Operand {
        Operand(place: place, rows: tensor.rows, shape: tensor.shape, tensor: tensor.number)
    }

    /// A matrix in its packed form, which is no tensor of the graph: the place numbers it.
    private func packedOperand(_ matrix: Tensor, _ place: Int) -> Operand {
        Operand(place: place, rows: matrix.rows, shape: matrix.shape, tensor: -1 - place)
    }

    mutating func newPlace(_ place: Place) -> Int {
        places.append(place)
        return places.count - 1
    }

    /// The step that computes a tensor into a place.
    ///
    /// - Parameter sum: what the place holds after the step, when it adds to what is there.
    mutating func step(
        _ tensor: Tensor, into output: Int, mode: Step.Mode = .overwrite, packing: WritableKeyPath<Compiler, [Step]>,
        holding sum: Tensor? = nil, placeInBody: (Tensor) -> Int? = { _ in nil }
    ) -> Step {
        let operands = tensor.inputs.enumerated().map { k, input in
            tensor.packedInput == k
                ? packedOperand(input, packed(input, in: packing))
                : operand(input, placeInBody(input) ?? placeOf[input]!)
        }
        return Step(
            operation: tensor.kernel.prepared(for: tensor), inputs: operands, output: operand(sum ?? tensor, output),
            mode: mode, name: tensor.name, work: tensor.operation.work(of: tensor), numbering: &numbering)
    }

    /// The place of a matrix packed for products; the step that packs it is appended unless it exists.
    private mutating func packed(_ matrix: Tensor, in steps: WritableKeyPath<Compiler, [Step]>) -> Int {
        let transposed = matrix.operation is Transpose
        let source = transposed ? matrix.inputs[0] : matrix
        let key = PackKey(source: source, transposed: transposed)
        if let known = packs[key] { return known }
        guard case .fixed(let rows) = matrix.rows else { fatalError("'\(matrix)' has no fixed rows") }
        let place = newPlace(.packed(rows: rows, columns: matrix.shape.features))
        packs[key] = place
        let pack = PackedMatrix(transposed: transposed)
        let step = Step(
            operation: pack, inputs: [operand(source, placeOf[source]!)], output: packedOperand(matrix, place),
            mode: .overwrite, name: "packed \(source.name)", work: Work(rows: matrix.rows), numbering: &numbering)
        // A matrix of the prologue is packed there even when only the body multiplies with it.
        if phases[source] == .prologue { prologue.append(step) } else { self[keyPath: steps].append(step) }
        return place
    }

    private mutating func compilePrologue(_ tensor: Tensor) {
        switch tensor.operation {
        case let parameter as Parameter:
            placeOf[tensor] = newPlace(.parameter(parameterSpans[parameter.index]))
        case let constant as Constant:
            let place = newPlace(.shared(count: constant.values.count))
            constants.append((place, constant.values))
            placeOf[tensor] = place
        default:
            let place = newPlace(.shared(count: tensor.elementCount))
            prologue.append(step(tensor, into: place, packing: \.prologue))
            placeOf[tensor] = place
        }
    }

    /// Gives every sum over rows a place in the accumulators. Sums that are only added to each other share one place,
    /// and results stand first, in their order.
    private mutating func placeSums() -> (results: [Program.Span], end: Int) {
        var merged: [Tensor: [Tensor]] = [:]  // a tensor made of sums alone, with the sums it is made of
        for tensor in order {
            if phases[tensor] == .sum { merged[tensor] = [tensor] }
            guard phases[tensor] == .epilogue, let add = tensor.operation as? AddScaled, add.scale == 1,
                let a = merged[tensor.inputs[0]], let b = merged[tensor.inputs[1]],
                tensor.inputs.allSatisfy({ uses[$0] == 1 })
            else { continue }
            merged[tensor] = a + b
            absorbed.formUnion(tensor.inputs)
        }
        var end = 0
        let results = sums.map { span(of: $0, from: &end) }
        for (tensor, span) in zip(sums, results) where merged[tensor] != nil && placeOf[tensor] == nil {
            placeSum(merged[tensor]!, of: tensor, at: span)
        }
        for tensor in order where merged[tensor] != nil && placeOf[tensor] == nil && !absorbed.contains(tensor) {
            placeSum(merged[tensor]!, of: tensor, at: span(of: tensor, from: &end))
        }
        return (results, end)
    }

    /// The next stretch of the accumulators. It begins at a line of the cache in either precision: kernels that add to
    /// rows across two lines take half as long again.
    private func span(of tensor: Tensor, from end: inout Int) -> Program.Span {
        let lineCount = 16
        let start = (end + lineCount - 1) / lineCount * lineCount
        end = start + tensor.elementCount
        return Program.Span(offset: start, count: tensor.elementCount)
    }

    private mutating func placeSum(_ parts: [Tensor], of tensor: Tensor, at span: Program.Span) {
        let place = newPlace(.accumulator(span))
        placeOf[tensor] = place
        for part in parts { placeOf[part] = place }
    }

    /// What follows from the sums, and copies of results that stand in more than one position.
    private mutating func compileEpilogue(firstFree: Int, spans: [Program.Span]) -> Int {
        var end = firstFree
        for tensor in order
        where phases[tensor] == .epilogue && placeOf[tensor] == nil && !absorbed.contains(tensor) {
            let position = sums.firstIndex(of: tensor)
            let span = position.map { spans[$0] } ?? span(of: tensor, from: &end)
            let place = newPlace(.accumulator(span))
            epilogue.append(step(tensor, into: place, packing: \.epilogue))
            placeOf[tensor] = place
        }
        for (tensor, span) in zip(sums, spans) {
            guard places[placeOf[tensor]!] != .accumulator(span) else { continue }
            let copy = newPlace(.accumulator(span))
            epilogue.append(
                Step(
                    operation: Affine(scale: 1, shift: 0), inputs: [operand(tensor, placeOf[tensor]!)],
                    output: operand(tensor, copy), mode: .overwrite, name: "copy of \(tensor.name)",
                    work: Work(rows: tensor.rows), numbering: &numbering))
        }
        return end
    }
}

extension Tensor {
    /// Elements of a tensor with fixed rows.
    var elementCount: Int {
        guard case .fixed(let count) = rows else { fatalError("'\(self)' has no fixed rows") }
        return count * shape.count
    }
}
