import ApusChemistry
import ApusSystem

extension Dataset {
    /// What looks wrong with the stresses: those that are not symmetric, too large, or not the slope of the energies.
    func stressFindings() throws -> [Finding] {
        let hasStress = configurations.hasLabel(.stress)
        let electronvolts = try units.stress.factor(to: .electronvolt / .angstrom / .angstrom / .angstrom)
        var (skew, sizes): ([(position: Int, size: Double)], [Double]) = ([], [])
        for position in configurations.indices where hasStress(position) {
            guard let tensor = configurations.label(.stress, position) else { continue }
            let largest = tensor.reduce(0) { max($0, abs($1)) }
            sizes.append(largest * electronvolts)
            let difference = max(
                abs(tensor[1] - tensor[3]), abs(tensor[2] - tensor[6]), abs(tensor[5] - tensor[7]))
            // Less is rounding, or the noise of grids.
            if difference > 1e-2 * largest, difference * electronvolts > 1e-4 {
                skew.append((position, difference / largest))
            }
        }
        guard !sizes.isEmpty else { return [] }
        var findings: [Finding] = []
        if let worst = skew.max(by: { $0.size < $1.size }) {
            findings.append(
                Finding(
                    .stress, .warning,
                    "the stresses of \(skew.count) of \(sizes.count) configurations are not symmetric, most that of "
                        + "\(configurations.record(worst.position)) (\(configurations.place(worst.position))), by "
                        + "\(shortNumber(100 * worst.size, digits: 2)) % of its largest component, but those of a model are; "
                        + "see whether they are stresses, and in which order their numbers are"))
        }
        let consistency = StressConsistency(self)
        let median = sizes.sorted()[sizes.count / 2]
        if let finding = consistency.finding {
            findings.append(finding)
        } else if median > Self.largestMedianStress, consistency.slope == 0 {
            findings.append(
                Finding(
                    .stress, .warning,
                    "the stresses of half of the configurations are above \(shortNumber(median)) eV/Å³ "
                        + "(\(shortNumber(median * 160.217_663)) GPa), which no ordinary matter bears; they may be in another "
                        + "unit, to be stated with \(interpretation.names.unit(.stress))"))
        }
        return findings
    }

    /// Three times the pressure in the centre of the earth, in eV/Å³.
    private static var largestMedianStress: Double { 7 }
}
