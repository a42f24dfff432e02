import ApusChemistry
import ApusFiles
import ApusPotentials
import ApusTraining

extension EpochRecorder {
    /// A distribution and the name that TensorBoard shows it under.
    typealias Distribution = (name: String, histogram: TensorBoardHistogram)

    /// The distributions after an epoch: each tensor of the parameters, its gradient by the last batch, and the
    /// errors on the validation part.
    func distributions(_ trainer: Trainer, _ summary: EpochSummary) -> [Distribution] {
        var distributions = tensors("parameters", trainer.parameterValues)
        // An epoch that was resumed after its last batch has none.
        if let gradients = trainer.gradientValues { distributions += tensors("gradients", gradients) }
        let errors = summary.validation?.histograms ?? [:]
        for (property, errors) in errors.sorted(by: { $0.key.target < $1.key.target }) {
            let name = property == .energy ? "per_atom_energy" : property.target
            let unit = units.unit(of: property).symbol
            guard let histogram = TensorBoardHistogram(errors) else { continue }
            distributions.append(("errors/\(name)" + (unit.isEmpty ? "" : " [\(unit)]"), histogram))
        }
        return distributions
    }

    /// Numbers in the order of the declarations, cut into tensors.
    private func tensors(_ group: String, _ numbers: [Double]) -> [Distribution] {
        var offset = 0
        return histograms.compactMap { declaration in
            defer { offset += declaration.count }
            return TensorBoardHistogram(of: numbers[offset..<offset + declaration.count]).map {
                ("\(group)/\(declaration.name)", $0)
            }
        }
    }
}

extension TensorBoardHistogram {
    /// The bins of errors; nil where there are none.
    fileprivate init?(_ errors: ErrorHistogram) {
        let bins = errors.bins
        guard !bins.isEmpty else { return nil }
        self.init(
            minimum: errors.minimum, maximum: errors.maximum, count: errors.count, sum: errors.sum,
            sumOfSquares: errors.sumOfSquares, limits: bins.map(\.limit), counts: bins.map(\.count))
    }
}
