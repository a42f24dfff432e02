import ApusSystem

/// Linear least squares min ‖A x − b‖ with many rows and few columns, by orthogonal transformations alone.
///
/// Each row is rotated into an upper triangle R as it comes (Givens rotations), so that memory is O(columns²) and the
/// condition of the problem is not squared as in the normal equations. The solution follows from the singular value
/// decomposition of R and is the one of smallest norm. Golub and Van Loan, Matrix Computations, 4th ed., 5.1.8, 5.5
/// and 8.6.
struct LeastSquares {
    struct Solution {
        let unknowns: [Double]
        /// Ratio of the largest to the smallest singular value that counts as not zero.
        let conditionNumber: Double
        /// The unknowns that can change without changing A x, if others change with them.
        let undetermined: [Int]
    }

    /// Singular values below this fraction of the largest are zero.
    ///
    /// The rows are numbers of atoms: a direction that a single configuration out of millions determines has a
    /// singular value of at least about 10⁻⁶ of the largest, one that is not determined about 10⁻¹⁵.
    private static let rankTolerance = 1e-10
    /// Parts of an unknown in the null space below this are rounding.
    private static let nullTolerance = 1e-6

    private let columns: Int
    /// The triangle R row by row, with the transformed right-hand side as its last column.
    private var triangle: [[Double]]

    init(columns: Int) {
        self.columns = columns
        triangle = [[Double]](repeating: [Double](repeating: 0, count: columns + 1), count: columns)
    }

    /// Adds an equation.
    mutating func append(row: [Double], target: Double) {
        require(row.count == columns, "the row has \(row.count) entries, not \(columns)")
        var row = row + [target]
        for pivot in 0..<columns where row[pivot] != 0 {
            let length = (triangle[pivot][pivot] * triangle[pivot][pivot] + row[pivot] * row[pivot]).squareRoot()
            let cosine = triangle[pivot][pivot] / length
            let sine = row[pivot] / length
            for column in pivot...columns {
                let (upper, lower) = (triangle[pivot][column], row[column])
                triangle[pivot][column] = cosine * upper + sine * lower
                row[column] = cosine * lower - sine * upper
            }
        }
    }

    /// The solution of smallest norm.
    func solution() -> Solution {
        let (products, right) = singularValueDecomposition()
        let squares = products.map { zip($0, $0).reduce(0) { $0 + $1.0 * $1.1 } }
        let largest = squares.max() ?? 0
        let threshold = LeastSquares.rankTolerance * LeastSquares.rankTolerance * largest

        var unknowns = [Double](repeating: 0, count: columns)
        var isUndetermined = [Bool](repeating: false, count: columns)
        var smallest = largest
        for (index, square) in squares.enumerated() {
            if square > threshold {
                smallest = min(smallest, square)
                let target = triangle.map { $0[columns] }
                let coefficient = zip(products[index], target).reduce(0) { $0 + $1.0 * $1.1 } / square
                for unknown in 0..<columns { unknowns[unknown] += coefficient * right[index][unknown] }
            } else {
                for unknown in 0..<columns where abs(right[index][unknown]) > LeastSquares.nullTolerance {
                    isUndetermined[unknown] = true
                }
            }
        }
        return Solution(
            unknowns: unknowns, conditionNumber: (largest / smallest).squareRoot(),
            undetermined: isUndetermined.indices.filter { isUndetermined[$0] })
    }

    /// Rotates the columns of R until they are orthogonal (one-sided Jacobi): the columns σ u of R V, and those of V.
    private func singularValueDecomposition() -> (products: [[Double]], right: [[Double]]) {
        var products = (0..<columns).map { column in triangle.map { $0[column] } }
        var right = (0..<columns).map { column in (0..<columns).map { $0 == column ? 1.0 : 0.0 } }
        // Convergence is quadratic; a handful of sweeps is enough for any matrix.
        for _ in 0..<60 {
            var isOrthogonal = true
            for second in 0..<columns {
                for first in 0..<second {
                    var (alpha, beta, gamma) = (0.0, 0.0, 0.0)
                    for (a, b) in zip(products[first], products[second]) {
                        alpha += a * a
                        beta += b * b
                        gamma += a * b
                    }
                    guard abs(gamma) > 1e-15 * (alpha * beta).squareRoot() else { continue }
                    isOrthogonal = false
                    let zeta = (beta - alpha) / (2 * gamma)
                    let tangent = (zeta < 0 ? -1 : 1) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
                    let cosine = 1 / (1 + tangent * tangent).squareRoot()
                    LeastSquares.rotate(&products, first, second, cosine, cosine * tangent)
                    LeastSquares.rotate(&right, first, second, cosine, cosine * tangent)
                }
            }
            if isOrthogonal { break }
        }
        return (products, right)
    }

    private static func rotate(
        _ vectors: inout [[Double]], _ first: Int, _ second: Int, _ cosine: Double, _ sine: Double
    ) {
        for index in vectors[first].indices {
            let (a, b) = (vectors[first][index], vectors[second][index])
            vectors[first][index] = cosine * a - sine * b
            vectors[second][index] = sine * a + cosine * b
        }
    }
}
