import Testing

@testable import ApusCPU
@testable import ApusGraph

/// The verifier finds what is wrong with programs. That right ones pass is expected of every program that tests run.
@Suite struct VerificationTests {
    private let program = compile(outputs: Array(TestModel().tensors.prefix(2)))

    /// Every single exchange of neighbours in the body that depend on each other.
    @Test func stepsInTheWrongOrder() {
        #expect(program.fault() == nil)
        var count = 0
        for k in program.body.indices.dropLast() {
            let (a, b) = (program.body[k], program.body[k + 1])
            let isInOneSection = program.sections.contains { $0.steps.contains(k) && $0.steps.contains(k + 1) }
            guard isInOneSection, b.inputs.contains(where: { $0.place == a.output.place }) else { continue }
            var body = program.body
            body.swapAt(k, k + 1)
            #expect(program.replacing(body: body).fault() != nil, "steps \(k) and \(k + 1)")
            count += 1
        }
        #expect(count > 10)
    }

    /// Every single step that is left out leaves a reader without its tensor, or an output.
    @Test func stepsLeftOut() {
        for k in program.body.indices {
            var body = program.body
            body[k] = body[k == 0 ? 1 : 0]
            #expect(program.replacing(body: body).fault() != nil, "step \(k)")
        }
    }

    /// A place that is used again too early: a step writes to a place whose tensor is read later.
    @Test func placesUsedTooEarly() throws {
        let x = Graph().input("x", rows: .atoms, shape: Shape(features: 4))
        let y = silu(x + 1)
        let program = compile(outputs: [contract(y, tanh(y), to: .scalar)])
        let first = try #require(program.body.firstIndex { $0.operation.label == "silu" })
        let later = try #require(program.body.firstIndex { $0.operation.label == "sigmoid" })
        let kept = program.body[first].output
        var body = program.body
        body[later] = body[later].writing(to: kept.place)
        let fault = try #require(program.replacing(body: body).fault())
        #expect(fault.contains("but its place holds") || fault.contains("before it is written"))
    }

    @Test func parametersAreNotOverwritten() throws {
        let graph = Graph()
        let w = graph.parameter("w", rows: 4, features: 4)
        let program = compile(outputs: [], sums: [silu(w) + w])
        let parameter = try #require(
            program.places.indices.first { if case .parameter = program.places[$0] { true } else { false } })
        let steps = program.prologue.steps.map { $0.writing(to: parameter) }
        #expect(program.replacing(prologue: Schedule(steps)).fault()?.contains("writes over") == true)
    }
}

extension Program {
    func replacing(prologue: Schedule? = nil, body: [Step]? = nil) -> Program {
        Program(
            prologue: prologue ?? self.prologue, body: body ?? self.body, sections: sections, epilogue: epilogue,
            places: places, outputs: outputs, results: results, accumulatorCount: accumulatorCount, sumCount: sumCount,
            inputs: inputs, constants: constants, parameterCount: parameterCount, parameters: parameters,
            numbering: numbering)
    }
}

extension Step {
    func writing(to place: Int) -> Step {
        var numbering = Numbering()
        return Step(
            operation: operation, inputs: inputs,
            output: Operand(place: place, rows: output.rows, shape: output.shape, tensor: output.tensor), mode: mode,
            name: name, work: work, numbering: &numbering)
    }
}
