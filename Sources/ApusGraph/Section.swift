/// A part of a program's body: steps that threads which share a chunk go through in the same way.
struct Section: Sendable {
    enum Kind: Sendable {
        /// Steps that make a row of atoms from that row alone, so that all of them can run on some rows before any runs
        /// on others.
        case atoms
        /// Steps that run block by block of pairs.
        case pairs
        /// Steps that need all rows of their inputs.
        case whole
    }

    let kind: Kind
    var steps: Range<Int>

    /// Divides a body.
    ///
    /// - Parameter stretches: the ranges of steps that run block by block of pairs, in order.
    static func divide(_ body: [Step], stretches: [Range<Int>]) -> [Section] {
        var sections: [Section] = []
        var position = 0
        for stretch in stretches + [body.count..<body.count] {
            for k in position..<stretch.lowerBound {
                let kind = body[k].isRowwise ? Kind.atoms : .whole
                if let last = sections.last, last.kind == kind {
                    sections[sections.count - 1].steps = last.steps.lowerBound..<k + 1
                } else {
                    sections.append(Section(kind: kind, steps: k..<k + 1))
                }
            }
            if !stretch.isEmpty { sections.append(Section(kind: .pairs, steps: stretch)) }
            position = stretch.upperBound
        }
        return sections
    }
}

extension Step {
    /// Whether a row of atoms follows from the same row of atoms, and from what does not change within the section.
    fileprivate var isRowwise: Bool { rows == .atoms && inputs.allSatisfy { $0.rows != .pairs } }
}
