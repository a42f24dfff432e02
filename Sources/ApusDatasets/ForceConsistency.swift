import ApusChemistry

/// Whether forces are the negative slope of the energies, in their units, judged by near configurations of a molecule.
///
/// Between two near geometries the energy changes by ΔE ≈ −½ (F + F')·Δr, with an error of third order in Δr. The slope
/// s of the regression ΔE = s · (−½ (F + F')·Δr) is 1 for forces, −1 for gradients, and a ratio of units when energies
/// and forces are in different ones.
public struct ForceConsistency: Sendable, Equatable {
    /// Pairs of configurations that were compared.
    public let pairs: Int
    /// s.
    public let slope: Double
    /// The correlation of ΔE with −½ (F + F')·Δr, −1 to 1; without one nothing can be said.
    public let correlation: Double

    /// Slopes of data whose units are right scatter about one by some per cent, and the units in use differ by factors
    /// of more than 1.5 (Å and bohr by 1.9).
    private static let tolerance = 0.25
    /// A smaller correlation comes of configurations that are too far from each other.
    private static let requiredCorrelation = 0.9
    private static let requiredPairs = 5
    /// Configurations of a molecule that are looked at; their pairs grow as the square.
    private static let sample = 400
    /// Configurations that are looked at in all.
    private static let total = 4000

    /// Whether there were enough near configurations to judge.
    public var isConclusive: Bool { pairs >= Self.requiredPairs && abs(correlation) >= Self.requiredCorrelation }

    /// What is wrong with the forces, if anything.
    public var warning: String? {
        guard isConclusive, abs(slope - 1) > Self.tolerance else { return nil }
        let evidence =
            "(between near geometries the energy changes by \((slope * 1e3).rounded() / 1e3) times what the forces say; "
            + "\(pairs) pairs, correlation \((correlation * 1e3).rounded() / 1e3))"
        if abs(slope + 1) <= Self.tolerance {
            return "the forces look like gradients, of the opposite sign \(evidence); declare them with "
                + "dataset.forces_are_gradients or --forces-are-gradients"
        }
        let sign = slope < 0 ? ", and of the opposite sign, like gradients" : ""
        let hint = Self.ratios.min { abs(1 - abs(slope) / $0.ratio) < abs(1 - abs(slope) / $1.ratio) }
        let guess =
            hint.flatMap { abs(1 - abs(slope) / $0.ratio) < 0.1 ? "; \($0.meaning) would explain it" : nil } ?? ""
        return "the forces seem to be in another unit than the energies say\(sign) \(evidence)\(guess); state "
            + "source_force_unit or source_energy_unit"
    }

    /// What |s| is when forces, or energies, are in another unit than is believed.
    private static let ratios: [(ratio: Double, meaning: String)] = {
        let energies: [(String, Unit)] = [
            ("eV", .electronvolt), ("hartree", .hartree), ("kcal/mol", .kilocaloriePerMole),
            ("kJ/mol", .kilojoulePerMole),
        ]
        let lengths: [(String, Unit)] = [("Å", .angstrom), ("bohr", .bohr), ("nm", .nanometer)]
        var ratios: [(Double, String)] = []
        for (energy, energyUnit) in energies {
            for (other, otherUnit) in energies {
                for (length, lengthUnit) in lengths {
                    for (otherLength, otherLengthUnit) in lengths where (energy, length) != (other, otherLength) {
                        // Units of energy and of length convert among themselves.
                        guard let energyRatio = try? otherUnit.factor(to: energyUnit),
                            let lengthRatio = try? lengthUnit.factor(to: otherLengthUnit)
                        else { continue }
                        let ratio = energyRatio * lengthRatio
                        ratios.append((ratio, "forces in \(other)/\(otherLength) read as \(energy)/\(length)"))
                    }
                }
            }
        }
        return ratios.sorted { $0.1.count < $1.1.count }
    }()

    /// Compares the near configurations of each molecule of a data set.
    ///
    /// - Returns: nil when no two configurations of a molecule have energies and forces.
    public init?(_ dataset: Dataset) {
        var found: [(distance: Double, predicted: Double, change: Double)] = []
        let all = dataset.configurations
        let (hasEnergy, hasForces) = (all.hasLabel(.energy), all.hasLabel(.forces))
        var left = Self.total
        for (_, members) in dataset.records where left > 0 {
            let labelled = members.lazy.filter { hasEnergy($0) && hasForces($0) }
            let some = labelled.prefix(min(Self.sample, left)).map { all[$0] }
            left -= some.count
            for (index, first) in some.enumerated() {
                let others = some[(index + 1)...].filter { $0.system.numbers == first.system.numbers }
                guard let nearest = others.min(by: { first.distance(to: $0) < first.distance(to: $1) }) else {
                    continue
                }
                var work = 0.0
                for (atom, (force, other)) in zip(first.forces!, nearest.forces!).enumerated() {
                    let step = nearest.system.positions[atom] - first.system.positions[atom]
                    work -= 0.5 * ((force + other) * step).sum()
                }
                found.append((first.distance(to: nearest), work, nearest.energy! - first.energy!))
            }
        }
        // Copies of one geometry say nothing; the nearest quarter says most.
        let moved = found.filter { $0.distance > 0 }.sorted { $0.distance < $1.distance }
        let used = moved.prefix(max(Self.requiredPairs, moved.count / 4))
        guard !used.isEmpty else { return nil }
        let square = used.reduce(0) { $0 + $1.predicted * $1.predicted }
        let product = used.reduce(0) { $0 + $1.predicted * $1.change }
        let changes = used.reduce(0) { $0 + $1.change * $1.change }
        pairs = used.count
        slope = square > 0 ? product / square : 0
        correlation = square > 0 && changes > 0 ? product / (square * changes).squareRoot() : 0
    }
}

extension Configuration {
    /// Σ Δr² over the atoms.
    fileprivate func distance(to other: Configuration) -> Double {
        var sum = 0.0
        for (a, b) in zip(system.positions, other.system.positions) { sum += ((a - b) * (a - b)).sum() }
        return sum
    }
}

extension Dataset {
    /// The molecules in the order in which they first appear, with the positions of their configurations.
    public var records: [(name: String, members: [Int])] {
        var records: [(name: String, members: [Int])] = []
        var indexOfRecord: [Int: Int] = [:]
        for (position, record) in configurations.recordIndices.enumerated() {
            if let index = indexOfRecord[record] {
                records[index].members.append(position)
            } else {
                indexOfRecord[record] = records.count
                records.append((configurations.record(position), [position]))
            }
        }
        return records
    }
}
