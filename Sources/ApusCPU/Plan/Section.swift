import ApusGraph

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

    /// A place of atoms that steps over pairs add to.
    struct Sum: Sendable {
        let place: Int
        /// Elements of an atom, and of those of the sums before.
        let count: Int
        let offset: Int
        /// Whether what the place held before is of no use.
        let isCleared: Bool
    }

    let kind: Kind
    var steps: Range<Int>
    /// Where the pairs of a section are summed up.
    private(set) var sums: [Sum] = []

    /// Elements of an atom in all sums.
    var sumWidth: Int { sums.last.map { $0.offset + $0.count } ?? 0 }

    /// A copy that shares no memory, as of a step.
    var unshared: Section {
        var copy = self
        copy.sums = sums.map { $0 }
        return copy
    }

    private init(kind: Kind, steps: Range<Int>) {
        self.kind = kind
        self.steps = steps
    }

    private init(pairs steps: Range<Int>, of body: [Step]) {
        self.init(kind: .pairs, steps: steps)
        for step in body[steps] where step.rows == .atoms && !sums.contains(where: { $0.place == step.output }) {
            sums.append(
                Sum(
                    place: step.output, count: step.shape.count, offset: sumWidth,
                    isCleared: step.mode == .overwrite))
        }
    }

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
            if !stretch.isEmpty { sections.append(Section(pairs: stretch, of: body)) }
            position = stretch.upperBound
        }
        return sections
    }
}

extension Step {
    /// Whether a row of atoms follows from the same row of atoms, and from what does not change within the section.
    fileprivate var isRowwise: Bool { rows == .atoms && inputs.allSatisfy { $0.rows != .pairs } }
}
