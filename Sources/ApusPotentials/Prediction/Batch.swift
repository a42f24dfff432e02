import ApusChemistry
import ApusGraph
import ApusSystem

/// Systems that have gone through a program, with the values that came out, by name.
public struct Batch: Sendable {
    /// The systems.
    public let systems: [AtomicSystem]
    /// The systems of each chunk, in order.
    public let chunks: [Range<Int>]
    private let outputs: [String: Output]
    private let values: [ChunkOutputs]
    /// Where each system stands: its chunk, its place there, and its first atom there.
    private let places: [(chunk: Int, system: Int, atom: Int)]

    /// One output of a program.
    struct Output: Sendable {
        let position: Int
        let isOfAtoms: Bool
        /// Numbers in a row.
        let width: Int

        init(position: Int, rows: RowSpace, shape: Shape) {
            require(rows == .atoms || rows == .systems, "what comes out of a batch has rows of atoms or systems")
            (self.position, isOfAtoms, width) = (position, rows == .atoms, shape.count)
        }
    }

    init(systems: [AtomicSystem], chunks: [Range<Int>], outputs: [String: Output], values: [ChunkOutputs]) {
        (self.systems, self.chunks, self.outputs, self.values) = (systems, chunks, outputs, values)
        var places: [(chunk: Int, system: Int, atom: Int)] = []
        places.reserveCapacity(systems.count)
        for (chunk, range) in chunks.enumerated() {
            var atom = 0
            for k in range {
                places.append((chunk, k - range.lowerBound, atom))
                atom += systems[k].count
            }
        }
        self.places = places
    }

    /// What an output says about a system, atom by atom and row by row.
    public subscript(name: String, k: Int) -> ArraySlice<Double> {
        guard let output = outputs[name] else { fatalError("nothing named '\(name)' comes out of this program") }
        let place = places[k]
        let first = output.width * (output.isOfAtoms ? place.atom : place.system)
        let count = output.width * (output.isOfAtoms ? systems[k].count : 1)
        return values[place.chunk][output.position][first..<first + count]
    }

    /// What is predicted of a property for a system, atom by atom and row by row.
    public subscript(property: Property, k: Int) -> ArraySlice<Double> { self[property.key, k] }

    /// Whether all numbers of an output are finite.
    public func isFinite(_ name: String) -> Bool {
        guard let output = outputs[name] else { fatalError("nothing named '\(name)' comes out of this program") }
        return values.allSatisfy { $0[output.position].allSatisfy(\.isFinite) }
    }
}
