import ApusGraph
import ApusSystem
import CApusKernels
import Synchronization

/// What is done to gradients before a step: they are multiplied, then limited in size one by one.
public struct GradientScaling: Sendable, Equatable {
    /// What gradients are multiplied by.
    public var factor: Double
    /// The largest size of an element, after that.
    public var limit: Double

    /// Multiplies by `factor` and limits to −limit … limit.
    public init(factor: Double = 1, limit: Double = .infinity) {
        require(limit > 0, "gradients are limited to a size > 0, not \(limit)")
        self.factor = factor
        self.limit = limit
    }
}

/// The settings of one step of Adam or AdamW.
public struct AdamStep: Sendable {
    /// The learning rate.
    public var rate: Double
    /// β₁, the memory of the first moment.
    public var beta1: Double
    /// β₂, the memory of the second moment.
    public var beta2: Double
    /// ε, added to the root of the second moment.
    public var epsilon: Double
    /// Whether the decay is taken off the parameters (AdamW) and not added to the gradients (Adam).
    public var decouplesDecay: Bool
    /// What is done to gradients first.
    public var gradients: GradientScaling
    /// The number of this step, from one.
    public var number: Int

    /// Settings for one step.
    public init(
        rate: Double, beta1: Double, beta2: Double, epsilon: Double, decouplesDecay: Bool = true,
        gradients: GradientScaling = GradientScaling(), number: Int
    ) {
        require(number > 0, "steps are counted from one, not \(number)")
        self.rate = rate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.decouplesDecay = decouplesDecay
        self.gradients = gradients
        self.number = number
    }
}

/// The settings of one step of stochastic gradient descent.
public struct DescentStep: Sendable {
    /// The learning rate.
    public var rate: Double
    /// μ, the memory of the velocity.
    public var momentum: Double
    /// Whether the velocity is looked at one step ahead, as Nesterov does.
    public var isNesterov: Bool
    /// What is done to gradients first.
    public var gradients: GradientScaling

    /// Settings for one step.
    public init(rate: Double, momentum: Double, isNesterov: Bool, gradients: GradientScaling = GradientScaling()) {
        self.rate = rate
        self.momentum = momentum
        self.isNesterov = isNesterov
        self.gradients = gradients
    }
}

/// Parameters side by side that training changes, with the place of their gradient, weight decay and rate.
public struct TrainedSpan: Sendable, Equatable {
    /// The parameters.
    public let span: Program.Span
    /// The first of their gradients among the sums.
    public let gradientOffset: Int
    /// λ, the part of the parameters that is taken off them times the rate, or added to their gradients.
    public let decay: Double
    /// What the learning rate is multiplied by.
    public let rateFactor: Double

    /// `count` parameters from `offset` on.
    public init(offset: Int, gradientOffset: Int, count: Int, decay: Double, rateFactor: Double = 1) {
        span = Program.Span(offset: offset, count: count)
        self.gradientOffset = gradientOffset
        self.decay = decay
        self.rateFactor = rateFactor
    }
}

extension Executor {
    /// The sum of the squares of all results, in float64.
    ///
    /// Blocks of fixed size are added in order, so the result does not depend on the number of threads.
    public func sumOfSquares() -> Double {
        let block = 1 << 14
        return measuring(.norm) {
            program.results.reduce(0) { total, span in
                stride(from: 0, to: span.count, by: block).reduce(total) { total, first in
                    let pointer = sums.pointer + (span.offset + first) * precision.elementSize
                    return total + kernels.sum_of_squares(min(block, span.count - first), pointer)
                }
            }
        }
    }

    /// Changes parameters by AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101), with the sums as gradients:
    ///
    ///     m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,
    ///     w ← w − r λ w − r (m/(1 − β₁ᵗ)) / (√(v/(1 − β₂ᵗ)) + ε)
    ///
    /// Adam (Kingma & Ba 2015, arXiv 1412.6980) adds λ w to g instead. With a third array of moments its largest v
    /// stands in the root (AMSGrad; Reddi et al. 2018, arXiv 1904.09237).
    ///
    /// - Parameter moments: m, v and, for AMSGrad, the largest v; zeros before the first step.
    /// - Returns: whether all changed parameters are finite.
    public func adam(_ parameters: Numbers, moments: [Numbers], spans: [TrainedSpan], step: AdamStep) -> Bool {
        require((2...3).contains(moments.count), "Adam has two or three moments, not \(moments.count)")
        let correction1 = 1 - power(step.beta1, step.number)
        let correction2 = 1 - power(step.beta2, step.number)
        return change(parameters, moments, spans) { kernels, block, w, g, moments in
            var settings = apus_adam_step(
                gradient_scale: step.gradients.factor, gradient_limit: step.gradients.limit,
                rate: step.rate * block.rateFactor,
                b1: step.beta1, b2: step.beta2, epsilon: step.epsilon, decay: step.decouplesDecay ? block.decay : 0,
                added_decay: step.decouplesDecay ? 0 : block.decay, c1: correction1, c2: correction2)
            kernels.adam(
                block.span.count, w, g, moments[0], moments[1], moments.count == 3 ? moments[2] : nil, &settings)
        }
    }

    /// Changes parameters by gradient descent, with the sums as gradients, to which λ w is added:
    ///
    ///     u ← μ u + g,  w ← w − r u,  or w ← w − r (g + μ u) with Nesterov's momentum
    ///
    /// - Parameter moments: u, zeros before the first step; nothing for descent without momentum.
    /// - Returns: whether all changed parameters are finite.
    public func descend(
        _ parameters: Numbers, moments: [Numbers], spans: [TrainedSpan], step: DescentStep
    ) -> Bool {
        require(moments.count <= 1, "gradient descent has one moment at most, not \(moments.count)")
        return change(parameters, moments, spans) { kernels, block, w, g, moments in
            var settings = apus_sgd_step(
                gradient_scale: step.gradients.factor, gradient_limit: step.gradients.limit,
                rate: step.rate * block.rateFactor, momentum: step.momentum, added_decay: block.decay,
                nesterov: step.isNesterov ? 1 : 0)
            kernels.sgd(block.span.count, w, g, moments.first, &settings)
        }
    }

    /// Runs `body` on blocks of parameters with their gradients and moments; every element is changed by itself, so the
    /// number of threads does not matter. Whether they are finite is seen while they are in the cache.
    private func change(
        _ parameters: Numbers, _ moments: [Numbers], _ spans: [TrainedSpan],
        _ body:
            @Sendable (
                apus_kernels, TrainedSpan, UnsafeMutableRawPointer, UnsafeMutableRawPointer, [UnsafeMutableRawPointer]
            ) -> Void
    ) -> Bool {
        for numbers in [parameters] + moments {
            require(
                numbers.precision == precision
                    && spans.allSatisfy {
                        $0.span.offset + $0.span.count <= numbers.count
                            && $0.gradientOffset + $0.span.count <= sums.count
                    }, "gradients do not fit the parameters")
        }
        let size = precision.elementSize
        let block = 1 << 15
        let blocks = spans.flatMap { part in
            stride(from: 0, to: part.span.count, by: block).map { first in
                TrainedSpan(
                    offset: part.span.offset + first, gradientOffset: part.gradientOffset + first,
                    count: min(block, part.span.count - first), decay: part.decay, rateFactor: part.rateFactor)
            }
        }
        let state = Unshared((kernels, parameters.pointer, sums.pointer, moments.map(\.pointer)))
        let next = Atomic(0)
        let areFinite = Atomic(true)
        measuring(.optimizer, width: blocks.count) {
            team.run(width: min(threads, blocks.count)) { [precision] _ in
                let (kernels, w, g, moments) = state.value
                while true {
                    let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard number < blocks.count else { break }
                    let block = blocks[number]
                    let first = block.span.offset * size
                    body(kernels, block, w + first, g + block.gradientOffset * size, moments.map { $0 + first })
                    if !hasFiniteNumbers(w + first, block.span.count, precision) {
                        areFinite.store(false, ordering: .relaxed)
                    }
                }
            }
        }
        return areFinite.load(ordering: .relaxed)
    }
}

/// The power of a number with a whole exponent >= 0, by squaring: the same bits on every machine.
package func power(_ base: Double, _ exponent: Int) -> Double {
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
