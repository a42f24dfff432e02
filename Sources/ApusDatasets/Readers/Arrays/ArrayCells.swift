import ApusChemistry
import ApusFiles
import ApusFormats

/// The cells of an npz file: one for all configurations, or one for each.
///
/// The rows of `cell`, `cells`, `box` or `lattice_vectors` are the lattice vectors; sGDML's `lattice` has them as columns.
/// Shapes are `[3, 3]`, `[configurations, 3, 3]` or `[configurations, 9]`; zeros stand for no cell. `pbc` has three flags
/// for all or for each, or one, booleans or ones and zeros of any type; without it, what has a cell is periodic.
struct ArrayCells {
    /// The names of the arrays.
    static let names = rowNames + [columnsName, periodicName]
    private static let rowNames = ["cell", "cells", "box", "lattice_vectors"]
    private static let columnsName = "lattice"
    private static let periodicName = "pbc"

    private let cells: [Double]
    private let periodic: [Bool]?

    /// - Returns: nil for a file without cells.
    /// - Throws: `ApusError` about a shape, and where there are flags alone.
    init?(_ archive: NumpyArchive, count: Int, file: String) throws {
        let found = (Self.rowNames + [Self.columnsName]).first(where: archive.names.contains)
        func values(_ name: String, width: Int, shape: [Int]) throws -> [Double] {
            let array = try archive[name]
            var values = try array.doubles()
            if shape == [3], values.count == 1 { values = [Double](repeating: values[0], count: 3) }
            let isForAll = array.shape == shape || array.shape == [width] || values.count == 3 && array.count == 1
            guard isForAll || array.shape == [count] + shape || array.shape == [count, width] else {
                throw ApusError(
                    .data, file: file, place: "array '\(name)'",
                    problem: "the shape must be "
                        + (shape.count > 1
                            ? "\(shape), \([count] + shape) or \([count, width])" : "\(shape) or \([count] + shape)")
                        + ", but it is \(array.shape)",
                    remedy: "correct or remove the array")
            }
            return isForAll ? [[Double]](repeating: values, count: count).flatMap { $0 } : values
        }
        let flags =
            archive.names.contains(Self.periodicName)
            ? try periodicFlags(values(Self.periodicName, width: 3, shape: [3]), array: Self.periodicName, file: file)
            : nil
        guard let found else {
            guard flags?.contains(true) != true else {
                throw ApusError(
                    .data, file: file, problem: "'\(Self.periodicName)' says periodic, but there is no cell",
                    remedy: "add an array 'cell' of the shape [\(count), 3, 3] with the lattice vectors as rows")
            }
            return nil
        }
        let numbers = try values(found, width: 9, shape: [3, 3])
        cells =
            found == Self.columnsName
            ? numbers.indices.map { numbers[$0 / 9 * 9 + $0 % 3 * 3 + $0 % 9 / 3] } : numbers
        periodic = flags
    }

    /// The cells and flags of some configurations.
    func rows(_ range: Range<Int>) -> (cells: [Double], periodic: [Bool]?) {
        (
            Array(cells[9 * range.lowerBound..<9 * range.upperBound]),
            periodic.map { Array($0[3 * range.lowerBound..<3 * range.upperBound]) }
        )
    }
}

/// Numbers that say along which lattice vectors systems repeat, each 1 or 0.
///
/// - Throws: `ApusError` about another number.
func periodicFlags(_ values: [Double], array: String, file: String) throws -> [Bool] {
    if let value = values.first(where: { $0 != 0 && $0 != 1 }) {
        throw ApusError(
            .data, file: file, place: "array '\(array)'",
            problem: "the flags of periodic directions must be 0 or 1, or booleans, but \(value) was found",
            remedy: "correct the array, or remove it where all that have a cell are periodic")
    }
    return values.map { $0 == 1 }
}
