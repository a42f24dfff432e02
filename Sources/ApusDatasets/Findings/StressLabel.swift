import ApusChemistry
import ApusSystem

/// What a file has of stresses: these, or virials, from which they were made.
struct StressLabel {
    /// What it is called in a sentence.
    let noun: String
    /// What the opposite of ASE's sign means.
    let wrongSign: String
    /// The unit in the file.
    let unit: Unit
    /// Units in which programs write it.
    let units: [Unit]
    private let names: SettingNames
    private let isVirial: Bool

    init(_ dataset: Dataset) {
        names = dataset.interpretation.names
        isVirial = dataset.interpretation[.stress] == nil && dataset.interpretation[.virial] != nil
        if isVirial {
            (noun, wrongSign) = ("virials", "positive under tension")
            unit = dataset.interpretation[.virial]?.unit ?? dataset.units.energy
            units = [.electronvolt, .hartree, .kilojoulePerMole, .kilocaloriePerMole]
        } else {
            (noun, wrongSign) = ("stresses", "positive under compression")
            unit = dataset.interpretation[.stress]?.unit ?? dataset.units.stress
            units = [
                .electronvolt / .angstrom / .angstrom / .angstrom, .gigapascal, .kilobar,
                .hartree / .bohr / .bohr / .bohr,
                .kilojoulePerMole / .nanometer / .nanometer / .nanometer,
                .kilocaloriePerMole / .angstrom / .angstrom / .angstrom,
            ]
        }
    }

    /// What can be done where they are in another unit, such as this.
    func remedy(_ unit: Unit?) -> String {
        let explanation = unit.map { "\($0.symbol) would explain it" }
        if isVirial {
            return (explanation.map { "\($0): " } ?? "")
                + "convert them to the unit of the energies, or leave them out with " + names.omission(of: .virial)
        }
        return explanation.map { "\($0), to be stated with \(names.unit(.stress))" } ?? "state \(names.unit(.stress))"
    }

    /// What declares the opposite sign.
    var signRemedy: String {
        "declare it with " + (names.areOptions ? "--opposite-stress-sign" : "dataset.opposite_stress_sign = true")
            + ", or leave that out where it is given"
    }
}
