import ApusChemistry
import ApusReporting
import ApusTraining

extension EvaluationErrors {
    /// The rows of the final table for one part of the data.
    func rows(_ part: String, _ units: UnitSystem, _ samples: [Sample]) -> [MetricsTable.Row] {
        let baseline = Baseline(samples)
        return entries.map { entry in
            MetricsTable.Row(
                split: part, property: entry.name, unit: units.unit(of: entry.dimension).symbol, mae: entry.errors.mae,
                rmse: entry.errors.rmse, maximum: entry.errors.largest, baseline: baseline[entry.name],
                determination: entry.errors.determination, count: entry.errors.count)
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

/// The mean absolute errors of trivial predictions: the mean energy per atom (self-energies taken off), no forces, the
/// mean charge and multiplicity of each element, and the mean of every component of all else.
private struct Baseline {
    private var errors: [String: Double] = [:]

    subscript(name: String) -> Double? { errors[name] }

    init(_ samples: [Sample]) {
        let labelled = samples.filter { $0.energy != nil }
        let perAtom = labelled.map { $0.energy! / Double($0.system.count) }
        let mean = perAtom.reduce(0, +) / Double(max(perAtom.count, 1))
        add("per_atom_energy", perAtom.map { abs($0 - mean) })
        add(
            Property.energy.target,
            zip(labelled, perAtom).map { sample, energy in abs(energy - mean) * Double(sample.system.count) })
        for property in Set(samples.flatMap(\.labels.keys)) where property != .energy { add(property, samples) }
    }

    private mutating func add(_ name: String, _ values: [Double]) {
        guard !values.isEmpty else { return }
        errors[name] = values.reduce(0, +) / Double(values.count)
    }

    private mutating func add(_ property: Property, _ samples: [Sample]) {
        // Values that are predicted by one mean: those of an element or of a component.
        var groups: [Int: [Double]] = [:]
        for sample in samples {
            for (index, value) in (sample.labels[property] ?? []).enumerated() {
                let (row, component) = (index / property.components, index % property.components)
                let element = property.owner == .atom ? sample.system.numbers[row] : 0
                groups[16 * element + component, default: []].append(value)
            }
        }
        var all: [Double] = []
        for (group, values) in groups {
            let mean = property == .forces ? 0 : values.reduce(0, +) / Double(values.count)
            let sizes = values.map { abs($0 - mean) }
            all += sizes
            if property == .forces, let symbol = Element.all.first(where: { $0.atomicNumber == group / 16 })?.symbol {
                let name = "\(property.target)/\(symbol)"
                let known = errors[name] ?? 0
                // Three components of equal count.
                errors[name] = known + sizes.reduce(0, +) / Double(3 * sizes.count)
            }
        }
        add(property.target, all)
    }
}
