import ApusPotentials

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Half a cosine from the rate before schedules down to a minimum, and up again if training goes on:
/// r = r_min + (r₀ − r_min)(1 + cos(π n/T))/2, PyTorch's `CosineAnnealingLR` (Loshchilov & Hutter 2017, arXiv 1608.03983).
public struct CosineAnnealing: LearningRateSchedule {
    /// The name in configurations.
    public static let name = "CosineAnnealingLR"
    /// What can be chosen.
    public static let hyperparameters: [Hyperparameter<CosineAnnealing>] = [
        .integer(
            "length", \.length, 1...1_000_000_000, key: "T_max", unset: "the whole training",
            "Number of intervals in which the learning rate falls from lr to eta_min (arXiv 1608.03983)."),
        .lowestRate(\.minimum),
    ]
    /// T; nil for the whole training.
    public var length: Int?
    /// r_min.
    public var minimum = 0.0

    /// Down to zero in the whole training.
    public init() {}

    /// Reaches `minimum` after `length` steps or epochs.
    public init(length: Int, minimum: Double = 0) { (self.length, self.minimum) = (length, minimum) }

    /// The minimum is not above the rate.
    public func conflict(rate: Double) -> KeyConflict? {
        .above("eta_min", minimum, "training.lr", rate)
    }

    /// The formula above.
    public func rate(after count: Int, of course: ScheduleCourse) -> Double {
        cosine(from: course.rate, to: minimum, at: Double(count) / Double(length ?? course.intervals()))
    }
}

/// The same that begins again after T₀, then after T₀ m, T₀ m² …, PyTorch's `CosineAnnealingWarmRestarts`
/// (Loshchilov & Hutter 2017, arXiv 1608.03983).
public struct CosineRestarts: LearningRateSchedule {
    /// The name in configurations.
    public static let name = "CosineAnnealingWarmRestarts"
    /// What can be chosen.
    public static let hyperparameters: [Hyperparameter<CosineRestarts>] = [
        .lowestRate(\.minimum),
        .integer("length", \.length, 1...1_000_000_000, key: "T_0", "Number of intervals before the first restart.")
            .needed,
        .integer(
            "multiplier", \.multiplier, 1...1000, key: "T_mult",
            "Factor from the length of a stretch between restarts to the next."),
    ]
    /// T₀.
    public var length = 1
    /// m.
    public var multiplier = 1
    /// r_min.
    public var minimum = 0.0

    /// Begins again after every step or epoch.
    public init() {}

    /// Begins again after `length` steps or epochs, and each time `multiplier` times as late.
    public init(length: Int, multiplier: Int = 1, minimum: Double = 0) {
        (self.length, self.multiplier, self.minimum) = (length, multiplier, minimum)
    }

    /// The minimum is not above the rate.
    public func conflict(rate: Double) -> KeyConflict? {
        .above("eta_min", minimum, "training.lr", rate)
    }

    /// Half a cosine over the stretch in which `count` lies.
    public func rate(after count: Int, of course: ScheduleCourse) -> Double {
        var (rest, stretch) = (count, length)
        if multiplier == 1 {
            rest %= length
        } else {
            while rest >= stretch {
                rest -= stretch
                stretch *= multiplier
            }
        }
        return cosine(from: course.rate, to: minimum, at: Double(rest) / Double(stretch))
    }
}

extension Hyperparameter where Root: LearningRateSchedule {
    /// r_min.
    fileprivate static func lowestRate(_ place: WritableKeyPath<Root, Double> & Sendable) -> Hyperparameter {
        real("minimum", place, .nonNegative, key: "eta_min", "Learning rate at the lower end of the cosine.")
    }
}

/// The way from one number to another along half a cosine.
func cosine(from start: Double, to end: Double, at fraction: Double) -> Double {
    end + (start - end) / 2 * (1 + cos(.pi * fraction))
}
