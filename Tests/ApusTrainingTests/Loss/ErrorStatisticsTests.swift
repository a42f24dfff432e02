import ApusCPU
import ApusChemistry
import ApusDatasets
import ApusGraph
import ApusPotentials
import Testing

@testable import ApusTraining

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct ErrorStatisticsTests {
    @Test func errorsByHand() {
        var statistics = ErrorStatistics()
        for (predicted, reference) in [(1.0, 2.0), (5, 1), (-3, -3), (0, 2)] {
            statistics.add(predicted, reference: reference)
        }
        #expect(statistics.count == 4)
        #expect(statistics.mae == 7.0 / 4)
        #expect(statistics.rmse == (21.0 / 4).squareRoot())
        #expect(statistics.largest == 4)
    }

    @Test(arguments: [0, 1, 2])
    func notANumberStaysVisible(_ position: Int) {
        var statistics = ErrorStatistics()
        for k in 0..<3 { statistics.add(k == position ? .nan : 2, reference: 1) }
        #expect(statistics.mae.isNaN && statistics.rmse.isNaN && statistics.largest.isNaN)
    }

    @Test func nothingComparedIsNotZero() {
        #expect(ErrorStatistics().mae.isNaN && ErrorStatistics().rmse.isNaN)
    }

    @Test func determinationByHand() {
        var statistics = ErrorStatistics()
        for (predicted, reference) in [(1.5, 1.0), (2, 2), (2.5, 3)] { statistics.add(predicted, reference: reference) }
        // Errors ±1/2 and 0, references ±1 and 0 from their mean.
        #expect(abs(statistics.determination - (1 - 0.5 / 2)) < 1e-15)
        var constant = ErrorStatistics()
        for _ in 0..<2 { constant.add(1, reference: 3) }
        #expect(constant.determination.isNaN)
    }

    /// References of groups are compared with the means of these, in parts that are merged as in one.
    @Test func determinationOfGroups() throws {
        // Two groups far apart, and predictions by the mean of each: better than nothing only where groups are pooled.
        let numbers = [(10.0, 9.0, 0), (-10, -9, 1), (10, 11, 0), (-10, -11, 1)]
        var (pooled, grouped) = (ErrorStatistics(), ErrorStatistics())
        for (predicted, reference, group) in numbers {
            pooled.add(predicted, reference: reference)
            grouped.add(predicted, reference: reference, group: group)
        }
        #expect(pooled.determination > 0.98 && grouped.determination == 0)
        #expect(pooled.mae == grouped.mae && pooled.rmse == grouped.rmse)
        for cut in 1..<4 {
            var parts = [ErrorStatistics(), ErrorStatistics()]
            for (k, number) in numbers.enumerated() {
                parts[k < cut ? 0 : 1].add(number.0, reference: number.1, group: number.2)
            }
            parts[0].merge(parts[1])
            #expect(abs(parts[0].determination) < 1e-15 && parts[0].count == 4)
        }
        let saved = try JSONEncoder().encode(grouped)
        #expect(try JSONDecoder().decode(ErrorStatistics.self, from: saved) == grouped)
    }

    /// R² of a stress that is predicted by the mean of each component is zero, as its baseline has it, and so is that of charges
    /// by the mean of each element.
    @Test func determinationOfTensors() throws {
        let cell = try Cell(
            vectors: [SIMD3(9, 0, 0), SIMD3(0, 9, 0), SIMD3(0, 0, 9)], isPeriodicAlong: [true, true, true])
        let system = try AtomicSystem(numbers: [8, 1], positions: [.zero, SIMD3(1, 0, 0)], cell: cell)
        let selfEnergies = SelfEnergies([1: 0, 8: 0], unit: .electronvolt)
        let means = (0..<9).map { Double($0) }
        var errors = EvaluationErrors()
        for shift in [-0.5, 0.5, 0.25, -0.25] {
            let configuration = Configuration(
                system: system,
                labels: [.energy: [0], .stress: means.map { $0 + shift }, .charges: [shift - 1, shift + 1]])
            let sample = try Sample(configuration, selfEnergies: selfEnergies)
            errors.add(.stress, predicted: means[...], sample)
            errors.add(.charges, predicted: [-1, 1], sample)
        }
        for property in [Property.stress, .charges] {
            #expect(abs(errors.byProperty[property]!.determination) < 1e-12, "\(property.name)")
        }
    }

    /// Pooled over all values, not the mean of the errors of systems.
    @Test func forceErrorsArePooled() throws {
        let samples = try harmonicSamples(count: 2, atoms: [2, 6])
        var errors = EvaluationErrors()
        for (sample, error) in zip(samples, [1.0, 3.0]) {
            let forces = sample.labels[.forces]!.enumerated().map { $1 + ($0 % 3 == 1 ? -error : error) }
            errors.add(.energy, predicted: [sample.energy! + error], sample)
            errors.add(.forces, predicted: forces[...], sample)
        }
        let (energy, force) = (errors.byProperty[.energy]!, errors.byProperty[.forces]!)
        #expect(force.count == 24)
        #expect(abs(force.mae - (6 * 1 + 18 * 3) / 24) < 1e-12)
        #expect(abs(force.rmse - ((6 * 1 + 18 * 9) / 24.0).squareRoot()) < 1e-12)
        #expect(abs(energy.mae - 2) < 1e-12)
        #expect(abs(errors.energyPerAtom.mae - (1.0 / 2 + 3.0 / 6) / 2) < 1e-12)
        // Chains are O H, and O H C O H C: carbon stands in the larger one alone.
        #expect(errors.forceByElement.mapValues(\.count) == [8: 9, 1: 9, 6: 6])
        #expect(abs(errors.forceByElement[6]!.mae - 3) < 1e-12)
        #expect(abs(errors.forceByElement[1]!.mae - (3 * 1 + 6 * 3) / 9.0) < 1e-12)
        let loss = Loss(weights: [.perAtomForce: 1])
        let metrics: [(Metric, String, Double)] = [
            (.errors(.property(.energy), .mae), "per_system_energy/mae", energy.mae),
            (.errors(.energyPerAtom, .rmse), "per_atom_energy/rmse", errors.energyPerAtom.rmse),
            (.errors(.property(.forces), .mae), "per_atom_force/mae", force.mae),
            (.errors(.property(.forces), .rmse), "per_atom_force/rmse", force.rmse),
            (.errors(.property(.forces), .max), "per_atom_force/max", force.largest),
            (.errors(.property(.forces), .r2), "per_atom_force/r2", force.determination),
            (.errors(.forces(on: Element.all[5]), .mae), "per_atom_force/C/mae", errors.forceByElement[6]!.mae),
            (.loss, "loss", errors.total(loss)),
        ]
        for (metric, name, value) in metrics {
            #expect(metric.name == name)
            #expect(errors.value(of: metric, loss) == value, "\(name)")
        }
        #expect(errors.value(of: .errors(.property(.charges), .mae), loss) == nil)
        #expect(errors.value(of: .component("per_atom_charge"), loss) == nil)
    }

    @Test func missingLabelsAreNotCompared() throws {
        let samples = try harmonicSamples(count: 1, atoms: [3])
        var errors = EvaluationErrors()
        let bare = try sample(samples[0].system, energy: nil, forces: nil)
        errors.add(.energy, predicted: [1], bare)
        errors.add(.forces, predicted: [Double](repeating: 0, count: 9)[...], bare)
        #expect(errors.byProperty.isEmpty && errors.entries.isEmpty && errors.lossComponents.isEmpty)
        errors.add(.energy, predicted: [1], samples[0])
        #expect(errors.entries.map(\.name) == ["per_system_energy", "per_atom_energy"])
    }

    /// More systems than are computed together, against one prediction at a time; and on three threads.
    @Test func theBatchingDoesNotMatter() throws {
        let model = smallModel()
        let samples = try harmonicSamples(count: 300, atoms: [2, 4, 1])
        let parameters = Numbers(model.parameters, precision: .float64)
        let evaluate = { (threads: Int) in
            try Evaluator(
                model, properties: [.energy, .forces], on: bestDevice(.float64, threads: threads)
            ).errors(on: samples, parameters: parameters)
        }
        let errors = try evaluate(1)
        #expect(try evaluate(3) == errors)
        let predictor = Predictor(model, on: bestDevice(.float64))
        var expected = EvaluationErrors()
        for sample in samples {
            let prediction = try predictor.predict([sample.system])[0]
            expected.add(.energy, predicted: [prediction.energy], sample)
            expected.add(.forces, predicted: prediction.labels[.forces]![...], sample)
        }
        #expect(errors.byProperty[.energy]!.count == 300 && errors.byProperty[.forces]!.count == 2100)
        #expect(errors.entries.count == expected.entries.count)
        for (found, expected) in zip(errors.entries, expected.entries) {
            #expect(abs(found.errors.mae - expected.errors.mae) < 1e-12)
            #expect(abs(found.errors.rmse - expected.errors.rmse) < 1e-12)
            #expect(abs(found.errors.largest - expected.errors.largest) < 1e-12)
            #expect(abs(found.errors.determination - expected.errors.determination) < 1e-9)
        }
    }
}
