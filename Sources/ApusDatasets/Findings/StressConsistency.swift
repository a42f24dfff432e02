import ApusChemistry
import ApusSystem

/// Whether stresses are the slope of the energies with the strain, in their units and in ASE's sign, judged by pairs of
/// configurations of the same atoms in different cells.
///
/// Between the cells h and h', with the mean cell m = ½ (h + h') and the strain ε = m⁻¹ (h' − h), atoms also move within
/// the cell, by uᵢ = Δsᵢ m for the change Δs of their fractional coordinates to the nearest image. The energy changes by
///
///     ΔE = S + W + e,   S = ½ (V σ + V' σ') : ε,   W = −½ Σᵢ (Fᵢ + F'ᵢ)·uᵢ
///
/// with the error e of the trapezoidal rule, estimated as in ``ForceConsistency`` with bonds of 2.5 Å. The median of
/// (ΔE − W) / S is 1 for stresses in ASE's sign, −1 for those that are positive under compression, and a ratio of units
/// where stresses are in another one.
struct StressConsistency {
    /// Pairs that are near enough to tell.
    let pairs: Int
    /// The median of (ΔE − W) / S over these pairs; 0 without any.
    let slope: Double
    /// What is wrong, if anything.
    let finding: Finding?
    /// Whether there are enough such pairs, and most of them say that unit and sign are right.
    let isConfirmed: Bool

    /// e over |S| up to which a pair tells something.
    private static let largestRelativeError = 0.4
    /// Units of stress in use differ by factors of more than 1.5.
    private static let tolerance = 0.25
    private static let requiredPairs = 6
    /// Configurations of the same atoms, and in all, that are looked at.
    private static let (sample, total) = (60, 1200)

    /// Compares configurations of the same atoms.
    init(_ dataset: Dataset) {
        let all = dataset.configurations
        let (hasEnergy, hasStress) = (all.hasLabel(.energy), all.hasLabel(.stress))
        let angstroms = (try? dataset.units.length.factor(to: .angstrom)) ?? 1
        var groups: [[Int]: [Point]] = [:]
        var left = Self.total
        for position in all.indices where left > 0 && hasEnergy(position) && hasStress(position) {
            let configuration = all[position]
            let key = configuration.system.numbers + [configuration.system.charge]
            guard groups[key, default: []].count < Self.sample, let point = Point(configuration) else { continue }
            groups[key, default: []].append(point)
            left -= 1
        }
        var found: [(ratio: Double, error: Double)] = []
        for points in groups.values {
            for (index, first) in points.enumerated() {
                found += points[(index + 1)...].compactMap { first.compare($0, angstroms: angstroms) }
            }
        }
        let telling = found.filter { $0.error <= Self.largestRelativeError }.sorted { $0.error < $1.error }
        let used = telling.prefix(max(2 * Self.requiredPairs, found.count / 20))
        pairs = used.count
        let ratios = used.map(\.ratio).sorted()
        slope = ratios.isEmpty ? 0 : ratios[ratios.count / 2]
        finding = Self.finding(used, slope: slope, dataset)
        isConfirmed = used.count >= Self.requiredPairs && Self.agreement(of: used, with: 1) > 0.5
    }

    private static func agreement(of used: ArraySlice<(ratio: Double, error: Double)>, with factor: Double) -> Double {
        let agreeing = used.count { abs($0.ratio - factor) <= max($0.error, tolerance) * abs(factor) }
        return Double(agreeing) / Double(used.count)
    }

    private static func finding(
        _ used: ArraySlice<(ratio: Double, error: Double)>, slope: Double, _ dataset: Dataset
    ) -> Finding? {
        guard used.count >= requiredPairs, slope != 0 else { return nil }
        func agreement(with factor: Double) -> Double { Self.agreement(of: used, with: factor) }
        if agreement(with: 1) > 0.5 { return nil }
        let label = StressLabel(dataset)
        let evidence =
            "(between cells of different strain the energy changes by \(shortNumber(slope)) times what the \(label.noun) say; "
            + "\(used.count) pairs)"
        if agreement(with: -1) > 0.5 {
            return Finding(
                .stress, .fault,
                "the \(label.noun) have the opposite sign, \(label.wrongSign) \(evidence); \(label.signRemedy)")
        }
        guard agreement(with: slope) >= 0.75 else { return nil }
        let unit = label.units.first { unit in
            guard unit != label.unit, let factor = try? unit.factor(to: label.unit) else { return false }
            return abs(abs(slope) / factor - 1) < tolerance
        }
        return Finding(
            .stress, .fault,
            "the \(label.noun) seem to be in another unit than \(label.unit.symbol)"
                + (slope < 0 ? " and of the opposite sign" : "") + " \(evidence); "
                + label.remedy(unit) + (slope < 0 ? "; \(label.signRemedy)" : ""))
    }

    /// A configuration without what is not compared.
    private struct Point {
        let cell: [SIMD3<Double>]
        let isPeriodicAlong: [Bool]
        let positions: [SIMD3<Double>]
        let energy: Double
        /// V σ, row by row.
        let work: [Double]
        let forces: [SIMD3<Double>]?

        init?(_ configuration: Configuration) {
            let system = configuration.system
            guard let cell = system.cell, let energy = configuration.energy, let virial = configuration[.virial] else {
                return nil
            }
            (self.cell, isPeriodicAlong, positions) = (cell.vectors, cell.isPeriodicAlong, system.positions)
            (self.energy, forces) = (energy, configuration.forces)
            work = virial.map { -$0 }
        }

        /// (ΔE − W) / S and e / |S|; nil where nothing can be said.
        func compare(_ other: Point, angstroms: Double) -> (ratio: Double, error: Double)? {
            guard cell != other.cell, isPeriodicAlong == other.isPeriodicAlong else { return nil }
            let mean = zip(cell, other.cell).map { 0.5 * ($0 + $1) }
            guard let dual = dualVectors(mean), let own = dualVectors(cell), let others = dualVectors(other.cell) else {
                return nil
            }
            // ε_ab = Σ_k dual_k[a] Δh_k[b].
            var (strain, largest) = ([Double](repeating: 0, count: 9), 0.0)
            for k in 0..<3 {
                let change = other.cell[k] - cell[k]
                for a in 0..<3 { for b in 0..<3 { strain[3 * a + b] += dual[k][a] * change[b] } }
            }
            var (stretch, curvature) = (0.0, 0.0)
            for k in 0..<9 {
                stretch += 0.5 * (work[k] + other.work[k]) * strain[k]
                curvature += (other.work[k] - work[k]) * strain[k]
                largest = max(largest, abs(strain[k]))
            }
            var (moved, bend, farthest) = (0.0, 0.0, 0.0)
            for (atom, position) in positions.enumerated() {
                var step = SIMD3<Double>.zero
                for k in 0..<3 {
                    let change = (other.positions[atom] * others[k]).sum() - (position * own[k]).sum()
                    step += (change - (isPeriodicAlong[k] ? change.rounded() : 0)) * mean[k]
                }
                farthest = max(farthest, (step * step).sum().squareRoot() * angstroms)
                guard let forces, let further = other.forces else { continue }
                moved -= 0.5 * ((forces[atom] + further[atom]) * step).sum()
                bend += abs(((further[atom] - forces[atom]) * step).sum())
            }
            let hasForces = forces != nil && other.forces != nil
            // Without forces, what atoms do within the cell is not known.
            guard stretch != 0, hasForces || farthest < 0.01, abs(moved) < 5 * abs(stretch) else { return nil }
            let rounding = [energy, other.energy].reduce(0) { sum, value in
                let single = Float(value)
                return sum + (Double(single) == value ? 2 * Double(single.ulp) : 4 * value.ulp)
            }
            let error = 0.5 * 2.5 * largest * abs(curvature) + 0.5 * farthest * bend + 2 * rounding
            return ((other.energy - energy - moved) / stretch, error / abs(stretch))
        }
    }
}

/// The vectors whose products with the rows of a matrix are 1 for the same row and 0 for others; nil for a flat matrix.
private func dualVectors(_ rows: [SIMD3<Double>]) -> [SIMD3<Double>]? {
    let volume = (rows[0] * cross(rows[1], rows[2])).sum()
    guard volume != 0 else { return nil }
    return (0..<3).map { cross(rows[($0 + 1) % 3], rows[($0 + 2) % 3]) / volume }
}
