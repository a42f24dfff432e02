import ApusCPU
import ApusGraph
import ApusSystem
import Testing

@testable import ApusTraining

/// What is added to self-energies: what residuals say of elements, and no more.
@Suite struct ElementCorrectionTests {
    private let hydrogen = 1, carbon = 6, oxygen = 8

    /// Systems of many compositions, and residuals that are sums over elements with noise of √N.
    private func residuals(
        _ truth: [Int: Double], noise: Double, seed: UInt64
    ) -> (systems: [[Int]], residuals: [Double]) {
        var generator = SeededGenerator(seed: seed)
        let systems = (0..<200).map { _ in
            [hydrogen, carbon, oxygen].flatMap { [Int](repeating: $0, count: 1 + generator.index(below: 6)) }
        }
        let residuals = systems.map { numbers in
            numbers.reduce(0) { $0 + truth[$1]! } + noise * Double(numbers.count).squareRoot() * generator.normal()
        }
        return (systems, residuals)
    }

    /// The smallest penalty is 10⁻⁴ of the sum of squares of the columns, and shrinks differences by about as much.
    @Test func elementsThatDifferAreToldApart() {
        let truth = [hydrogen: 0.02, carbon: -0.05, oxygen: 0.11]
        let (systems, residuals) = residuals(truth, noise: 0, seed: 1)
        let found = ElementCorrection(systems: systems, residuals: residuals).values
        for (element, value) in truth { #expect(abs(found[element]! - value) < 1e-4, "\(element): \(found)") }
    }

    /// All elements are off by the same, with noise: the standard error of a free fit would be near
    /// 0.05 √(1/(200 · Var n)) = 0.05/√(200 · 2.9/10.5) = 0.007 for each element.
    @Test func noiseDoesNotTellElementsApart() {
        var (free, error) = (0.0, 0.0)
        for seed in 1...20 {
            let truth = [hydrogen: 0.03, carbon: 0.03, oxygen: 0.03]
            let (systems, residuals) = residuals(truth, noise: 0.05, seed: UInt64(seed))
            let found = ElementCorrection(systems: systems, residuals: residuals).values
            error += found.values.reduce(0) { $0 + ($1 - 0.03) * ($1 - 0.03) }
            free += 3 * 0.007 * 0.007
        }
        #expect(error < 0.6 * free, "\(error), \(free)")
    }

    /// One composition: every element gets the mean residual of an atom, and the total is the mean residual.
    @Test func oneCompositionGivesOneConstant() {
        let systems = [[Int]](repeating: [8, 1, 1], count: 4)
        let found = ElementCorrection(systems: systems, residuals: [0.1, 0.2, 0.3, 0.6]).values
        for element in [1, 8] { #expect(abs(found[element]! - 0.1) < 1e-12) }
        #expect(found.count == 2)
        let single = ElementCorrection(systems: [[8, 1, 1]], residuals: [0.3]).values
        #expect(single.count == 2 && single.values.allSatisfy { abs($0 - 0.1) < 1e-12 })
    }

    @Test func whatIsNotFiniteCorrectsNothing() {
        #expect(ElementCorrection(systems: [[1], [6]], residuals: [1, .nan]).values == [1: 0, 6: 0])
        #expect(ElementCorrection(systems: [], residuals: []).values == [:])
    }
}
