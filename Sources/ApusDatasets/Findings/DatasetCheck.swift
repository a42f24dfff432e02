import ApusChemistry
import ApusFiles

/// Looks for what is wrong with the configurations of a data set, or at least unlikely.
public struct DatasetCheck: Sendable {
    /// A kind of finding, with the configurations that have it.
    public struct Finding: Sendable {
        /// What was looked for.
        public let name: String
        /// Whether training on it would be wrong.
        public let isSevere: Bool
        /// How many configurations have it.
        public var count = 0
        /// The first configurations that have it: position from 0, molecule, and what was found.
        public var examples: [(position: Int, record: String, detail: String)] = []
    }

    /// Everything that was looked for, found or not.
    public private(set) var findings: [Finding]
    /// What looks wrong with the labels.
    public let labelFindings: [ApusDatasets.Finding]
    /// Whether forces and energies belong together.
    public let forceConsistency: ForceConsistency?

    private enum Kind: Int, CaseIterable {
        case clash, lonely, duplicate, energyOutlier, forceOutlier, netForce, netTorque, implausibleForce
        case implausibleEnergy
    }

    /// Examples that are kept of each kind.
    private static let exampleCount = 5
    /// Within this distance, in Å, potentials look for neighbours.
    private static let usualCutoff = 6.0
    /// Energies per atom, without fitted self-energies, further than this many median deviations from the median.
    private static let outlierDeviations = 20.0
    /// Net force and torque of an isolated molecule that rounding and finite grids explain, in eV/Å and eV.
    private static let netTolerance = 0.05
    /// No molecule has a larger force, in eV/Å.
    public static let largestPlausibleForce = 1000.0

    /// Goes through a data set.
    ///
    /// - Throws: `ApusError` of kind `configuration` for units that cannot be converted.
    public init(_ dataset: Dataset) throws {
        let all = dataset.configurations
        let units = dataset.units
        let energyFactor = try units.energy.factor(to: .electronvolt)
        let lengthFactor = try units.length.factor(to: .angstrom)
        let forceFactor = energyFactor / lengthFactor
        var findings = [
            Finding(name: "atoms that overlap", isSevere: true),
            Finding(name: "atoms further than 6 Å from all others, which most potentials cannot see", isSevere: false),
            Finding(name: "configurations that repeat an earlier one exactly", isSevere: false),
            Finding(name: "energies far from all others", isSevere: false),
            Finding(name: "forces far above all others", isSevere: false),
            Finding(name: "isolated molecules with a net force", isSevere: false),
            Finding(name: "isolated molecules with a net torque", isSevere: false),
            Finding(name: "forces as of atoms that touch (over 1000 eV/Å), perhaps of another unit", isSevere: true),
            Finding(name: "energies per atom that no atom has (over 10⁶ eV), perhaps of another unit", isSevere: true),
        ]
        func add(_ kind: Kind, _ position: Int, _ detail: @autoclosure () -> String) {
            findings[kind.rawValue].count += 1
            guard findings[kind.rawValue].examples.count < Self.exampleCount else { return }
            findings[kind.rawValue].examples.append((position, all.record(position), detail()))
        }
        func text(_ value: Double, _ unit: String) -> String { "\((value * 1e4).rounded() / 1e4) \(unit)" }

        // Single atoms are references for the others, far from what remains of these.
        let alone = Set(all.singleAtoms)
        let labelled = all.indices.filter(all.hasLabel(.energy)).filter { !alone.contains($0) }
        let fit = labelled.isEmpty ? nil : try? SelfEnergies.fit(all[labelled], unit: units.energy)
        var residuals: [(position: Int, value: Double)] = []
        var largestForces: [(position: Int, value: Double)] = []
        var known: [Int: Int] = [:]
        for (position, configuration) in all.enumerated() {
            if position % 10_000 == 0 { all.releasePages() }
            let system = configuration.system
            if let first = known[system.hashValue] {
                add(.duplicate, position, "as frame \(all.place(first).frame)")
            } else {
                known[system.hashValue] = position
            }
            let elements = system.elements
            if let overlap = system.overlap(lengthFactor) { add(.clash, position, overlap.text(system)) }
            let nearest = system.nearestDistances(lengthFactor, reach: Self.usualCutoff)
            if let atom = nearest.firstIndex(where: { $0 > Self.usualCutoff }) {
                let distance = nearest[atom]
                add(
                    .lonely, position,
                    "atom \(atom) (\(elements[atom])) is "
                        + (distance.isFinite
                            ? "\(text(distance, "Å")) from the nearest other" : "alone among its images"))
            }
            if let energy = configuration.energy, !alone.contains(position) {
                let perAtom = energy * energyFactor / Double(system.count)
                if abs(perAtom) > 1e6 { add(.implausibleEnergy, position, text(perAtom, "eV/atom")) }
                if let fit {
                    let rest = try fit.selfEnergies.removed(from: configuration)
                    residuals.append((position, rest * energyFactor / Double(system.count)))
                }
            }
            guard let forces = configuration.forces?.map({ $0 * forceFactor }) else { continue }
            let largest = forces.reduce(0) { max($0, ($1 * $1).sum()) }.squareRoot()
            largestForces.append((position, largest))
            if largest > Self.largestPlausibleForce { add(.implausibleForce, position, text(largest, "eV/Å")) }
            // Atoms that were held fixed take up what would balance.
            let isFree = configuration[.forceMask]?.contains(0) != true
            guard isFree, system.cell?.isPeriodic != true else { continue }
            let net = forces.reduce(.zero, +)
            let netForce = (net * net).sum().squareRoot()
            if netForce > Self.netTolerance { add(.netForce, position, text(netForce, "eV/Å")) }
            let center = system.positions.reduce(.zero, +) / Double(system.count)
            let torque = zip(system.positions, forces).reduce(SIMD3<Double>.zero) {
                $0 + cross(($1.0 - center) * lengthFactor, $1.1)
            }
            let size = (torque * torque).sum().squareRoot()
            if size > Self.netTolerance { add(.netTorque, position, text(size, "eV")) }
        }
        for (kind, values, unit) in [
            (Kind.energyOutlier, residuals, "eV/atom"), (.forceOutlier, largestForces, "eV/Å"),
        ] {
            let outliers = Self.outliers(values.map(\.value), isOneSided: kind == .forceOutlier)
            for index in outliers { add(kind, values[index].position, text(values[index].value, unit)) }
        }
        self.findings = findings
        forceConsistency = ForceConsistency(dataset)
        labelFindings = try dataset.findings(about: nil, forceConsistency)
    }

    /// Whether something severe was found.
    public var hasFailed: Bool {
        labelFindings.contains { $0.severity == .fault } || findings.contains { $0.isSevere && $0.count > 0 }
    }

    /// The values that are further from the median than many median deviations.
    private static func outliers(_ values: [Double], isOneSided: Bool) -> [Int] {
        guard values.count >= 10 else { return [] }
        let median = values.sorted()[values.count / 2]
        let deviation = values.map { abs($0 - median) }.sorted()[values.count / 2]
        guard deviation > 0 else { return [] }
        return values.indices.filter { index in
            let distance = values[index] - median
            return (isOneSided ? distance : abs(distance)) > outlierDeviations * deviation
        }
    }
}

extension AtomicSystem {
    /// The distance of each atom to the nearest other or image, in Å; of periodic systems infinite beyond a reach. Empty for
    /// a single atom without images, and for what is nearer to its images than atoms can be.
    fileprivate func nearestDistances(_ angstroms: Double, reach: Double) -> [Double] {
        var nearest = [Double](repeating: .infinity, count: count)
        func take(_ i: Int, _ j: Int, _ vector: SIMD3<Double>) {
            let distance = (vector * vector).sum().squareRoot() * angstroms
            nearest[i] = min(nearest[i], distance)
            nearest[j] = min(nearest[j], distance)
        }
        if cell?.isPeriodic == true {
            // Of cells so small that this is not possible, images overlap.
            guard let pairs = try? NeighborPairs(self, cutoff: reach / angstroms, minimumDistance: 0) else { return [] }
            for pair in 0..<pairs.count { take(Int(pairs.first[pair]), Int(pairs.second[pair]), pairs.vectors[pair]) }
        } else {
            guard count > 1 else { return [] }
            for i in positions.indices {
                for j in 0..<i { take(i, j, positions[i] - positions[j]) }
            }
        }
        return nearest
    }
}
