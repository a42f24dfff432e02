import ApusSystem

/// Stochastic weight averaging: from some epoch on, the mean of the parameters at the ends of the epochs is what is
/// validated and kept, while the learning rate goes to a constant.
///
/// After epoch s and every later one θ̄ ← θ̄ + (θ − θ̄)/n with n = 1, 2, …; after the k-th of them the learning rate is
/// r = α r_swa + (1 − α) r₀ with r₀ that of epoch s and α going from 0 to 1 while k goes to `annealing`, as PyTorch's
/// `AveragedModel` and `SWALR` do (Izmailov et al. 2018, arXiv 1803.05407).
public struct StochasticAveraging: Sendable, Equatable {
    /// s, from one.
    public let firstEpoch: Int
    /// r_swa, `swa_lr`.
    public let rate: Double
    /// `anneal_epochs`.
    public let annealing: Int
    /// The way of α.
    public let strategy: OneCycle.Strategy

    /// Averages from the end of `firstEpoch` on.
    public init(firstEpoch: Int, rate: Double, annealing: Int = 10, strategy: OneCycle.Strategy = .cosine) {
        require(firstEpoch > 0 && annealing >= 0, "averaging begins in an epoch >= 1, annealing is >= 0")
        (self.firstEpoch, self.rate, self.annealing, self.strategy) = (firstEpoch, rate, annealing, strategy)
    }

    /// The learning rate after `count` of the averaged epochs.
    func rate(after count: Int, from start: Double) -> Double {
        let fraction = min(1, Double(count) / Double(max(1, annealing)))
        return switch strategy {
        case .cosine: cosine(from: start, to: rate, at: fraction)
        case .linear: start + (rate - start) * fraction
        }
    }
}
