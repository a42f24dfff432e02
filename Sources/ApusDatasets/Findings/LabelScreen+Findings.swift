import ApusChemistry
import ApusFiles
import ApusSystem

extension LabelScreen {
    /// What is probably wrong.
    var findings: [Finding] {
        let levels = levelFindings
        return forceFindings + momentFindings + contradictionFindings + magnitudeFindings + levels
            + (levels.isEmpty ? outlierFindings : []) + resolutionFindings
    }

    private var forceFindings: [Finding] {
        var findings: [Finding] = []
        if let first = zeroForces.first {
            let isEverywhere = zeroForces.count == withForces
            findings.append(
                Finding(
                    .forces, isEverywhere ? .fault : .warning,
                    "all forces of \(zeroForces.count) of \(withForces) configurations are exactly zero, first of "
                        + "\(name(first)); they were probably not computed: leave them out with "
                        + "--assign F= or dataset.properties_assignment.F = \"\", or remove the configurations"))
        }
        // Single atoms at a point of symmetry do no harm.
        if let first = frozen.first, 10 * frozen.count > withForces {
            findings.append(
                Finding(
                    .forces, .warning,
                    "in \(frozen.count) of \(withForces) configurations the forces of many atoms, but not of all, are exactly "
                        + "zero, first in \(name(first)); if these atoms were held fixed, their forces are not those of "
                        + "the energy"))
        }
        guard let largest = largestForce else { return findings }
        let median = Self.median(forceSizes)
        if largest.size > DatasetCheck.largestPlausibleForce {
            let element = dataset.configurations[largest.position].system.elements[largest.atom]
            findings.append(
                Finding(
                    .forces, .warning,
                    "\(name(largest.position)): the force on atom \(largest.atom) (\(element), counted from 0) is "
                        + "\(shortNumber(largest.size)) eV/Å, as if atoms nearly touched; correct or "
                        + "remove the configuration, or set dataset.maximum_force"))
        } else if median > Self.largestMedianForce {
            findings.append(
                Finding(
                    .forces, .warning,
                    "the forces of half of the configurations are above \(shortNumber(median)) eV/Å (RMS), which is far "
                        + "more than in molecules; they may be in another unit, to be stated with dataset.source_force_unit "
                        + "(--force-unit)"))
        }
        return findings
    }

    private var momentFindings: [Finding] {
        guard let first = traces.first else { return [] }
        return [
            Finding(
                .moments, .warning,
                "the quadrupole moments of \(traces.count) of \(quadrupoles) configurations have a trace, first of "
                    + "\(name(first.position)), but those of a model are Σ q (3 r rᵀ − r² 1), without one; "
                    + "second moments M = Σ q r rᵀ become that by 3 M − tr(M) 1")
        ]
    }

    private var contradictionFindings: [Finding] {
        guard let worst = contradictions.max(by: { $0.difference < $1.difference }) else { return [] }
        return [
            Finding(
                .energies, .warning,
                "\(contradictions.count == 1 ? "1 configuration repeats" : "\(contradictions.count) configurations repeat") the geometry, charge and multiplicity of an earlier one with "
                    + "another energy; \(name(worst.first)) and \(name(worst.second)) differ by "
                    + "\(shortNumber(worst.difference)) eV; they may be of different methods or states")
        ]
    }

    /// Energies that no method gives, because they are below what electrons and nuclei can have, or far above.
    ///
    /// The energy of a neutral atom in the model of Thomas and Fermi, −0.7687 Z^(7/3) hartree, is below that of quantum
    /// mechanics for every element. Bonds are worth less than 10 eV for each atom. Lieb, Rev. Mod. Phys. 53, 603 (1981),
    /// doi:10.1103/RevModPhys.53.603. Pseudopotentials, self-energies taken off, and atomisation energies only raise energies.
    private var magnitudeFindings: [Finding] {
        var (below, above): (Found?, Found?) = (nil, nil)
        var (countBelow, countAbove) = (0, 0)
        for group in groups {
            let bound = group.numbers.reduce(0) { $0 + Self.atomBound[$1] - 10 }
            for (position, energy) in group.members {
                if energy < bound {
                    countBelow += 1
                    if below == nil { below = (position, energy) }
                } else if energy > 100 * Double(group.numbers.count) {
                    countAbove += 1
                    if above == nil { above = (position, energy) }
                }
            }
        }
        var findings: [Finding] = []
        if let below {
            findings.append(
                Finding(
                    .energies, .fault,
                    "the energies of \(counted(countBelow, "configuration")) are below any that their atoms can have, first "
                        + "\(shortNumber(below.value)) eV of \(name(below.position)); they are in another unit than "
                        + "the one assumed, to be stated with dataset.source_energy_unit (--energy-unit)"))
        }
        if let above {
            findings.append(
                Finding(
                    .energies, .warning,
                    "the energies of \(counted(countAbove, "configuration")) are more than 100 eV for each atom above zero, first "
                        + "\(shortNumber(above.value)) eV of \(name(above.position)); correct them, or state their unit "
                        + "with dataset.source_energy_unit (--energy-unit)"))
        }
        return findings
    }

    /// Two groups of energies of the same atoms with nothing between them.
    private var levelFindings: [Finding] {
        // Two extreme geometries among a few may lie together.
        let fewest = 3
        var worst: (gap: Double, low: Int, high: Int, first: Int, second: Int)?
        for group in groups where group.members.count >= 2 * fewest {
            let sorted = group.members.sorted { $0.energy < $1.energy }
            for cut in fewest...(sorted.count - fewest) {
                let gap = sorted[cut].energy - sorted[cut - 1].energy
                let within = max(
                    sorted[cut - 1].energy - sorted[0].energy, sorted[sorted.count - 1].energy - sorted[cut].energy)
                let isShared = 10 * min(cut, sorted.count - cut) >= sorted.count
                guard gap > 10, gap > 3 * within, isShared, gap > worst?.gap ?? 0 else { continue }
                worst = (gap, cut, sorted.count - cut, sorted[0].position, sorted[cut].position)
            }
        }
        if let worst {
            let formula = dataset.configurations[worst.first].system.formula
            return [
                Finding(
                    .energies, .warning,
                    "the energies of \(formula) lie in two groups, of \(worst.low) and \(worst.high) configurations, "
                        + "\(shortNumber(worst.gap)) eV apart, as \(name(worst.first)) and \(name(worst.second)); they seem to "
                        + "be of two methods or units")
            ]
        }
        guard let residuals = residuals(), residuals.rootMeanSquare > residuals.bound else { return [] }
        return [
            Finding(
                .energies, .warning,
                "energies of atoms explain the energies of the molecules to \(shortNumber(residuals.rootMeanSquare)) eV (RMS) "
                    + "only, first of all not that of \(name(residuals.worst)); they may be of different methods or units"
            )
        ]
    }

    /// What energies of atoms, fitted to the median of each composition, leave of these medians.
    private func residuals() -> (rootMeanSquare: Double, bound: Double, worst: Int)? {
        let molecules = groups.filter { $0.numbers.count > 1 }
        let elements = Set(molecules.flatMap(\.numbers)).sorted()
        guard molecules.count >= 2 * elements.count + 4 else { return nil }
        let medians = molecules.map { Self.median($0.members.map(\.energy)) }
        func row(_ group: Group) -> [Double] { elements.map { z in Double(group.numbers.count { $0 == z }) } }
        var problem = LeastSquares(columns: elements.count)
        for (group, median) in zip(molecules, medians) { problem.append(row: row(group), target: median) }
        let energies = problem.solution().unknowns
        let rest = zip(molecules, medians).map { group, median in
            median - zip(row(group), energies).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let mean = Double(molecules.reduce(0) { $0 + $1.numbers.count }) / Double(molecules.count)
        guard let worst = rest.indices.max(by: { abs(rest[$0]) < abs(rest[$1]) }) else { return nil }
        let square = rest.reduce(0) { $0 + $1 * $1 } / Double(rest.count)
        return (square.squareRoot(), max(10, mean), molecules[worst].members[0].position)
    }

    /// Single energies far from all others of the same atoms, told per atom as `dataset.maximum_energy_deviation` takes them.
    private var outlierFindings: [Finding] {
        var outliers: [Found] = []
        for group in groups where group.members.count >= 10 {
            let middle = Self.median(group.members.map(\.energy))
            let deviation = Self.median(group.members.map { abs($0.energy - middle) })
            let bound = max(100 * deviation, 10 + 2 * Double(group.numbers.count))
            outliers += group.members.filter { abs($0.energy - middle) > bound }.map {
                (position: $0.position, value: ($0.energy - middle) / Double(group.numbers.count))
            }
        }
        guard let worst = outliers.max(by: { abs($0.value) < abs($1.value) }),
            let least = outliers.map({ abs($0.value) }).min()
        else { return [] }
        // The other energies are a hundred times nearer to the median, or by 10 eV and 2 eV for each atom.
        let limit = shortNumber(0.5 * least, digits: 2)
        return [
            Finding(
                .energies, .warning,
                "\(outliers.count == 1 ? "the energy of 1 configuration is" : "the energies of \(outliers.count) configurations are") "
                    + "far from all others of the same atoms, most that of \(name(worst.position)), "
                    + "\(shortNumber(worst.value)) eV per atom from the median; correct or remove it, or leave such out with "
                    + "dataset.maximum_energy_deviation = \"\(limit) eV\" (--maximum-energy-deviation \"\(limit) eV\")")
        ]
    }

    /// Energies that are all multiples of a step that is not small beside what they tell.
    private var resolutionFindings: [Finding] {
        guard let group = groups.max(by: { $0.members.count < $1.members.count }), group.members.count >= 20 else {
            return []
        }
        let sorted = group.members.map(\.energy).sorted()
        let rounding = 8 * max(sorted[0].ulp, sorted[sorted.count - 1].ulp)
        let differences = zip(sorted, sorted.dropFirst()).map { $1 - $0 }.filter { $0 > rounding }
        guard let step = differences.min() else { return [] }
        let isGrid = differences.allSatisfy { difference in
            let ratio = difference / step
            return abs(ratio - ratio.rounded()) < 0.02 + 2 * rounding / step
        }
        let middle = sorted[sorted.count / 2]
        let spread = Self.median(sorted.map { abs($0 - middle) })
        guard isGrid, step > 1e-3, step > 0.01 * spread else { return [] }
        return [
            Finding(
                .energies, .warning,
                "the energies of \(dataset.configurations[group.members[0].position].system.formula) are multiples of "
                    + "\(shortNumber(step)) eV, \(shortNumber(100 * step / max(spread, step), digits: 2)) % of their median "
                    + "deviation, as if they had been rounded to 32 bits or few digits; smaller errors cannot be reached"
            )
        ]
    }

    /// The median of RMS forces of molecules that are rattled by 0.2 Å is below 15 eV/Å.
    private static let largestMedianForce = 30.0
    /// −0.7687 Z^(7/3) hartree in eV.
    private static let atomBound: [Double] = (0...Element.all.count).map { z in
        let third = cubeRoot(Double(z))
        return -0.7687 * 27.211386 * Double(z * z) * third
    }

    private static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }
}

/// By Newton's method from above, which converges from any start.
private func cubeRoot(_ value: Double) -> Double {
    guard value > 0 else { return 0 }
    var root = max(value, 1)
    for _ in 0..<64 { root = (2 * root + value / (root * root)) / 3 }
    return root
}
