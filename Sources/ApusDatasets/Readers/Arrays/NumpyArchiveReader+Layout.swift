import ApusChemistry
import ApusFiles
import ApusFormats

extension NumpyArchiveReader {
    /// Which atoms the configurations of an npz file have, and where the numbers of an atom stand.
    enum Layout {
        /// The same elements in all: `[atoms]`, and arrays of `[configurations, atoms, …]`.
        case shared([Int])
        /// Elements for each: `[configurations, atoms]`, filled up with zeros; perhaps with counts of atoms.
        case padded(NumpyRows, atoms: Int, counts: [Int]?)
        /// One after the other: `[all atoms]`, and arrays of `[all atoms, …]`, cut by counts of atoms.
        case concatenated(NumpyRows, counts: [Int])

        /// The names of arrays that count the atoms of each configuration.
        static let countNames = ["N", "n_atoms", "natoms", "num_atoms"]

        /// - Throws: `ApusError` that names the array whose shape fits no layout.
        init(_ archive: NumpyArchive, numbers: String, positions: NumpyRows, named name: String, file: String) throws {
            let elements = try archive.rows(of: numbers)
            let counts = try Self.countNames.first(where: archive.names.contains).map { try archive[$0].integers() }
            let (shape, extents) = (elements.shape, positions.shape)
            func wrong(_ property: Property, _ array: String, _ found: [Int], _ wanted: String) -> ApusError {
                .wrongShape(property, array: array, found: found, wanted: wanted, file: file)
            }
            if let counts, shape.count == 1, extents.count == 2 {
                guard counts.allSatisfy({ $0 > 0 }), counts.reduce(0, { $0 &+ $1 }) == shape[0] else {
                    throw ApusError(
                        .data, file: file,
                        problem: "the counts of atoms must be positive and sum to the \(shape[0]) "
                            + "atoms of '\(numbers)'", remedy: "correct the file")
                }
                guard extents == [shape[0], 3] else { throw wrong(.positions, name, extents, "[\(shape[0]), 3]") }
                self = .concatenated(elements, counts: counts)
            } else if shape.count == 2, shape[1] > 0 {
                guard extents == shape + [3] else { throw wrong(.positions, name, extents, "\(shape + [3])") }
                guard counts.map({ $0.count == shape[0] }) ?? true else {
                    throw ApusError(
                        .data, file: file,
                        problem: "there must be \(shape[0]) counts of atoms, one for each "
                            + "configuration", remedy: "correct the file")
                }
                self = .padded(elements, atoms: shape[1], counts: counts)
            } else {
                guard shape.count == 1, shape[0] > 0 else {
                    throw wrong(.atomicNumbers, numbers, shape, "[atoms] or [configurations, atoms]")
                }
                guard extents.count == 3, extents[1...] == [shape[0], 3] else {
                    throw wrong(
                        .positions, name, extents,
                        "[configurations, \(shape[0]), 3], or [\(shape[0]), 3] beside an "
                            + "array 'N' with the count of atoms of each configuration")
                }
                self = .shared(try elements.all().integers())
            }
        }

        /// The number of configurations, where the first extent of the positions is known.
        func count(_ rows: Int) -> Int {
            if case .concatenated(_, let counts) = self { counts.count } else { rows }
        }

        /// Atoms in a row; nil where each configuration has its own.
        var atoms: Int? {
            switch self {
            case .shared(let numbers): numbers.count
            case .padded(_, let atoms, _): atoms
            case .concatenated: nil
            }
        }

        /// Whether an array can hold a property of `count` configurations.
        func fits(_ property: Property, _ shape: [Int], count: Int) -> Bool {
            property.fits(shape, count: rows(property, count), atoms: atoms ?? 1)
        }

        /// The shapes that an array with a property of `count` configurations may have.
        func extents(_ property: Property, _ count: Int) -> String {
            guard case .concatenated(_, let counts) = self, property.owner == .atom else {
                return property.shapeText(count: count, atoms: atoms ?? 1)
            }
            let width = (property.components > 1 ? [3] : []) + (property.components == 9 ? [3] : [])
            return "\([counts.reduce(0, +)] + width)"
        }

        /// The first extent of an array with a property of `count` configurations.
        private func rows(_ property: Property, _ count: Int) -> Int {
            guard case .concatenated(_, let counts) = self, property.owner == .atom else { return count }
            return counts.reduce(0, +)
        }
    }
}
