import ApusChemistry
import ApusFiles
import ApusFormats

/// The cells of an npz file: one for all configurations, or one for each.
///
/// The rows of `cell`, `cells`, `box` or `lattice_vectors` are the lattice vectors; sGDML's `lattice` has them as columns.
/// Shapes are `[3, 3]`, `[configurations, 3, 3]` or `[configurations, 9]`; zeros stand for no cell. `pbc` has three flags
/// for all or for each; without it, what has a cell is periodic.
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
            let values = try array.doubles()
            let isForAll = array.shape == shape || array.shape == [width]
            guard isForAll || array.shape == [count] + shape || array.shape == [count, width] else {
                throw ApusError(
                    .data, file: file, place: "array '\(name)'",
                    problem: "the shape must be \(shape) or \([count] + shape), but it is \(array.shape)",
                    remedy: "correct or remove the array")
            }
            return isForAll ? [[Double]](repeating: values, count: count).flatMap { $0 } : values
        }
        let flags =
            archive.names.contains(Self.periodicName)
            ? try values(Self.periodicName, width: 3, shape: [3]).map { $0 != 0 } : nil
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
