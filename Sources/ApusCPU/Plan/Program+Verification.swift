import ApusGraph

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension Program {
    /// Whether programs are verified before they run.
    static let areVerified = getenv("APUS_VERIFY") != nil

    /// What is wrong with the program, in words; nil when it computes what the graph says as far as places go.
    ///
    /// Every step must find in its places the tensors that it means, with their rows and shapes; no step may overwrite what a
    /// later one reads; what goes through a list block by block must not read what is only complete after the last block. Tests
    /// verify every program; a run does when the environment variable `APUS_VERIFY` is set.
    func fault() -> String? {
        var verifier = ProgramVerifier(self)
        return verifier.fault()
    }
}

/// Follows a program with the numbers of tensors in the place of their values.
private struct ProgramVerifier {
    private let program: Program
    /// The tensor that each place holds; nil for one that holds nothing yet.
    private var held: [Int?]
    /// Places that hold what they hold from the beginning.
    private var isGiven: [Bool]

    init(_ program: Program) {
        self.program = program
        held = [Int?](repeating: nil, count: program.places.count)
        isGiven = program.places.map { if case .parameter = $0 { true } else { false } }
        for (place, _) in program.constants { isGiven[place] = true }
        for input in program.inputs { held[input.operand.place] = input.operand.tensor }
    }

    mutating func fault() -> String? {
        for schedule in [program.prologue, program.epilogue] {
            if let fault = schedule.fault { return fault }
        }
        if let fault = faultOfSteps(program.prologue.steps) { return fault }
        var next = 0
        for section in program.sections {
            if section.steps.lowerBound != next { return "step \(next) of the body is in no section" }
            next = section.steps.upperBound
            let steps = program.body[section.steps]
            if let fault = faultOfBlocks(section, steps) ?? faultOfSteps(steps) { return fault }
            // A block's numbers end with its section.
            for (place, kind) in program.places.enumerated() { if case .block = kind { held[place] = nil } }
        }
        if next != program.body.count { return "step \(next) of the body is in no section" }
        for output in program.outputs {
            if let fault = faultOfReading(output, "the output") { return fault }
        }
        return faultOfSteps(program.epilogue.steps)
    }

    private mutating func faultOfSteps(_ steps: some Sequence<Step>) -> String? {
        for step in steps {
            for (k, input) in step.inputs.enumerated() {
                if let fault = faultOfReading(input, "input \(k) of '\(step.name)'") { return fault }
                let isFirst = input.place == step.inputs[0].place
                if input.place == step.output.place, !(isFirst && step.operation.runsInPlace && step.mode == .overwrite)
                {
                    return "'\(step.name)' writes over its input \(k) while it reads it"
                }
            }
            let place = step.output.place
            if let fault = faultOfSize(step.output, "the output of '\(step.name)'") { return fault }
            if step.mode == .add, held[place] == nil { return "'\(step.name)' adds to a place that holds nothing" }
            if step.mode != .overwrite, !step.operation.accumulation.isSum {
                return "'\(step.name)' cannot add to what is there"
            }
            if isGiven[place] { return "'\(step.name)' writes over a parameter or a constant" }
            held[place] = step.output.tensor
        }
        return nil
    }

    private func faultOfReading(_ operand: Operand, _ what: String) -> String? {
        if let fault = faultOfSize(operand, what) { return fault }
        if isGiven[operand.place] { return nil }
        guard let tensor = held[operand.place] else { return "\(what) is read before it is written" }
        // An accumulator holds one sum of several tensors.
        if case .accumulator = program.places[operand.place] { return nil }
        return tensor == operand.tensor ? nil : "\(what) is tensor \(operand.tensor), but its place holds \(tensor)"
    }

    private func faultOfSize(_ operand: Operand, _ what: String) -> String? {
        let (rows, count) = (operand.rows, operand.shape.count)
        let fits =
            switch program.places[operand.place] {
            case .parameter(let span), .accumulator(let span): rows.isFixed && RowCounts()[rows] * count == span.count
            case .shared(let elements): rows.isFixed && RowCounts()[rows] * count == elements
            case .packed(let inner, let columns): rows == .fixed(inner) && operand.shape.features == columns
            case .chunk(let set, let elements), .block(let set, let elements):
                rows == .indexed(program.numbering.sets[set]) && count == elements
            }
        return fits ? nil : "\(what), \(rows) \(operand.shape), does not fit its place"
    }

    /// What steps over a list add up is complete after the last block; what they read of others must stay until then.
    private func faultOfBlocks(_ section: Section, _ steps: ArraySlice<Step>) -> String? {
        guard case .blocks(let list) = section.kind else { return nil }
        let isOfList = { (place: Int) in
            switch program.places[place] {
            case .chunk(let set, _), .block(let set, _): set == list
            case .parameter, .shared, .packed, .accumulator: false
            }
        }
        for step in steps {
            if step.loopExtent.set != list { return "'\(step.name)' does not go through the list of its section" }
            for input in step.inputs where !isOfList(input.place) {
                if let writer = steps.first(where: { $0.output.place == input.place }) {
                    return "'\(step.name)' reads what '\(writer.name)' changes with every block"
                }
            }
            if case .block = program.places[step.output.place], !step.isRowByRow {
                return "'\(step.name)' adds up in a place that holds one block"
            }
        }
        return nil
    }
}

extension Schedule {
    /// A step that would not wait for what it needs; nil where there is none.
    fileprivate var fault: String? {
        for (position, step) in steps.enumerated() {
            let needed = (step.inputs.map(\.place) + [step.output.place]).compactMap { place in
                steps[..<position].lastIndex { $0.output.place == place }
            }
            if let missing = needed.first(where: { !dependencies[position].contains($0) }) {
                return "'\(step.name)' does not wait for '\(steps[missing].name)'"
            }
        }
        return nil
    }
}
