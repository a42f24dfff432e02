import ApusCPU
import ApusChemistry
import ApusGraph
import ApusSystem

extension ModelChecks {
    /// Neither energy nor forces jump when the distance of two atoms crosses the cutoff of a list of pairs.
    ///
    /// Two atoms of each element, and in each system a few atoms moved to the rim of another, are compared just inside
    /// and just outside, 2·10⁻⁷ cutoffs apart. Over this way a smooth energy changes by 10⁻⁶ of its size at most and
    /// forces, which follow the steepest radial functions (1/20 cutoff wide), by 10⁻⁵; ten times that is allowed. A
    /// potential that is cut off without an envelope jumps by per cents.
    func cutoff() throws -> [CheckResult] {
        var generator = SeededGenerator(seed: seed)
        var worst = WorstErrors()
        func cross(
            _ system: AtomicSystem, atom: Int, around center: Int, at radius: Double, _ direction: SIMD3<Double>
        ) throws {
            let sides = try [1 - 1e-7, 1 + 1e-7].map { factor in
                var positions = system.positions
                positions[atom] = positions[center] + factor * radius * direction
                return try system.moved(to: positions)
            }
            let predictions = try predict(sides)
            worst.compare(
                sides[0], model, predictions[0], predictions[1], energyBound: 1e-5, forceBound: 1e-4)
        }
        for radius in Set(model.pairLists.map(\.cutoff)).sorted() {
            for element in model.elements {
                let pair = [element.atomicNumber, element.atomicNumber]
                let dimer = try AtomicSystem(numbers: pair, positions: [.zero, .zero])
                try cross(dimer, atom: 1, around: 0, at: radius, SIMD3(0.6, 0, 0.8))
            }
            // In a crystal an atom that is moved there may come close to an image of another.
            for system in systems where system.count > 1 && system.cell?.isPeriodic != true {
                for _ in 0..<4 {
                    let atom = generator.index(below: system.count)
                    let center = (atom + 1 + generator.index(below: system.count - 1)) % system.count
                    if let direction = freeDirection(system, moving: atom, around: center, at: radius, &generator) {
                        try cross(system, atom: atom, around: center, at: radius, direction)
                    }
                }
            }
        }
        return worst.results("cutoff", "when an atom crosses the cutoff", units: model.units)
    }

    /// A direction in which an atom at the cutoff from another comes close to no third; nil if none is found.
    private func freeDirection(
        _ system: AtomicSystem, moving atom: Int, around center: Int, at radius: Double,
        _ generator: inout SeededGenerator
    ) -> SIMD3<Double>? {
        for _ in 0..<20 {
            let direction = OrthogonalMatrix.random(reflecting: false, &generator)(SIMD3(1, 0, 0))
            let place = system.positions[center] + radius * direction
            let isFree = system.positions.indices.allSatisfy { other in
                let vector = system.positions[other] - place
                return other == atom || (vector * vector).sum().squareRoot() > 0.2 * radius
            }
            if isFree { return direction }
        }
        return nil
    }
}
