import ApusChemistry
import ApusReporting
import ApusTraining

extension EvaluationErrors {
    /// The rows of the final table for one part of the data.
    ///
    /// - Parameters:
    ///   - part: The name of the part.
    ///   - samples: The part.
    ///   - means: What the trivial predictions are, means over the training part where there is one.
    ///   - measures: What is told of errors, beside what all tables have.
    package func rows(
        _ part: String, _ units: UnitSystem, _ samples: Samples, baseline means: BaselineMeans,
        measures: [Metric.Measure] = standardMeasures
    ) -> [MetricsTable.Row] {
        let further = measures.filter { !standardMeasures.contains($0) }
        let baseline = means.errors(on: samples)
        return entries.flatMap { entry in
            let own = units.unit(of: entry.dimension)
            // Stresses are told in the unit of pressures as well.
            return ([own] + (entry.dimension == .stress ? [Unit.gigapascal] : [])).map { unit in
                let factor = (try? own.factor(to: unit)) ?? 1
                return MetricsTable.Row(
                    split: part, property: entry.name, unit: unit.symbol, mae: factor * entry.errors.mae,
                    rmse: factor * entry.errors.rmse, meanSigned: factor * entry.errors.meanSigned,
                    maximum: factor * entry.errors.largest, baseline: baseline[entry.name].map { factor * $0 },
                    determination: entry.errors.determination, count: entry.errors.count,
                    further: Dictionary(
                        uniqueKeysWithValues: further.map { measure in
                            (measure.name, (measure.isError ? factor : 1) * measure.value(of: entry.errors))
                        }))
            }
        }
    }
}

extension EvaluationErrors {
    /// The means of the components of a loss on one part of the data, and their weighted sum with the weights at the end.
    func means(of loss: Loss, _ part: String, _ units: UnitSystem) -> [MetricsTable.Mean] {
        loss.terms.compactMap { term in
            lossComponents[term.name].map {
                MetricsTable.Mean(split: part, name: term.name, unit: term.unit(in: units).symbol, value: $0)
            }
        } + [MetricsTable.Mean(split: part, name: "loss", unit: "", value: total(loss))]
    }
}

/// Trivial predictions: the mean energy per atom (self-energies taken off), no forces, the mean charge and multiplicity of
/// each element, and the mean of every component of all else. A mean that no sample gives is zero.
package struct BaselineMeans {
    private var means: [Group: Sum] = [:]

    /// The means over samples, usually those of the training part.
    init(_ samples: Samples) {
        for sample in samples {
            Self.forEach(sample) { group, value in means[group, default: Sum()].add(value) }
        }
    }

    /// The mean absolute errors of the means on samples, by the names of the properties.
    package func errors(on samples: Samples) -> [String: Double] {
        var sums: [String: Sum] = [:]
        for sample in samples {
            Self.forEach(sample) { group, value in
                let mean = group.property == .forces ? 0 : means[group]?.mean ?? 0
                let distance = abs(value - mean)
                if group.property == .energy {
                    sums["per_atom_energy", default: Sum()].add(distance)
                    sums[Property.energy.target, default: Sum()].add(distance * Double(sample.system.count))
                    return
                }
                sums[group.property.target, default: Sum()].add(distance)
                if group.property == .forces,
                    let element = Element.all.first(where: { $0.atomicNumber == group.element })
                {
                    sums["\(group.property.target)/\(element)", default: Sum()].add(distance)
                }
            }
        }
        return sums.mapValues(\.mean)
    }

    /// Values that are predicted by one mean, as R² divides them too, and the element of the atom that has them.
    private struct Group: Hashable {
        let property: Property
        let element: Int
        let number: Int
    }

    private struct Sum {
        private var sum = 0.0
        private var count = 0
        var mean: Double { sum / Double(max(count, 1)) }

        mutating func add(_ value: Double) {
            sum += value
            count += 1
        }
    }

    /// Calls a function with every number of a sample, the energy as energy per atom.
    private static func forEach(_ sample: Sample, _ body: (Group, Double) -> Void) {
        for (property, values) in sample.labels {
            if property == .energy {
                body(Group(property: property, element: 0, number: 0), values[0] / Double(sample.system.count))
                continue
            }
            let mask = property == .forces ? sample.labels[.forceMask] ?? [] : []
            for (index, value) in values.enumerated() {
                if !mask.isEmpty, mask[index / property.components] == 0 { continue }
                let element = property.owner == .atom ? sample.system.numbers[index / property.components] : 0
                let number = property.group(ofNumber: index, numbers: sample.system.numbers) ?? 0
                body(Group(property: property, element: element, number: number), value)
            }
        }
    }
}
