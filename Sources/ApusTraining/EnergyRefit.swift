import ApusDatasets
import ApusGraph
import ApusPotentials

/// Fits the energies of atoms in a model again, to what its network leaves of the energies of the training part.
///
/// Where forces weigh most, every step shifts all energies a little in common, and the epoch that is best by its forces is
/// caught at some such shift. It is no error of the network: one constant for each atom, or one for each element, takes it
/// away. The energies are predicted anew with the parameters that would be kept; errors that were added up during the epoch
/// are of parameters that have moved on by as much as is to be corrected.
public final class EnergyRefit {
    /// What is fitted.
    public enum Freedom: String, Codable, Sendable {
        /// The self-energy of each element, as far as the residuals show that elements differ.
        case elements
        /// μ, one energy for every atom, where the self-energies are given.
        case constant
    }

    /// How many systems, evenly spaced, are predicted: a quarter within these bounds, which takes some 3 % of an epoch. The
    /// error of one constant fitted to n of them adds 1/(2n) to the root mean square error, 0.1 % for 512.
    static let systemCounts = 64...512

    /// What is to be added to the energies of atoms.
    public struct Correction: Codable, Sendable, Equatable {
        /// What it was fitted as.
        public let freedom: Freedom
        /// The energies by atomic number, for every element of the model; all the same for a constant.
        public let energies: [Int: Double]

        /// Adds them to a model.
        func apply(to model: inout EnergyModel) {
            switch freedom {
            case .elements: model.selfEnergies.merge(energies, uniquingKeysWith: +)
            case .constant: model.shift += energies.values.first ?? 0
            }
        }
    }

    private let samples: [Sample]
    private let elements: [Int]
    private let freedom: Freedom
    private let evaluator: Evaluator

    /// Chooses the systems; nil where the training part has no energies.
    init?(
        _ model: EnergyModel, _ settings: TrainingSettings, _ freedom: Freedom, training: Samples,
        instructionSet: InstructionSet
    ) {
        self.freedom = freedom
        elements = Array(model.selfEnergies.keys)
        let bounds = Self.systemCounts
        let count = min(training.count, max(bounds.lowerBound, min(training.count / 4, bounds.upperBound)))
        samples = (0..<count).map { training[$0 * training.count / count] }.filter { $0.energy != nil }
        training.releasePages()
        guard !samples.isEmpty else { return nil }
        evaluator = Evaluator(
            model, properties: [.energy], precision: settings.precision, threads: settings.threads,
            instructionSet: instructionSet)
    }

    /// Fits with these parameters.
    func correction(parameters: Numbers) throws -> Correction {
        let predicted = try evaluator.energies(of: samples, parameters: parameters)
        let fit = ElementCorrection(
            systems: samples.map(\.system.numbers), residuals: zip(samples, predicted).map { $0.energy! - $1 },
            tellsElementsApart: freedom == .elements)
        return Correction(
            freedom: freedom,
            energies: Dictionary(uniqueKeysWithValues: elements.map { ($0, fit.values[$0] ?? fit.common) }))
    }
}
