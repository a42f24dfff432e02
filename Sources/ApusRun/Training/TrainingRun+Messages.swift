import ApusChemistry
import ApusFiles
import ApusReporting
import ApusSystem
import ApusTraining

extension TrainingRun {
    /// The command that goes on with a run after an end.
    func wayOn(_ end: TrainingEnd) -> String {
        let training = configuration.training
        let change: String? =
            switch end {
            case .epochs: "training.number_of_epochs=\(2 * training.epochs)"
            case .earlyStopping: "training.early_stopping.patience=\(2 * (training.earlyStopping.patience ?? 1))"
            case .time:
                "training.maximum_time=\(Int(saturating: (2 * ((training.maximumTime ?? .zero) / .seconds(1))).rounded(.up))) s"
            case .interruption: nil
            }
        return "'apus resume \(shellWord(configuration.runtime.outputDirectory))"
            + (change.map { " --set \"\($0)\"" } ?? "") + "'"
    }

    /// Tells by how much the energies of atoms in the model differ from those that training began with.
    package func tell(_ correction: EnergyRefit.Correction) {
        let unit = units.energy.symbol
        func text(_ energy: Double) -> String { numberText(energy, significantDigits: 3) }
        switch correction {
        case .elements(let energies):
            let values = energies.sorted { $0.key < $1.key }.map { number, energy in
                "\(Element.all[number - 1].symbol) \(text(energy))"
            }
            log.info(
                "self-energies of the model fitted again to the training part, changed in \(unit) by "
                    + values.joined(separator: ", "))
        case .constant(let energy):
            log.info(
                "energies of the model fitted again to the training part, changed by "
                    + "\(text(energy)) \(unit) per atom; the self-energies are those that were given"
            )
        }
    }
}
