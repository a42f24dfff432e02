import ApusChemistry
import ApusFiles

/// Configurations that stand in arrays: row k of every array belongs to configuration k.
struct FrameBlock {
    /// The elements of the rows.
    enum Numbers {
        /// The same in all rows.
        case shared([Int])
        /// Those of one row after the other; numbers below 1 fill up rows with fewer atoms.
        case byRow([Int])
    }

    /// The file, for messages.
    let file: String
    /// The number of the first row in the file, from 0.
    let start: Int
    /// The number of rows.
    let count: Int
    /// Atoms in a row, filling included.
    let atoms: Int
    let numbers: Numbers
    /// The positions, row after row.
    let positions: [Double]
    var labels: [Property: [Double]] = [:]
    /// The three lattice vectors of each row, zeros for none; nil without a cell.
    var cells: [Double]?
    /// Whether each row repeats along each of its vectors; nil where all that have a cell do.
    var periodic: [Bool]?
    /// The name of the molecule in a row.
    var record: (Int) -> String? = { _ in nil }
    /// Labels whose arrays do not fit, with the reason.
    var leftOut: [Property: ApusError] = [:]
    /// Whether the format says which atoms fill up rows, so that a number below 1 cannot be a mistake.
    var marksFilling = false
    /// Whether a label that is not a number stands for one that is not known.
    var marksMissingLabels = false

    /// The configuration of a row.
    func frame(_ row: Int) throws -> SourceFrame {
        let place = Configuration.Place(file: file, frame: start + row + 1)
        var elements: [Int]
        var real: [Int]?
        switch numbers {
        case .shared(let numbers): elements = numbers
        case .byRow(let numbers):
            elements = Array(numbers[(row * atoms)..<((row + 1) * atoms)])
            if elements.contains(where: { $0 < 1 }) {
                real = elements.indices.filter { elements[$0] > 0 }
                if !marksFilling { try requireEmptyFilling(elements, row) }
                elements = elements.filter { $0 > 0 }
            }
        }
        func part(_ values: [Double], _ width: Int, perAtom: Bool) -> [Double] {
            let all = values[(row * width)..<((row + 1) * width)]
            guard perAtom, let real else { return Array(all) }
            let components = width / atoms
            return real.flatMap { atom in
                all[(all.startIndex + atom * components)..<(all.startIndex + (atom + 1) * components)]
            }
        }
        var frame = SourceFrame(
            numbers: elements, positions: vectors(part(positions, 3 * atoms, perAtom: true)), record: record(row),
            place: place)
        frame.leftOut = leftOut
        for (property, values) in labels {
            let label = part(values, property.count(atoms: atoms), perAtom: property.owner == .atom)
            guard !marksMissingLabels || !label.contains(where: \.isNaN) else { continue }
            frame.labels[property] = label
        }
        if let cells {
            let cell = cells[(row * 9)..<((row + 1) * 9)]
            let isPeriodicAlong =
                periodic.map { Array($0[(row * 3)..<((row + 1) * 3)]) }
                ?? [Bool](repeating: cell.contains { $0 != 0 }, count: 3)
            frame.cell = SourceFrame.Cell(cell, isPeriodicAlong: isPeriodicAlong)
        }
        return frame
    }

    /// Zeros among the atomic numbers fill a row up only where there is nothing else: no coordinate and no force.
    ///
    /// A negative number always means that there is no atom.
    private func requireEmptyFilling(_ elements: [Int], _ row: Int) throws {
        for atom in elements.indices where elements[atom] == 0 {
            let components = (3 * (row * atoms + atom))..<(3 * (row * atoms + atom + 1))
            let isEmpty = { (values: [Double]?) in
                values.map { $0[components].allSatisfy { $0 == 0 || $0.isNaN } } ?? true
            }
            guard !isEmpty(positions) || !isEmpty(labels[.forces]) else { continue }
            throw Configuration.Place(file: file, frame: start + row + 1).error(
                "the atomic number of atom \(atom), counted from 0, is 0, but the atom has coordinates or a force",
                remedy: "if these are indices of a list of elements, write the atomic numbers in their place")
        }
    }

    /// Rows that are read at a time, so that a block holds about as many numbers as stay in cache.
    static func rows(atoms: Int) -> Int { max(1, 1 << 15 / max(atoms, 1)) }
}

/// Hands out the frames of one block after the other, and counts the labels on the way.
struct FrameQueue {
    private var block: FrameBlock?
    private var row = 0
    /// Configurations so far.
    private(set) var count = 0
    /// Configurations so far that have a label.
    private(set) var labelCounts: [Property: Int] = [:]

    /// The next frame, of a new block when the present one is done; nil after the last block.
    mutating func next(_ nextBlock: () throws -> FrameBlock?) throws -> SourceFrame? {
        while block.map({ row >= $0.count }) ?? true {
            guard let new = try nextBlock() else { return nil }
            (block, row) = (new, 0)
        }
        guard let frame = try block?.frame(row) else { return nil }
        row += 1
        count += 1
        for property in frame.labels.keys { labelCounts[property, default: 0] += 1 }
        for property in frame.leftOut.keys { labelCounts[property, default: 0] += 1 }
        return frame
    }

    /// How many configurations have a property.
    func count(of property: Property) -> Int {
        property == .positions || property == .atomicNumbers ? count : labelCounts[property, default: 0]
    }
}

extension Property {
    /// Whether an array of some shape holds the property of `count` configurations; axes of extent one do not count.
    func fits(_ shape: [Int], count: Int, atoms: Int) -> Bool {
        shape.first == count
            && shapes(count: count, atoms: atoms).contains { $0.filter { $0 != 1 } == shape.filter { $0 != 1 } }
    }

    /// The shape of an array with the property of `count` configurations.
    func shape(count: Int, atoms: Int) -> [Int] {
        [count] + (owner == .atom ? [atoms] : []) + (components > 1 ? [3] : []) + (components == 9 ? [3] : [])
    }

    /// All shapes that an array with the property of `count` configurations may have, the usual one first.
    private func shapes(count: Int, atoms: Int) -> [[Int]] {
        [shape(count: count, atoms: atoms)] + (components == 9 && owner == .system ? [[count, 9]] : [])
            + (self == .stress ? [[count, 6]] : [])
    }

    /// These shapes in words: `[30, 3, 3], [30, 9] or [30, 6]`.
    func shapeText(count: Int, atoms: Int) -> String {
        let texts = shapes(count: count, atoms: atoms).map { "\($0)" }
        let first = texts.dropLast().joined(separator: ", ")
        return first.isEmpty ? texts[0] : "\(first) or \(texts[texts.count - 1])"
    }
}
