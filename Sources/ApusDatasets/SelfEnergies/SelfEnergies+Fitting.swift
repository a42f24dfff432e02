import ApusChemistry
import ApusFiles

extension SelfEnergies {
    /// Self-energies from total energies, and how well they explain them.
    public struct Fit: Sendable {
        /// The fitted energies.
        public let selfEnergies: SelfEnergies
        /// The root mean square of E − Σᵢ E_Z(i), in the unit of the energies.
        public let rootMeanSquareResidual: Double
        /// The largest |E − Σᵢ E_Z(i)|.
        public let largestResidual: Double
        /// The configuration with the largest residual.
        public let placeOfLargestResidual: Configuration.Place
        /// The ratio of the largest to the smallest singular value that is not zero.
        public let conditionNumber: Double
        /// The elements whose energy the data do not fix: others can make up for a change of it.
        public let undetermined: [Element]

        /// What the user should know when not all energies are determined.
        public var warning: String? {
            guard !undetermined.isEmpty else { return nil }
            let names = undetermined.map(\.symbol).joined(separator: ", ")
            return "the training configurations do not determine the self-energies of \(names) separately, because "
                + "the numbers of these atoms depend on each other in all of them; the smallest values that fit are "
                + "taken, and total energies of molecules with other proportions would be wrong"
        }
    }

    /// Fits self-energies to total energies by least squares: min Σ_k (E_k − Σ_Z n_kZ E_Z)².
    ///
    /// n_kZ is the number of atoms of element Z in configuration k. Where the data leave a choice, the energies with
    /// the smallest sum of squares are taken.
    ///
    /// - Parameters:
    ///   - configurations: The training part of the data, with energies.
    ///   - unit: The unit of their energies.
    /// - Throws: `ApusError` when there is no configuration or one without energy.
    public static func fit(_ configurations: Configurations, unit: Unit) throws -> Fit {
        guard !configurations.isEmpty else {
            throw ApusError(.data, problem: "self-energies cannot be fitted without a training configuration")
        }
        let elements = configurations.chemicalElements
        var columnOfElement = [Int](repeating: 0, count: Element.all.count + 1)
        for (column, element) in elements.enumerated() { columnOfElement[element.atomicNumber] = column }
        var problem = LeastSquares(columns: elements.count)
        var counts = [Double](repeating: 0, count: elements.count)
        for position in configurations.indices {
            for column in counts.indices { counts[column] = 0 }
            configurations.forEachAtomicNumber(position) { counts[columnOfElement[$0]] += 1 }
            problem.append(row: counts, target: try configurations.requiredEnergy(position))
        }
        let solution = problem.solution()
        let selfEnergies = SelfEnergies(
            Dictionary(uniqueKeysWithValues: zip(elements.map(\.atomicNumber), solution.unknowns)), unit: unit)

        let residuals = try configurations.indices.map { abs(try selfEnergies.removed(from: configurations, $0)) }
        let largest = residuals.indices.max { residuals[$0] < residuals[$1] } ?? 0
        return Fit(
            selfEnergies: selfEnergies,
            rootMeanSquareResidual: (residuals.reduce(0) { $0 + $1 * $1 } / Double(residuals.count)).squareRoot(),
            largestResidual: residuals[largest], placeOfLargestResidual: configurations.place(largest),
            conditionNumber: solution.conditionNumber, undetermined: solution.undetermined.map { elements[$0] })
    }

    /// Fits self-energies to configurations in memory.
    ///
    /// - Throws: `ApusError` when there is no configuration or one without energy.
    public static func fit(_ configurations: [Configuration], unit: Unit) throws -> Fit {
        try fit(Configurations(configurations), unit: unit)
    }
}
