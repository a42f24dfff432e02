import ApusCPU
import ApusGraph
import ApusPotentials

/// How gradients change parameters.
///
/// An optimiser is a type in one file, such as ``AdamW``, and a line in ``standardOptimizers``; the keys of
/// `[training.optimizer]` follow from its hyper-parameters.
public protocol Optimizer: Configurable {
    /// The arrays, of the size of the parameters, that it remembers from step to step, with PyTorch's names; zeros at
    /// first.
    var momentNames: [String] { get }
    /// Whether it has a momentum, or a β₁, that a schedule can change.
    var hasMomentum: Bool { get }
    /// Floating-point operations for each parameter in a step.
    var operations: Double { get }
    /// Makes a step with the sums of an executor as gradients.
    ///
    /// - Parameters:
    ///   - parameters: All parameters.
    ///   - moments: As many arrays as there are names.
    ///   - spans: The parameters that change, with their gradients.
    ///   - step: What differs from step to step.
    /// - Returns: whether all changed parameters are finite.
    func step(
        _ executor: Executor, _ parameters: Numbers, moments: [Numbers], spans: [TrainedSpan], _ step: OptimizerStep
    ) -> Bool
}

/// What differs from one step of an optimiser to the next.
public struct OptimizerStep: Sendable {
    /// The learning rate.
    public var rate: Double
    /// What stands for the momentum, or β₁; nil for the optimiser's own.
    public var momentum: Double?
    /// What is done to gradients first.
    public var gradients: GradientScaling
    /// The number of the step, from one.
    public var number: Int

    /// The settings of a step.
    public init(rate: Double, momentum: Double? = nil, gradients: GradientScaling = GradientScaling(), number: Int) {
        (self.rate, self.momentum, self.gradients, self.number) = (rate, momentum, gradients, number)
    }
}

/// The optimisers that come with the program.
public let standardOptimizers: [any Optimizer.Type] = [
    AdamW.self,
    Adam.self,
    GradientDescent.self,
]

extension Optimizer {
    /// What a step costs: it reads gradients and reads and writes parameters and moments.
    func cost(parameters: Int, elementSize: Int) -> Cost {
        let numbers = 3 + 2 * momentNames.count
        return Cost(operations: operations * Double(parameters), bytes: Double(numbers * parameters * elementSize))
    }
}
