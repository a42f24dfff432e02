import ApusChemistry
import ApusSystem

extension Dataset {
    /// What looks wrong with the stresses: those that are not symmetric, too large, or not the slope of the energies.
    func stressFindings() throws -> [Finding] {
        let hasStress = configurations.hasLabel(.stress)
        let electronvolts = try units.stress.factor(to: .electronvolt / .angstrom / .angstrom / .angstrom)
        var (skew, sizes): ([(position: Int, size: Double)], [Double]) = ([], [])
        var tensions: [(position: Int, size: Double)] = []
        for position in configurations.indices where hasStress(position) {
            guard let tensor = configurations.label(.stress, position) else { continue }
            let largest = tensor.reduce(0) { max($0, abs($1)) }
            sizes.append(largest * electronvolts)
            let tension = max(tensor[0], tensor[4], tensor[8]) * electronvolts
            if tension > Self.largestTension { tensions.append((position, tension)) }
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
        if let finding = consistency.finding {
            findings.append(finding)
        } else if !consistency.isConfirmed, let finding = magnitudeFinding(sizes, tensions) {
            findings.append(finding)
        }
        return findings
    }

    /// Stresses that no matter bears, whose unit or sign is therefore another one.
    ///
    /// - Parameters:
    ///   - sizes: The largest component of each stress, in eV/Å³.
    ///   - tensions: The configurations under more tension than anything bears, and the tension.
    private func magnitudeFinding(_ sizes: [Double], _ tensions: [(position: Int, size: Double)]) -> Finding? {
        func text(_ size: Double) -> String { "\(shortNumber(size)) eV/Å³ (\(shortNumber(size * 160.217_663)) GPa)" }
        let label = StressLabel(self)
        let median = sizes.sorted()[sizes.count / 2]
        if median > Self.largestMedianStress {
            return Finding(
                .stress, .warning,
                "the \(label.noun) of half of the configurations say more than \(text(median)), which no ordinary matter "
                    + "bears; they may be in another unit: \(label.remedy(nil))")
        }
        guard let worst = tensions.max(by: { $0.size < $1.size }) else { return nil }
        return Finding(
            .stress, .warning,
            "the \(label.noun) of \(tensions.count) of \(sizes.count) configurations say that these are pulled apart harder than "
                + "anything bears, most \(configurations.record(worst.position)) (\(configurations.place(worst.position))), "
                + "with \(text(worst.size)); if they are in another unit, \(label.remedy(nil)); if they are of the opposite "
                + "sign, \(label.signRemedy)")
    }

    /// Three times the pressure in the centre of the earth, in eV/Å³, and as much as diamond anvils reach (1 TPa, Dubrovinskaia
    /// et al., Sci. Adv. 2, e1600341 (2016), doi:10.1126/sciadv.1600341). Single cells may be pressed together more.
    private static var largestMedianStress: Double { 7 }

    /// In eV/Å³, 320 GPa: diamond, which bears most, comes apart at 225 GPa along its strongest direction (Telling et al.,
    /// Phys. Rev. Lett. 84, 5160 (2000), doi:10.1103/PhysRevLett.84.5160).
    private static var largestTension: Double { 2 }
}
