import ApusCPU
import ApusChemistry
import ApusGraph
import ApusSystem

extension ModelChecks {
    /// Coordinates of a system whose force is checked; drawn at random where there are more.
    private static let coordinateLimit = 60

    /// F = −∂E/∂r against central differences.
    ///
    /// With a step h of 10⁻⁵ cutoffs the differences are wrong by (h/w)²/6 ≈ 10⁻⁸, w being the width of the radial
    /// functions (about 1/20 cutoff), and by the rounding of the energy over h, 10⁻¹¹; both leave room below 10⁻⁶.
    /// Where a norm √(|v|² + ε) of PaiNN turns within h, or a pair crosses the cutoff and the curvature jumps, a
    /// smaller step is needed; there rounding makes 10⁻⁸.
    func forces() throws -> CheckResult {
        let steps = Self.steps(1e-5 * cutoffRadius)
        var worst = WorstError()
        var generator = SeededGenerator(seed: seed)
        for (system, prediction) in zip(systems, try predict(systems)) {
            let scale = PredictionScale(model, system, prediction)
            var coordinates = system.positions.indices.flatMap { atom in (0..<3).map { (atom: atom, axis: $0) } }
            generator.shuffle(&coordinates)
            coordinates = Array(coordinates.prefix(Self.coordinateLimit))
            for coordinate in coordinates {
                let force = prediction.forces[coordinate.atom][coordinate.axis]
                let error = try Self.error(ofSlope: -force, steps: steps) { distances in
                    try predict(
                        distances.map { distance in
                            var positions = system.positions
                            positions[coordinate.atom][coordinate.axis] += distance
                            return try system.moved(to: positions)
                        }
                    ).map(\.energy)
                }
                // The coordinate that is moved is rounded.
                let rounding = PredictionScale.rounding(system) / steps[0]
                worst.record(error, allowed: (1e-6 + rounding) * scale.force)
            }
        }
        return worst.result(
            "forces", "largest difference between a force component and the slope of the energy",
            unit: model.units.force.symbol)
    }

    /// A step for central differences and smaller ones, for functions that are smooth on a smaller scale only.
    static func steps(_ largest: Double) -> [Double] { [1, 0.1, 0.01, 0.001].map { $0 * largest } }

    /// The difference between a slope and the central difference that fits best; a wrong slope fits none.
    static func error(
        ofSlope slope: Double, steps: [Double], of function: ([Double]) throws -> [Double]
    ) throws -> Double {
        let values = try function(steps.flatMap { [$0, -$0] })
        let errors = steps.indices.map { abs((values[2 * $0] - values[2 * $0 + 1]) / (2 * steps[$0]) - slope) }
        return errors.contains(where: \.isNaN) ? .nan : errors.min()!
    }

    /// ∂L/∂θ against central differences, for L = Σ w E + Σ w·F, and Σ w·x for what else is predicted, with random
    /// weights w.
    ///
    /// The second part is a mixed second derivative of the energy, which training on forces needs.
    func parameterGradients() throws -> CheckResult {
        let graph = model.graph
        let energyWeights = graph.graph.input("energy weights", rows: .systems)
        let forceWeights = graph.graph.input("force weights", rows: .atoms, shape: .vector)
        var loss =
            columnSum(energyWeights * graph.energy)
            + columnSum(contract(forceWeights, graph.forces, to: .scalar))
        let further = model.potential.properties + model.heads.flatMap(\.properties)
        for property in further {
            let output = graph.outputs[property]!
            let weights = graph.graph.input("\(property.target) weights", rows: output.rows, shape: output.shape)
            loss = loss + columnSum(contract(weights, output, to: .scalar))
        }
        let gradients = gradient(of: loss, by: graph.graph.parameters)
        let program = BatchProgram(model, outputs: [], sums: [loss] + gradients.compactMap { $0 }, on: device)

        // Weights that let every system and both parts count alike.
        var generator = SeededGenerator(seed: seed)
        let weights = zip(systems, try predict(systems)).map { system, prediction in
            let scale = PredictionScale(model, system, prediction)
            return (
                energy: generator.normal() / scale.energy,
                forces: (0..<3 * system.count).map { _ in generator.normal() / scale.force },
                further: further.map { property in
                    (0..<property.count(atoms: system.count)).map { _ in generator.normal() }
                }
            )
        }
        func run(_ values: [Double]) throws {
            _ = try program.run(systems, parameters: Numbers(values, on: device)) { range, chunk in
                chunk.inputs["energy weights"] = weights[range].map(\.energy)
                chunk.inputs["force weights"] = weights[range].flatMap(\.forces)
                for (index, property) in further.enumerated() {
                    chunk.inputs["\(property.target) weights"] = weights[range].flatMap { $0.further[index] }
                }
            }
        }
        return try Self.parameterGradients(at: model.parameters, &generator) { values in
            try run(values)
            return program.executor.sums[program.executor.program.results[0]][0]
        } gradient: {
            try run(model.parameters)
            let executor = program.executor
            var spans = executor.program.results.dropFirst().makeIterator()
            return zip(graph.declarations, gradients).flatMap { declaration, gradient in
                // A parameter that nothing depends on has no gradient.
                gradient == nil ? [Double](repeating: 0, count: declaration.count) : executor.sums[spans.next()!]
            }
        }
    }

    /// Compares a gradient with slopes of the loss along random directions and along single parameters.
    ///
    /// Steps change parameters by 10⁻⁵ of their size, or a single one by 10⁻⁴ of the mean size: the differences are
    /// wrong by the square of that and by the rounding of the loss over it, some 10⁻⁹ in all, 10⁻⁸ where a smaller
    /// step is needed. The bound of 10⁻⁶ is relative to the length of the gradient.
    static func parameterGradients(
        at parameters: [Double], _ generator: inout SeededGenerator, loss: ([Double]) throws -> Double,
        gradient: () throws -> [Double]
    ) throws -> CheckResult {
        let gradient = try gradient()
        let length = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let size = parameters.reduce(0) { $0 + $1 * $1 }.squareRoot()
        var worst = WorstError()
        func compare(_ direction: [Double], step: Double) throws {
            let slope = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
            let error = try error(ofSlope: slope, steps: steps(step)) { distances in
                try distances.map { distance in try loss(zip(parameters, direction).map { $0 + distance * $1 }) }
            }
            worst.record(error / length, allowed: 1e-6)
        }
        for _ in 0..<4 {
            let direction = parameters.map { _ in generator.normal() }
            let norm = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
            try compare(direction.map { $0 / norm }, step: 1e-5 * size)
        }
        let steepest = gradient.indices.max { abs(gradient[$0]) < abs(gradient[$1]) }!
        for index in [steepest] + (0..<7).map({ _ in generator.index(below: parameters.count) }) {
            var direction = [Double](repeating: 0, count: parameters.count)
            direction[index] = 1
            try compare(direction, step: 1e-4 * size / Double(parameters.count).squareRoot())
        }
        return worst.result(
            "parameter gradients",
            "largest difference between the gradient and the slope of a loss, over the gradient's length", unit: "")
    }
}
