import ApusSystem

/// Energies of elements that explain residuals of energies, as far as the residuals show that elements differ.
///
///     min Σ_k 1/N_k (r_k − N_k δ − Σ_Z n_kZ d_Z)² + λ Σ_Z d_Z²,      δ_Z = δ + d_Z
///
/// with the residual r_k of a system of N_k atoms, n_kZ of them of element Z. The weights are those of residuals that are
/// sums of independent errors of atoms. λ goes from ∞, where all elements get the mean residual of an atom, δ = Σ r / Σ N, down
/// to 10⁻⁴ times the number of systems in steps of ten, and that with the smallest error of leaving out one system is taken
/// (Allen 1974, doi:10.1080/00401706.1974.10489157). Where compositions do not tell elements apart, the penalty decides, and
/// they get the same.
struct ElementCorrection {
    /// δ_Z by atomic number, for every element of the systems.
    let values: [Int: Double]
    /// δ, the correction of elements that no system has.
    let common: Double

    /// Fits; all values are zero where a residual is not finite.
    ///
    /// - Parameters:
    ///   - systems: The atomic numbers of each system.
    ///   - residuals: r, one for each system.
    ///   - tellsElementsApart: Whether elements may differ; without it λ is ∞.
    init(systems: [[Int]], residuals: [Double], tellsElementsApart: Bool = true) {
        require(systems.count == residuals.count, "each system has a residual")
        let elements = Set(systems.joined()).sorted()
        guard residuals.allSatisfy(\.isFinite), !elements.isEmpty else {
            (values, common) = (Dictionary(uniqueKeysWithValues: elements.map { ($0, 0) }), 0)
            return
        }
        // The first column is that of δ.
        let rows = systems.map { numbers in
            let root = Double(numbers.count).squareRoot()
            return [root] + elements.map { element in Double(numbers.count { $0 == element }) / root }
        }
        let targets = zip(systems, residuals).map { $1 / Double($0.count).squareRoot() }
        var best = Ridge(rows, targets, columns: 1, penalty: 0)
        for factor in [10, 1, 0.1, 0.01, 1e-3, 1e-4] where tellsElementsApart && elements.count > 1 {
            let penalty = Double(systems.count) * factor
            guard let fit = Ridge(rows, targets, columns: elements.count + 1, penalty: penalty),
                fit.leaveOneOut < best?.leaveOneOut ?? .infinity
            else { continue }
            best = fit
        }
        let solution = best?.solution ?? [0]
        common = solution[0]
        values = Dictionary(
            uniqueKeysWithValues: elements.enumerated().map { k, element in
                (element, solution[0] + (solution.count > 1 ? solution[k + 1] : 0))
            })
    }
}

/// Least squares with a penalty on all unknowns but the first.
private struct Ridge {
    let solution: [Double]
    /// The mean square of the errors for each row when it is left out.
    let leaveOneOut: Double

    /// Solves with the first columns of the rows; nil where a row alone decides about an unknown, or nothing does.
    init?(_ rows: [[Double]], _ targets: [Double], columns: Int, penalty: Double) {
        var matrix = [[Double]](repeating: [Double](repeating: 0, count: columns), count: columns)
        var right = [Double](repeating: 0, count: columns)
        for (row, target) in zip(rows, targets) {
            for i in 0..<columns {
                for j in 0...i { matrix[i][j] += row[i] * row[j] }
                right[i] += row[i] * target
            }
        }
        for i in 1..<max(1, columns) { matrix[i][i] += penalty }
        // The Cholesky factor, in place.
        for i in 0..<columns {
            for j in 0...i {
                let sum = (0..<j).reduce(matrix[i][j]) { $0 - matrix[i][$1] * matrix[j][$1] }
                guard i != j || sum > 0 else { return nil }
                matrix[i][j] = i == j ? sum.squareRoot() : sum / matrix[j][j]
            }
        }
        /// L⁻¹ x.
        func forward(_ x: [Double]) -> [Double] {
            var y = [Double](repeating: 0, count: columns)
            for i in 0..<columns {
                y[i] = (0..<i).reduce(x[i]) { $0 - matrix[i][$1] * y[$1] } / matrix[i][i]
            }
            return y
        }
        var unknowns = forward(right)
        for i in (0..<columns).reversed() {
            unknowns[i] = (i + 1..<columns).reduce(unknowns[i]) { $0 - matrix[$1][i] * unknowns[$1] } / matrix[i][i]
        }
        var sum = 0.0
        for (row, target) in zip(rows, targets) {
            let leverage = forward(row).reduce(0) { $0 + $1 * $1 }
            // A single row decides about δ alone.
            guard leverage < 1 - 1e-9 || rows.count == 1 else { return nil }
            let error = (0..<columns).reduce(target) { $0 - row[$1] * unknowns[$1] } / max(1 - leverage, 1e-9)
            sum += error * error
        }
        solution = unknowns
        leaveOneOut = sum / Double(rows.count)
    }
}
