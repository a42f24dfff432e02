import ApusChemistry
import ApusFiles
import ApusFormats

extension Dataset {
    /// A geometry with two sets of labels.
    public typealias Comparison = (position: Int, reference: Configuration, prediction: Configuration)

    /// Writes references and predictions side by side as extended XYZ, in one system of units.
    ///
    /// The names of keys and columns begin with `reference_` and `predicted_`, as in `reference_energy` and
    /// `predicted_forces`. No name is one under which a label is looked for, so that the file is never taken for one
    /// with either set of labels unless somebody assigns it. `index` is the position in the data, from 0.
    ///
    /// - Parameter check: Called after the last frame, before the file gets its name, which it prevents by throwing.
    /// - Throws: `ApusError` when writing fails.
    public static func write(
        comparing pairs: some Sequence<Comparison>, units: UnitSystem, to target: OutputTarget,
        checking check: () throws -> Void = {}
    ) throws {
        try ExtendedXYZ.write(
            pairs.lazy.map { position, reference, prediction in
                let mask = reference.labels.filter { $0.key == .forceMask }
                var frame = frame(reference.labelled(mask), units: units)
                frame.info.append(("index", .integer(position)))
                for (prefix, configuration) in [("reference_", reference), ("predicted_", prediction)] {
                    let labels = configuration.labels.filter {
                        prediction.labels[$0.key] != nil && $0.key != .forceMask
                    }
                    for (property, values) in labels.sorted(by: { $0.key.key < $1.key.key }) {
                        let name = prefix + (names[property] ?? property.key)
                        switch property.owner {
                        case .atom:
                            frame.columns.append(.init(name: name, width: property.components, values: .real(values)))
                        case .system: frame.info.append((name, values.count == 1 ? .real(values[0]) : .init(values)))
                        }
                    }
                }
                return frame
            }, to: target, checking: check)
    }
}
