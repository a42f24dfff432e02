import ApusGraph

extension Program {
    /// Floating-point operations for a batch, in matrix products and elsewhere.
    public func operations(_ counts: RowCounts) -> (matrix: Double, other: Double) {
        steps.reduce((0, 0)) { total, step in
            let rows = Double(counts[step.work.rows])
            return (total.0 + rows * step.work.matrix, total.1 + rows * step.work.other)
        }
    }

    /// Bytes of the arena for a chunk.
    public func arenaBytes(_ counts: RowCounts, precision: Precision) -> Int {
        places.reduce(0) { total, place in
            total + (place.arenaElements { counts[.indexed(numbering.sets[$0])] } * precision.elementSize + 63) & ~63
        }
    }

    /// The program as text: steps with inputs, shapes and places, then memory and cost for a chunk of the given sizes.
    public func listing(_ counts: RowCounts, precision: Precision) -> String {
        var lines: [String] = []
        for (title, steps) in [
            ("prologue (once per batch)", prologue.steps), ("body (every chunk)", body),
            ("epilogue (once per batch)", epilogue.steps),
        ] where !steps.isEmpty {
            lines.append("\(title): \(steps.count) steps")
            for (number, step) in steps.enumerated() { lines.append(line(number, step)) }
            lines.append("")
        }
        let slots = places.count { if case .chunk = $0 { true } else if case .block = $0 { true } else { false } }
        let work = operations(counts)
        let sizes = numbering.sets.map { "\(counts[.indexed($0)]) \($0.name)" }.joined(separator: ", ")
        lines += [
            "for \(sizes) in \(precision):",
            "  arena \(arenaBytes(counts, precision: precision)) bytes in \(slots) slots",
            "  accumulators \(accumulatorCount * precision.elementSize) bytes a lane",
            "  matrix products \(millions(work.matrix)) MFLOP, other operations \(millions(work.other)) MFLOP (estimated)",
        ]
        return lines.joined(separator: "\n")
    }

    private func line(_ number: Int, _ step: Step) -> String {
        let inputs = step.inputs.map { name(of: $0.place) }.joined(separator: ", ")
        let sign =
            switch step.mode {
            case .overwrite: "="
            case .add, .addAfterFirst: "+="
            }
        return "  \(number): \(name(of: step.output.place)) \(sign) \(step.operation.label)(\(inputs))"
            + "  \(step.output.rows) \(step.output.shape)  \(step.name)"
    }

    private func name(of place: Int) -> String {
        switch places[place] {
        case .parameter(let span): "w[\(span.offset)..<\(span.offset + span.count)]"
        case .shared: "s\(place)"
        case .packed: "p\(place)"
        case .chunk: "c\(place)"
        case .block: "b\(place)"
        case .accumulator(let span): "sum[\(span.offset)..<\(span.offset + span.count)]"
        }
    }

    private func millions(_ count: Double) -> String {
        let tenths = (count / 1e5).rounded() / 10
        return "\(tenths)"
    }
}
