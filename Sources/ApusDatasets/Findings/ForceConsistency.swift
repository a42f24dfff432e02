import ApusChemistry

/// Whether forces are the negative slope of the energies, in their units, judged by near configurations of a molecule.
///
/// Between two geometries that are Δr apart the energy changes by
///
///     ΔE = W + e,   W = −½ (F + F')·Δr
///
/// with the error e of the trapezoidal rule, which is of third order. Its size is estimated from the curvature between
/// the ends, |e| ≲ ε = ½ a Σᵢ |(Fᵢ − F'ᵢ)·Δrᵢ|, where a is the largest displacement of an atom in Å: the third
/// derivative of a bond's energy is about 6 /Å times the second, of which the rule sees a twelfth. Only pairs tell
/// something with ε ≤ 0.4 |W|. Molecules that have turned are brought on each other first. The median of ΔE / W over such
/// pairs is 1 for forces, −1 for gradients, and a ratio of units when energies and forces are in different ones. Errors of
/// the rule change its size, but not its sign; that of forces that have nothing to do with the energies is any.
///
/// These bounds were chosen on 1,000 sets of molecules of 4 to 14 atoms, rattled by 0.02 to 0.2 Å, with forces of
/// GFN2-xTB (`Tools/make_rattled_fixture.py` makes such sets), and tried on 400 others of 11 to 27 atoms.
public struct ForceConsistency: Sendable, Equatable {
    /// What the pairs say.
    public enum Verdict: Sendable, Equatable {
        /// Forces and energies belong together.
        case consistent
        /// There are too few pairs, or all are so far apart that the estimated error is as large as what is compared.
        case tooFarApart
        /// The forces have the sign of gradients.
        case oppositeSign
        /// All pairs agree on another factor; the mistakes about units that explain it within the noise.
        case otherFactor(explanations: [UnitMistake])
        /// The pairs are near enough, but agree neither with the forces nor with each other.
        case unrelated
    }

    /// Pairs of configurations that are near enough to tell.
    public let pairs: Int
    /// The median of ΔE / W over these pairs; 0 without any.
    public let slope: Double
    /// What follows.
    public let verdict: Verdict
    private let names: SettingNames

    /// ε over |W| up to which a pair tells something.
    private static let largestRelativeError = 0.4
    /// Units in use differ by factors of more than 1.5; this much is let pass even where ε is smaller.
    private static let tolerance = 0.25
    /// Where so many pairs agree on the sign of ΔE / W, errors of the rule are what they disagree by.
    private static let sameSign = 0.9
    /// A verdict needs so many pairs.
    private static let requiredPairs = 8
    /// Configurations of a molecule that are looked at.
    private static let sample = 400
    /// Configurations that are looked at in all.
    private static let total = 4000
    /// Nearest others that each configuration is compared with.
    private static let neighbors = 8

    /// Whether there were enough near configurations to judge.
    public var isConclusive: Bool { verdict != .tooFarApart }

    /// What is wrong with the forces, if anything.
    public var warning: String? {
        let factor = (slope * 1e3).rounded() / 1e3
        let evidence =
            "(between near geometries the energy changes by \(factor) times what the forces say; \(pairs) pairs)"
        switch verdict {
        case .consistent, .tooFarApart: return nil
        case .oppositeSign:
            return "the forces look like gradients, of the opposite sign \(evidence); declare them with "
                + "dataset.forces_are_gradients or --forces-are-gradients, or leave that out where it is given"
        case .otherFactor(let explanations):
            let sign = slope < 0 ? ", and of the opposite sign, like gradients" : ""
            return "the forces seem to be in another unit than the energies say\(sign) \(evidence)"
                + (explanations.isEmpty
                    ? "; state \(names.unit(.force)) or \(names.unit(.energy))"
                    : "; this would explain it, and only you know which is true: "
                        + explanations.map { "\($0) (\($0.remedy(names)))" }.joined(separator: ", or "))
        case .unrelated:
            return
                "the forces do not belong to the energies: between \(pairs) pairs of near geometries the energies change "
                + "otherwise than the forces say, by no common factor; see whether atoms, frames or methods were mixed up"
        }
    }

    /// The same as a finding.
    public var finding: Finding? { warning.map { Finding(.forces, .fault, $0) } }

    /// Compares the near configurations of each molecule of a data set.
    ///
    /// - Returns: nil when no two configurations of a molecule have energies and forces that are not all zero.
    public init?(_ dataset: Dataset) {
        var found: [Pair] = []
        names = dataset.interpretation.names
        let all = dataset.configurations
        let (hasEnergy, hasForces) = (all.hasLabel(.energy), all.hasLabel(.forces))
        let angstroms = (try? dataset.units.length.factor(to: .angstrom)) ?? 1
        var left = Self.total
        for (_, members) in dataset.records where left > 0 {
            let labelled = members.lazy.filter { hasEnergy($0) && hasForces($0) }
            guard let reference = labelled.first.map({ all[$0].system }) else { continue }
            let some = Array(labelled.prefix(min(Self.sample, left))).map { Point(all[$0], alignedTo: reference) }
            left -= some.count
            found += Self.pairs(some, angstroms: angstroms)
        }
        // Copies of one geometry and forces of zero say nothing.
        found = found.filter { $0.work != 0 }
        guard !found.isEmpty else { return nil }
        let telling = found.filter { $0.relativeError <= Self.largestRelativeError }
            .sorted { $0.relativeError < $1.relativeError }
        let used = telling.prefix(max(2 * Self.requiredPairs, found.count / 20))
        let isOpposite = used.count < Self.requiredPairs && Self.areOpposite(found)
        let judged = isOpposite ? found[...] : used
        pairs = judged.count
        let ratios = judged.map { $0.change / $0.work }.sorted()
        slope = ratios.isEmpty ? 0 : ratios[ratios.count / 2]
        verdict = isOpposite ? .oppositeSign : Self.verdict(used, slope: slope, dataset)
    }

    /// Whether ΔE and W go against each other in many pairs, which are too far apart for more.
    ///
    /// Errors of the rule weaken the correlation, but do not turn it round: in trajectories of molecules it was 0.2 to 0.6.
    private static func areOpposite(_ pairs: [Pair]) -> Bool {
        guard pairs.count >= 100 else { return false }
        let count = Double(pairs.count)
        let (workMean, changeMean) = (
            pairs.reduce(0) { $0 + $1.work } / count, pairs.reduce(0) { $0 + $1.change } / count
        )
        var (product, workSquare, changeSquare) = (0.0, 0.0, 0.0)
        for pair in pairs {
            let (work, change) = (pair.work - workMean, pair.change - changeMean)
            product += work * change
            workSquare += work * work
            changeSquare += change * change
        }
        return product < -0.15 * (workSquare * changeSquare).squareRoot()
    }

    private static func verdict(_ used: ArraySlice<Pair>, slope: Double, _ dataset: Dataset) -> Verdict {
        guard used.count >= requiredPairs else { return .tooFarApart }
        func agreement(with factor: Double) -> Double {
            Double(used.count { $0.agrees(with: factor, tolerance: tolerance) }) / Double(used.count)
        }
        if agreement(with: 1) > 0.5 { return .consistent }
        guard agreement(with: slope) >= 0.75 else {
            let positive = Double(used.count { $0.change * $0.work > 0 }) / Double(used.count)
            return positive >= sameSign ? .tooFarApart : positive <= 1 - sameSign ? .oppositeSign : .unrelated
        }
        let deviations = used.map { abs($0.change / $0.work - slope) }.sorted()
        // Three standard errors of the median, by the median deviation of a normal distribution.
        let noise = 3 * 1.4826 * deviations[used.count / 2] / Double(used.count).squareRoot() / abs(slope)
        if abs(slope + 1) <= max(noise, tolerance) { return .oppositeSign }
        return .otherFactor(explanations: explanations(of: abs(slope), within: min(max(noise, 0.05), 0.1), dataset))
    }

    /// A configuration without what is not compared.
    private struct Point {
        let system: AtomicSystem
        let energy: Double
        let forces: [SIMD3<Double>]
        /// The positions, brought on those of another configuration of the molecule; those of a crystal stay.
        let aligned: [SIMD3<Double>]
        /// The lattice vectors along which the system repeats, each with its dual vector.
        let lattice: [(vector: SIMD3<Double>, dual: SIMD3<Double>)]

        init(_ configuration: Configuration, alignedTo reference: AtomicSystem) {
            system = configuration.system
            energy = configuration.energy ?? 0
            forces = configuration.forces ?? []
            if let cell = system.cell, cell.isPeriodic {
                aligned = system.positions
                lattice = cell.repeats
                return
            }
            lattice = []
            let superposition = Superposition(of: system.positions, onto: reference.positions)
            aligned = reference.count == system.count ? system.positions.map(superposition.moved) : system.positions
        }

        /// What the rounding of the energy can make of a difference, for numbers of 32 bits twice their last digit.
        var rounding: Double {
            let single = Float(energy)
            return Double(single) == energy ? 2 * Double(single.ulp) : 4 * energy.ulp
        }

        /// Σ Δr² over the atoms, as they were brought on a common molecule.
        func distance(to other: Point) -> Double {
            var sum = 0.0
            for (a, b) in zip(aligned, other.aligned) {
                let step = nearest(b - a)
                sum += (step * step).sum()
            }
            return sum
        }

        /// A displacement to the nearest image: atoms may be listed in any.
        func nearest(_ step: SIMD3<Double>) -> SIMD3<Double> {
            lattice.reduce(step) { $0 - (step * $1.dual).sum().rounded() * $1.vector }
        }

        /// Crystals are compared in one cell; what cells do to the energy is the matter of stresses.
        func isComparable(with other: Point) -> Bool {
            let isCrystal = system.cell?.isPeriodic == true
            return (isCrystal ? !lattice.isEmpty && system.cell == other.system.cell : other.lattice.isEmpty)
                && system.numbers == other.system.numbers
                && system.charge == other.system.charge
                && system.spinMultiplicity == other.system.spinMultiplicity
        }
    }

    /// W, ε and ΔE between two configurations.
    private struct Pair {
        let work: Double
        let error: Double
        let change: Double
        let rounding: Double

        init(_ first: Point, _ second: Point, angstroms: Double) {
            let isMolecule = first.lattice.isEmpty
            let superposition = Superposition(of: second.system.positions, onto: first.system.positions)
            var (work, curvature, largest) = (0.0, 0.0, 0.0)
            for atom in first.forces.indices {
                let (start, end) = (first.system.positions[atom], second.system.positions[atom])
                let step = isMolecule ? superposition.moved(end) - start : first.nearest(end - start)
                let force = isMolecule ? superposition.rotated(second.forces[atom]) : second.forces[atom]
                work -= 0.5 * ((first.forces[atom] + force) * step).sum()
                curvature += abs(((first.forces[atom] - force) * step).sum())
                largest = max(largest, (step * step).sum())
            }
            self.work = work
            error = 0.5 * largest.squareRoot() * angstroms * curvature
            change = second.energy - first.energy
            rounding = first.rounding + second.rounding
        }

        var relativeError: Double { max(error / abs(work), 2 * rounding / max(abs(change), rounding)) }

        func agrees(with factor: Double, tolerance: Double) -> Bool {
            abs(change - factor * work) <= abs(factor) * max(error, tolerance * abs(work)) + rounding
        }
    }

    /// Each configuration with its nearest others.
    private static func pairs(_ points: [Point], angstroms: Double) -> [Pair] {
        var pairs: [Pair] = []
        for (index, first) in points.enumerated() {
            var nearest: [(distance: Double, index: Int)] = []
            for other in (index + 1)..<points.count where first.isComparable(with: points[other]) {
                let distance = first.distance(to: points[other])
                guard distance > 0, nearest.count < neighbors || distance < nearest[neighbors - 1].distance else {
                    continue
                }
                let place = nearest.firstIndex { $0.distance > distance } ?? nearest.count
                nearest.insert((distance, other), at: place)
                if nearest.count > neighbors { nearest.removeLast() }
            }
            pairs += nearest.map { Pair(first, points[$0.index], angstroms: angstroms) }
        }
        return pairs
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
