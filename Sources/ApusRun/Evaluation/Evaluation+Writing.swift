import ApusCPU
import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusSystem
import ApusTraining

extension OutputOption {
    /// Reference and prediction of each configuration.
    package static let comparison = OutputOption(
        "a comparison of configurations", endings: [".csv", ".extxyz", ".xyz"], option: "--per-configuration")
}

extension Evaluation {
    private static let batchSize = 256

    /// What is compared, in the order of tables.
    private var columns: [Property] {
        let all = Set((loss?.properties ?? []) + properties)
        return Property.allCases.filter(all.contains)
            + all.subtracting(Property.allCases).sorted { $0.target < $1.target }
    }

    /// Writes reference and prediction of each configuration, as a table or as geometries by the end of the name.
    ///
    /// - Throws: `ApusError` when writing fails.
    public func write(to target: OutputTarget, on device: Device) throws {
        let predictor = Predictor(model, on: device)
        if target.name.lowercased().hasSuffix(".csv") {
            try target.write { writePiece in
                try writePiece(Array((header + "\n").utf8))
                for first in stride(from: 0, to: samples.count, by: Self.batchSize) {
                    let lines = try predictions(predictor, from: first).map { line($0, $1, $2) + "\n" }
                    try writePiece(Array(lines.joined().utf8))
                }
                try samples.requireUnchanged()
            }
            return
        }
        var failure: (any Error)?
        let frames = stride(from: 0, to: samples.count, by: Self.batchSize).lazy.flatMap {
            first -> [Dataset.Comparison] in
            guard failure == nil else { return [] }
            do {
                return try predictions(predictor, from: first).map(configurations)
            } catch {
                failure = error
                return []
            }
        }
        try Dataset.write(comparing: frames, units: model.units, to: target) {
            if let failure { throw failure }
            try samples.requireUnchanged()
        }
    }

    /// A batch of predictions with what they are compared with.
    private func predictions(_ predictor: Predictor, from first: Int) throws
        -> [(position: Int, sample: Sample, prediction: Prediction)]
    {
        let range = first..<min(first + Self.batchSize, samples.count)
        let batch = Array(samples[range])
        let predictions = try predictor.predict(batch.map(\.system))
        return zip(range, zip(batch, predictions)).map { (positions[$0], $1.0, $1.1) }
    }

    /// Both sets of labels, with total energies.
    private func configurations(_ position: Int, _ sample: Sample, _ prediction: Prediction) -> Dataset.Comparison {
        var labels = sample.labels
        labels[.energy] = sample.energy.map { [$0 + model.baseEnergy(of: sample.system)] }
        let predicted = prediction.labels.filter { columns.contains($0.key) }
        return (
            position, Configuration(system: sample.system, record: sample.record, labels: labels),
            Configuration(system: sample.system, record: sample.record, labels: predicted)
        )
    }

    // MARK: The table

    /// The names of the columns, with units.
    private var header: String {
        let columns = columns.flatMap { property -> [String] in
            let symbol = model.units.unit(of: property).symbol
            let unit = property.dimension == .dimensionless ? "" : " [\(symbol)]"
            switch (property, property.owner) {
            case (.energy, _):
                return ["reference_energy", "predicted_energy", "energy_error_per_atom"].map { $0 + unit }
            case (_, .atom):
                let name = property == .forces ? "force" : property.key
                return ["mae", "rmse", "max_component"].map { "\(name)_\($0)\(unit)" }
            case (_, .system):
                return ["reference", "predicted"].flatMap { kind in
                    property.componentNames.map { "\(kind)_\(property.key)\($0)\(unit)" }
                }
            }
        }
        let first = ["index", "name", "formula", "total_charge", "spin_multiplicity", "atoms"]
        return (first + columns).joined(separator: ",")
    }

    /// One configuration; what it has no reference for is empty.
    private func line(_ position: Int, _ sample: Sample, _ prediction: Prediction) -> String {
        let predicted = prediction.labels
        let cells = columns.flatMap { property -> [String] in
            let (reference, value) = (sample.labels[property], predicted[property] ?? [])
            switch (property, property.owner) {
            case (.energy, _):
                let base = model.baseEnergy(of: sample.system)
                let error = sample.energy.map { (prediction.energy - base - $0) / Double(sample.system.count) }
                return [cell(sample.energy.map { $0 + base }), cell(prediction.energy), cell(error)]
            case (_, .atom):
                guard let reference else { return ["", "", ""] }
                let mask = property == .forces ? sample.labels[.forceMask] ?? [] : []
                var errors = ErrorStatistics()
                for k in reference.indices where mask.isEmpty || mask[k / property.components] != 0 {
                    errors.add(value[k], reference: reference[k])
                }
                return [errors.mae, errors.rmse, errors.largest].map(cell)
            case (_, .system):
                return (reference ?? [Double](repeating: .nan, count: property.components)).map(cell) + value.map(cell)
            }
        }
        let system = sample.system
        let state = [sample.labels[.totalCharge], sample.labels[.spinMultiplicity]].map { label in
            label.map { "\(Int(saturating: $0[0]))" } ?? ""
        }
        return (["\(position)", quoted(sample.record), system.formula] + state + ["\(system.count)"] + cells)
            .joined(separator: ",")
    }

    /// A name as CSV takes it (RFC 4180).
    private func quoted(_ text: String) -> String {
        let text = printable(text)
        return text.contains(where: { "\",".contains($0) }) ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }

    /// A number with all its digits; what is none is empty.
    private func cell(_ value: Double?) -> String { value.flatMap { $0.isFinite ? "\($0)" : nil } ?? "" }
}

extension Property {
    /// What is added to the name for each component: nothing, `_x`, or `_xy`.
    fileprivate var componentNames: [String] {
        let axes = ["x", "y", "z"]
        return switch components {
        case 3: axes.map { "_" + $0 }
        case 9: axes.flatMap { row in axes.map { "_" + row + $0 } }
        default: [""]
        }
    }
}
