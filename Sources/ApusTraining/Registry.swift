import ApusChemistry
import ApusPotentials

/// The types that configurations and the files of runs can name.
///
/// What is one's own is a type in one file and a line in a registry of one's own, which everything that reads a
/// configuration, a run or a model takes:
///
///     Registry(potentials: standardPotentials + [MyPotential.self], schedules: standardSchedules + [MySchedule.self])
public struct Registry: Sendable {
    /// What model files can name too: potentials, heads and energy terms.
    public var models: ModelRegistry
    /// The components of losses.
    public var lossComponents: [any LossComponent]
    /// What is said about errors in tables of epochs; training can watch those that are errors.
    public var measures: [Metric.Measure]
    /// The optimisers.
    public var optimizers: [any Optimizer.Type]
    /// The schedules of the learning rate.
    public var schedules: [any LearningRateSchedule.Type]

    /// Those of the program, unless others are given.
    public init(
        potentials: [any Potential.Type] = standardPotentials, heads: [any Head.Type] = standardHeads,
        terms: [any EnergyTerm.Type] = standardTerms, lossComponents: [any LossComponent] = standardLossComponents,
        measures: [Metric.Measure] = standardMeasures, optimizers: [any Optimizer.Type] = standardOptimizers,
        schedules: [any LearningRateSchedule.Type] = standardSchedules
    ) {
        models = ModelRegistry(potentials: potentials, heads: heads, terms: terms)
        (self.lossComponents, self.measures) = (lossComponents, measures)
        (self.optimizers, self.schedules) = (optimizers, schedules)
    }

    /// What comes with the program.
    public static let standard = Registry()

    /// What can be read, compared or predicted: the properties of the program, and those that types bring along.
    public var properties: [Property] {
        let further =
            lossComponents.flatMap(\.properties) + models.heads.flatMap { $0.init().properties }
            + models.potentials.flatMap { $0.init().properties }
        return further.reduce(into: Property.allCases) { if !$0.contains($1) { $0.append($1) } }
    }
}

extension Registry: Equatable {
    private var names: [[String]] {
        [
            models.potentials.map { $0.name }, models.heads.map { $0.name }, models.terms.map { $0.name },
            lossComponents.map(\.name), measures.map(\.name), optimizers.map { $0.name }, schedules.map { $0.name },
        ]
    }

    /// Whether both have the same names.
    public static func == (a: Registry, b: Registry) -> Bool { a.names == b.names }
}
