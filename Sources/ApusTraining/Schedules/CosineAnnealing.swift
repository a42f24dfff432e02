import ApusSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Half a cosine from the initial rate down to a minimum, and up again if training goes on:
/// r = r_min + (r₀ − r_min)(1 + cos(π n/T))/2, PyTorch's `CosineAnnealingLR` (Loshchilov & Hutter 2017, arXiv 1608.03983).
public struct CosineAnnealing: LearningRateSchedule, Equatable {
    /// T, `T_max`.
    public let length: Int
    /// r_min, `eta_min`.
    public let minimum: Double

    /// Reaches `minimum` after `length` steps or epochs.
    public init(length: Int, minimum: Double = 0) {
        require(length > 0, "a cosine has a length > 0, not \(length)")
        self.length = length
        self.minimum = minimum
    }

    /// The formula above.
    public func rate(after count: Int, initial: Double) -> Double {
        cosine(from: initial, to: minimum, at: Double(count) / Double(length))
    }
}

/// The same that begins again after T₀, then after T₀ m, T₀ m² …, PyTorch's `CosineAnnealingWarmRestarts`
/// (Loshchilov & Hutter 2017, arXiv 1608.03983).
public struct CosineRestarts: LearningRateSchedule, Equatable {
    /// T₀, `T_0`.
    public let length: Int
    /// m, `T_mult`.
    public let multiplier: Int
    /// r_min, `eta_min`.
    public let minimum: Double

    /// Begins again after `length` steps or epochs, and each time `multiplier` times as late.
    public init(length: Int, multiplier: Int = 1, minimum: Double = 0) {
        require(length > 0 && multiplier > 0, "a cosine has a length > 0, and so has the next")
        self.length = length
        self.multiplier = multiplier
        self.minimum = minimum
    }

    /// Half a cosine over the stretch in which `count` lies.
    public func rate(after count: Int, initial: Double) -> Double {
        var (rest, stretch) = (count, length)
        if multiplier == 1 {
            rest %= length
        } else {
            while rest >= stretch {
                rest -= stretch
                stretch *= multiplier
            }
        }
        return cosine(from: initial, to: minimum, at: Double(rest) / Double(stretch))
    }
}

/// The way from one number to another along half a cosine.
func cosine(from start: Double, to end: Double, at fraction: Double) -> Double {
    end + (start - end) / 2 * (1 + cos(.pi * fraction))
}
