import CApusKernels
import Dispatch

/// The settings of one step of AdamW.
public struct AdamWStep: Sendable {
    /// The learning rate.
    public var rate: Double
    /// β₁, the memory of the first moment.
    public var beta1: Double
    /// β₂, the memory of the second moment.
    public var beta2: Double
    /// ε, added to the root of the second moment.
    public var epsilon: Double
    /// What gradients are multiplied by first.
    public var gradientScale: Double
    /// The number of this step, from one.
    public var number: Int

    /// Settings for one step.
    public init(rate: Double, beta1: Double, beta2: Double, epsilon: Double, gradientScale: Double, number: Int) {
        require(number > 0, "steps are counted from one, not \(number)")
        self.rate = rate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.gradientScale = gradientScale
        self.number = number
    }
}

/// A stretch of parameters with the place of its gradient and its weight decay.
public struct DecayedSpan: Sendable, Equatable {
    /// The parameters.
    public let span: Program.Span
    /// The first of their gradients among the sums.
    public let gradientOffset: Int
    /// λ: each step first takes off rate · λ of a parameter.
    public let decay: Double

    /// `count` parameters from `offset` on.
    public init(offset: Int, gradientOffset: Int, count: Int, decay: Double) {
        span = Program.Span(offset: offset, count: count)
        self.gradientOffset = gradientOffset
        self.decay = decay
    }
}

extension Executor {
    /// The sum of the squares of all results, in float64.
    ///
    /// Blocks of fixed size are added in order, so the result does not depend on the number of threads.
    public func sumOfSquares() -> Double {
        let block = 1 << 14
        return program.results.reduce(0) { total, span in
            stride(from: 0, to: span.count, by: block).reduce(total) { total, first in
                let pointer = sums.pointer + (span.offset + first) * precision.elementSize
                return total + kernels.sum_of_squares(min(block, span.count - first), pointer)
            }
        }
    }

    /// Changes parameters by AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101), with the sums as gradients:
    ///
    ///     m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,
    ///     w ← w − r λ w − r (m/(1 − β₁ᵗ)) / (√(v/(1 − β₂ᵗ)) + ε)
    public func adamW(
        _ parameters: Numbers, moments: (first: Numbers, second: Numbers), spans: [DecayedSpan], step: AdamWStep
    ) {
        for numbers in [parameters, moments.first, moments.second] {
            require(
                numbers.precision == precision
                    && spans.allSatisfy {
                        $0.span.offset + $0.span.count <= numbers.count
                            && $0.gradientOffset + $0.span.count <= sums.count
                    }, "gradients do not fit the parameters")
        }
        let correction1 = 1 - power(step.beta1, step.number)
        let correction2 = 1 - power(step.beta2, step.number)
        let size = precision.elementSize
        let block = 1 << 15
        let blocks = spans.flatMap { part in
            stride(from: 0, to: part.span.count, by: block).map { first in
                DecayedSpan(
                    offset: part.span.offset + first, gradientOffset: part.gradientOffset + first,
                    count: min(block, part.span.count - first), decay: part.decay)
            }
        }
        let state = Unshared((kernels, parameters.pointer, sums.pointer, moments.first.pointer, moments.second.pointer))
        let threads = min(threads, max(blocks.count, 1))
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            let (kernels, w, g, m, v) = state.value
            for part in stride(from: thread, to: blocks.count, by: threads).map({ blocks[$0] }) {
                let first = part.span.offset * size
                kernels.adamw(
                    part.span.count, w + first, g + part.gradientOffset * size, step.gradientScale, m + first,
                    v + first, step.rate,
                    step.beta1, step.beta2, step.epsilon, part.decay, correction1, correction2)
            }
        }
    }
}

private func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    var factor = base
    var rest = exponent
    while rest > 0 {
        if rest & 1 == 1 { result *= factor }
        factor *= factor
        rest >>= 1
    }
    return result
}
