import ApusChemistry
import ApusSystem
import Testing

@testable import ApusTraining

/// Errors of parts that are merged against those of all, one after the other.
@Suite struct ErrorMergingTests {
    private func pairs(_ count: Int, seed: UInt64 = 2) -> [(Double, Double)] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in (3 + generator.normal(), 2 * generator.normal() - 100) }
    }

    private func statistics(_ pairs: some Sequence<(Double, Double)>) -> ErrorStatistics {
        var statistics = ErrorStatistics()
        for (found, reference) in pairs { statistics.add(found, reference: reference) }
        return statistics
    }

    @Test(arguments: [[0, 7, 50], [25], [1, 49], [50]]) func statisticsOfParts(cuts: [Int]) {
        let all = pairs(50)
        var merged = ErrorStatistics()
        for (first, last) in zip([0] + cuts, cuts + [50]) { merged.merge(statistics(all[first..<last])) }
        let expected = statistics(all)
        #expect(merged.count == 50 && merged.largest == expected.largest)
        // Sums of fifty numbers in another order.
        #expect(abs(merged.mae - expected.mae) < 1e-13 * expected.mae)
        #expect(abs(merged.rmse - expected.rmse) < 1e-13 * expected.rmse)
        #expect(abs(merged.meanSigned - expected.meanSigned) < 1e-13 * expected.mae)
        #expect(abs(merged.determination / expected.determination - 1) < 1e-12)
    }

    @Test func emptyPartsLeaveTheBits() {
        let some = statistics(pairs(9))
        var (left, right) = (ErrorStatistics(), some)
        left.merge(some)
        right.merge(ErrorStatistics())
        #expect(left == some && right == some)
        var notANumber = some
        notANumber.merge(statistics([(.nan, 1)]))
        #expect(notANumber.largest.isNaN && notANumber.mae.isNaN)
        var before = statistics([(.nan, 1)])
        before.merge(some)
        #expect(before.largest.isNaN)
    }

    /// All that is counted: properties, elements, components, histograms and outliers.
    @Test func evaluationErrorsOfParts() throws {
        let samples = try harmonicSamples(count: 40, atoms: [2, 4, 1])
        let loss = Loss(weights: [.perAtomForce: 1])
        func errors(_ samples: ArraySlice<Sample>) -> EvaluationErrors {
            var errors = EvaluationErrors(hasHistograms: true, hasOutliers: true)
            for sample in samples {
                // A single atom far off is an outlier.
                let shift = sample.name == samples.first?.name && samples.startIndex == 0 ? 50.0 : 0.1
                errors.add(.energy, predicted: [sample.energy! + shift], sample)
                let forces = sample.labels[.forces]!.map { $0 + 0.01 }
                errors.add(.forces, predicted: forces[...], sample)
                errors.add(loss.terms[0], 0.25)
            }
            return errors
        }
        let expected = errors(samples[...])
        var merged = EvaluationErrors(hasHistograms: true, hasOutliers: true)
        for range in [0..<11, 11..<11, 11..<39, 39..<40] { merged.merge(errors(samples[range])) }
        #expect(merged.entries.map(\.name) == expected.entries.map(\.name))
        for (found, expected) in zip(merged.entries, expected.entries) {
            #expect(found.errors.count == expected.errors.count)
            #expect(abs(found.errors.rmse - expected.errors.rmse) < 1e-13)
        }
        #expect(merged.lossComponents == expected.lossComponents)
        #expect(merged.histograms?[.forces]?.count == expected.histograms?[.forces]?.count)
        #expect(merged.histograms?[.energy]?.bins.map(\.count) == expected.histograms?[.energy]?.bins.map(\.count))
        #expect(merged.outliers?.entries == expected.outliers?.entries && merged.outliers?.entries.count == 1)
        #expect(merged.emptied == EvaluationErrors(hasHistograms: true, hasOutliers: true))
    }
}
