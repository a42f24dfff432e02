import ApusCPU
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
    public enum Freedom: Sendable {
        /// The self-energy of each element, as far as the residuals show that elements differ.
        case elements
        /// μ, one energy for every atom, where the self-energies are given.
        case constant
    }

    /// How many systems, evenly spaced, are predicted: a quarter of those with energies within these bounds, which takes some 3 % of an epoch. The
    /// error of one constant fitted to n of them adds 1/(2n) to the root mean square error, 0.1 % for 512.
    static let systemCounts = 64...512

    /// What is to be added to the energies of atoms in a model.
    public enum Correction: Sendable, Equatable {
        /// To the self-energy of each element of the model, by atomic number.
        case elements([Int: Double])
        /// To μ.
        case constant(Double)

        /// Adds it.
        func apply(to model: inout EnergyModel) {
            switch self {
            case .elements(let energies): model.selfEnergies.merge(energies, uniquingKeysWith: +)
            case .constant(let energy): model.shift += energy
            }
        }
    }

    private let samples: [Sample]
    private let elements: [Int]
    private let freedom: Freedom
    private let evaluator: Evaluator

    /// Chooses the systems; nil where the training part has no energies.
    init?(
        _ model: EnergyModel, _ freedom: Freedom, training: Samples, on device: Device
    ) {
        self.freedom = freedom
        elements = Array(model.selfEnergies.keys)
        let labelled = training.indices.filter(training.hasLabel(.energy))
        let bounds = Self.systemCounts
        let count = min(labelled.count, max(bounds.lowerBound, min(labelled.count / 4, bounds.upperBound)))
        samples = (0..<count).map { training[labelled[$0 * labelled.count / count]] }
        training.releasePages()
        guard !samples.isEmpty else { return nil }
        evaluator = Evaluator(model, properties: [.energy], on: device)
    }

    /// Fits with these parameters.
    func correction(parameters: Numbers) throws -> Correction {
        let predicted = try evaluator.energies(of: samples, parameters: parameters)
        let residuals = zip(samples, predicted).map { $0.energy! - $1 }
        let fit = ElementCorrection(
            systems: samples.map(\.system.numbers), residuals: residuals, tellsElementsApart: freedom == .elements)
        guard freedom == .elements else { return .constant(fit.common) }
        return .elements(Dictionary(uniqueKeysWithValues: elements.map { ($0, fit.values[$0] ?? fit.common) }))
    }
}

extension EnergyRefit.Correction: Codable {
    private enum Key: CodingKey { case elements, constant }

    /// Reads either form.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        if let energy = try members.decodeIfPresent(Double.self, forKey: .constant) {
            self = .constant(energy)
        } else if let energies = try members.decodeIfPresent([Int: Double].self, forKey: .elements) {
            self = .elements(energies)
        } else {
            // Checkpoints written before there were two kinds.
            self = .elements(try [Int: Double](from: decoder))
        }
    }

    /// Writes what it was fitted as beside the numbers.
    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        switch self {
        case .elements(let energies): try members.encode(energies, forKey: .elements)
        case .constant(let energy): try members.encode(energy, forKey: .constant)
        }
    }
}
