import ApusCPU
import ApusChemistry
import ApusGraph
import ApusPotentials
import ApusSystem
import Testing

@testable import ApusTraining

@Suite struct ErrorHistogramTests {
    private func histogram(_ errors: [Double]) -> ErrorHistogram {
        var histogram = ErrorHistogram()
        histogram.add(errors)
        return histogram
    }

    /// Quarters of a binade by hand: 1 and 1.2 are in [1, 1.25), 1.25 is in the next.
    @Test func positiveErrors() {
        let histogram = histogram([1, 1.25, .nan, 1.2, .infinity, 1.9, -.infinity])
        #expect(histogram.count == 4 && histogram.minimum == 1 && histogram.maximum == 1.9)
        #expect(abs(histogram.sum - 5.35) < 1e-14 && abs(histogram.sumOfSquares - 7.6125) < 1e-14)
        #expect(histogram.bins.map(\.limit) == [1.25, 1.5, 1.75, 1.9])
        #expect(histogram.bins.map(\.count) == [2, 1, 0, 1])
    }

    /// The mirror image: −4 is in (−5, −4], −3 and −3.4 are in (−3.5, −3].
    @Test func negativeErrors() {
        let bins = histogram([-3, -2.4, -3.4, -4]).bins
        #expect(bins.map(\.limit) == [-4, -3.5, -3, -2.5, -2.4])
        #expect(bins.map(\.count) == [1, 0, 2, 0, 1])
    }

    /// Errors below 2⁻²⁰ share a bin, those above 2²⁰ are in the last ones.
    @Test func tinyAndHugeErrors() {
        let around = histogram([0, 1e-7, -1e-7, -0.0, 0x1p-20]).bins
        #expect(around.map(\.limit) == [0x1p-20, 0x1p-20] && around.map(\.count) == [4, 1])
        let bins = histogram([-1e9, -.greatestFiniteMagnitude, 1e300, 1.5e6]).bins
        #expect(bins.count == 2 * 160 + 1 && bins.first?.count == 2 && bins.last?.count == 2)
        #expect(bins.first?.limit == -0x1.cp19 && bins.last?.limit == 1e300)
    }

    @Test func nothingHasNoBins() {
        #expect(histogram([]).bins.isEmpty && histogram([.nan]).bins.isEmpty && histogram([.nan]).count == 0)
    }

    /// As many errors are below each limit as the bins say, counted one by one.
    @Test func binsHoldWhatIsBetweenTheirEnds() {
        var generator = SeededGenerator(seed: 4)
        let errors = (0..<5000).map { _ in generator.normal() * Double(sign: .plus, exponent: 30, significand: 1e-12) }
        var below = 0
        for (limit, count) in histogram(errors).bins {
            below += count
            #expect(errors.count { $0 <= limit } == below, "\(limit)")
        }
        #expect(below == errors.count)
    }

    /// Errors of forces and of energies per atom, as the statistics have them; nothing where nobody asked.
    @Test func evaluatorsCountErrors() throws {
        let model = smallModel()
        let samples = Samples(try harmonicSamples(count: 300, atoms: [2, 4, 1]))
        let parameters = Numbers(model.parameters, precision: .float64)
        let evaluator = Evaluator(
            model, properties: [.energy, .forces], on: bestDevice(.float64, threads: 2))
        #expect(try evaluator.errors(on: samples, parameters: parameters).histograms == nil)
        let errors = try evaluator.errors(on: samples, parameters: parameters, withHistograms: true)
        let histograms = try #require(errors.histograms)
        #expect(Set(histograms.keys) == [.energy, .forces])
        for (property, statistics) in [(Property.energy, errors.energyPerAtom), (.forces, errors.byProperty[.forces]!)]
        {
            let histogram = try #require(histograms[property])
            #expect(histogram.count == statistics.count && histogram.count > 0)
            let square = (histogram.sumOfSquares / Double(histogram.count)).squareRoot()
            // Sums of the same numbers; energies are divided before and after they are subtracted.
            #expect(abs(square - statistics.rmse) < 1e-12 * statistics.rmse)
            #expect(abs(max(histogram.maximum, -histogram.minimum) - statistics.largest) < 1e-12 * statistics.largest)
        }
    }

    /// Trainers hand them out with the validation errors, and train the same with and without.
    @Test func trainersCountValidationErrors() throws {
        var settings = quickSettings(epochs: 2)
        let (training, validation) = (try harmonicSamples(count: 24), try harmonicSamples(count: 8, seed: 9))
        let plain = try train(settings, training, validation: validation)
        settings.hasErrorHistograms = true
        let counting = try train(settings, training, validation: validation)
        #expect(plain.best == counting.best)
        for (without, with) in zip(plain.summaries, counting.summaries) {
            #expect(with.training == without.training && with.training.histograms == nil)
            #expect(with.validation?.entries.map(\.errors) == without.validation?.entries.map(\.errors))
            #expect(without.validation?.histograms == nil)
            #expect(with.validation?.histograms?[.forces]?.count == with.validation?.byProperty[.forces]?.count)
        }
    }

    /// Plain gradient descent changes parameters by the rate times the gradients; a limit for gradients is not in them.
    @Test(arguments: [nil, GradientClip.norm(1e-3)])
    func gradientsOfTheLastBatch(clip: GradientClip?) throws {
        var settings = quickSettings(epochs: 1)
        settings.optimizer = GradientDescent()
        (settings.weightDecay, settings.gradientClip) = (0, clip)
        let model = smallModel("PaiNN")
        let trainer = try Trainer(
            model, settings, training: try harmonicSamples(count: 8), validation: [],
            on: bestDevice(.float64))
        #expect(trainer.gradientValues == nil)
        var norm = 0.0
        _ = try trainer.run { if case .epochEnded(let summary) = $0 { norm = summary.gradientNorm } }
        let gradients = try #require(trainer.gradientValues)
        #expect(gradients.count == model.parameters.count)
        #expect(abs(gradients.reduce(0) { $0 + $1 * $1 }.squareRoot() - norm) < 1e-12 * norm)
        // The limit over the norm, to which 10⁻⁶ is added as PyTorch does.
        let scale = clip == nil ? 1 : 1e-3 / (norm + 1e-6)
        let changes = zip(model.parameters, trainer.parameterValues).map { ($0 - $1) / (settings.learningRate * scale) }
        // A change is a difference of parameters of order one, which leaves 10⁻¹⁶ over the rate.
        let bound = 1e-15 / (settings.learningRate * scale)
        #expect(zip(changes, gradients).allSatisfy { abs($0 - $1) < bound + 1e-12 * norm })
    }
}
