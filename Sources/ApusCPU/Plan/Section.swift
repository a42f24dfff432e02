import ApusGraph

/// A part of a program's body: steps that are run in the same way.
struct Section: Sendable {
    enum Kind: Sendable, Equatable {
        /// Steps that make a row of a set from the same row alone, so that all of them can run on some rows before any runs
        /// on others.
        case rows(set: Int)
        /// Steps that go through a list block by block.
        case blocks(list: Int)
        /// Steps that need all rows of their inputs.
        case whole
    }

    /// A place to which steps over a list add rows.
    struct Sum: Sendable {
        let place: Int
        /// Elements of a row.
        let count: Int
        /// Elements of a row in the sums before.
        let offset: Int
        /// Whether what the place held before is of no use.
        let isCleared: Bool
    }

    let kind: Kind
    var steps: Range<Int>
    /// Where the rows of a list are summed up: at rows of the elements that the list is made of.
    private(set) var sums: [Sum] = []
    /// How several threads can go through the list; nil where one has to.
    private(set) var sharing: ListSharing?

    /// Elements of a row in all sums.
    var sumWidth: Int { sums.last.map { $0.offset + $0.count } ?? 0 }

    /// A copy that shares no memory, as of a step.
    var withOwnMemory: Section {
        var copy = self
        copy.sums = sums.map { $0 }
        return copy
    }

    private init(kind: Kind, steps: Range<Int>) {
        self.kind = kind
        self.steps = steps
    }

    private init(list: Int, _ steps: Range<Int>, of body: [Step], sharing: ListSharing?) {
        self.init(kind: .blocks(list: list), steps: steps)
        let summing = body[steps].filter { !$0.isRowByRow }
        guard let sharing, summing.allSatisfy(sharing.allows) else { return }
        self.sharing = sharing
        for step in summing where !sums.contains(where: { $0.place == step.output.place }) {
            sums.append(
                Sum(
                    place: step.output.place, count: step.output.shape.count, offset: sumWidth,
                    isCleared: step.mode == .overwrite))
        }
    }

    /// Divides a body.
    ///
    /// - Parameters:
    ///   - stretches: the ranges of steps that go through a list block by block, in order, with the list.
    ///   - sharing: how threads can share a list; nil where they cannot.
    static func divide(
        _ body: [Step], stretches: [(steps: Range<Int>, list: Int)], sharing: (Int) -> ListSharing?
    ) -> [Section] {
        var sections: [Section] = []
        var position = 0
        func add(_ steps: Range<Int>) {
            for k in steps {
                let kind = body[k].set.map { Kind.rows(set: $0) } ?? .whole
                if let last = sections.last, last.kind == kind {
                    sections[sections.count - 1].steps = last.steps.lowerBound..<k + 1
                } else {
                    sections.append(Section(kind: kind, steps: k..<k + 1))
                }
            }
        }
        for (steps, list) in stretches {
            add(position..<steps.lowerBound)
            if !steps.isEmpty { sections.append(Section(list: list, steps, of: body, sharing: sharing(list))) }
            position = steps.upperBound
        }
        add(position..<body.count)
        return sections
    }
}

extension Step {
    /// The set whose rows follow one by one from the same rows, and from what does not change within the section.
    fileprivate var set: Int? { isRowByRow ? extent.set : nil }
}

/// How threads can share a list: in groups of rows that add to different elements.
struct ListSharing: Sendable, Equatable {
    /// The number of the set of elements.
    let elements: Int
    /// The numbers of the maps to the elements: one or two.
    let ends: [Int]

    /// - Returns: nil for a list whose rows other lists name by their number, or with other than one or two ends.
    init?(_ list: Int, _ numbering: Numbering) {
        let set = RowSpace.indexed(numbering.sets[list])
        guard let elements = numbering.sets[list].elements, let number = numbering.sets.firstIndex(of: elements),
            !numbering.maps.contains(where: { $0.target == set })
        else { return nil }
        ends = numbering.maps.indices.filter {
            numbering.maps[$0].source == set && numbering.maps[$0].target == .indexed(elements)
        }
        guard (1...2).contains(ends.count) else { return nil }
        self.elements = number
    }

    /// Whether what a step adds up goes to elements of the rows alone.
    func allows(_ step: Step) -> Bool {
        step.extent.set == elements && step.operation.accumulation.isSum && step.maps.allSatisfy(ends.contains)
    }
}
