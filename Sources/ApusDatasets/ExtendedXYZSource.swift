import ApusChemistry
import ApusFiles

/// Makes a data set of the frames of an extended XYZ file.
///
/// Units are stated by the keys `length_unit`, `energy_unit`, `force_unit`, `charge_unit`, `dipole_unit` and
/// `quadrupole_unit`, or the first two together by `units`, as in `units="eV, angstrom"`, the same in all frames.
/// Otherwise they are eV and Å, as ASE has it. A column that is called a gradient is read as forces with the opposite
/// sign.
struct ExtendedXYZSource {
    private let frames: [ExtendedXYZ.Frame]
    private let path: String
    private let options: ReadingOptions
    private let names: Names
    private let keys: [Property: String]
    private let units: SourceUnits

    init(path: String, options: ReadingOptions) throws {
        frames = try ExtendedXYZ.read(path)
        self.path = path
        self.options = options
        names = Names(frames)
        let choice = KeyChoice(frames: frames, names: names, path: path, options: options)
        keys = try choice.keys()
        units = try SourceUnits(
            statements: try ExtendedXYZSource.unitStatements(frames, path: path), options: options,
            convention: ("ASE convention", .electronvoltAngstrom), file: path,
            forcesAreGradients: choice.isGradient(keys[.forces]))
    }

    func dataset() throws -> Dataset {
        var builder = ConfigurationBuilder(from: units, to: options.units)
        let configurations = try frames.enumerated().map { index, frame in
            let place = Configuration.Place(file: path, frame: index + 1, line: frame.line)
            return try builder.configuration(try FrameContent(frame: frame, keys: keys, place: place).sourceFrame())
        }
        return Dataset(
            configurations: configurations, units: options.units, path: path, interpretation: interpretation())
    }

    // MARK: Units

    private static let unitKeys: [(key: String, dimension: Dimension)] = [
        ("length_unit", .length), ("energy_unit", .energy), ("force_unit", .force), ("charge_unit", .charge),
        ("dipole_unit", .dipole), ("quadrupole_unit", .quadrupole),
    ]

    private static func unitStatements(
        _ frames: [ExtendedXYZ.Frame], path: String
    ) throws -> [Dimension: SourceUnits.Statement] {
        var statements: [Dimension: SourceUnits.Statement] = [:]
        let first = frames[0]
        let place = Configuration.Place(file: path, frame: 1, line: first.line)
        for (key, dimension) in unitKeys {
            guard let value = try uniformText(key, frames, path: path) else { continue }
            statements[dimension] = SourceUnits.Statement(key: key, text: value, place: "\(place)")
        }
        if let text = try uniformText("units", frames, path: path) {
            do throws(UnitError) {
                let system = try UnitSystem(text)
                for (dimension, unit) in [(Dimension.length, system.length), (.energy, system.energy)]
                where statements[dimension] == nil {
                    statements[dimension] = SourceUnits.Statement(
                        key: "units", text: unit.spelling, place: "\(place)")
                }
            } catch {
                throw ApusError(.data, file: path, place: "\(place), key 'units'", problem: "\(error)")
            }
        }
        return statements
    }

    /// The text that all frames have under a key; nil when none has it.
    private static func uniformText(_ key: String, _ frames: [ExtendedXYZ.Frame], path: String) throws -> String? {
        let first = frames[0][info: key]
        if let index = frames.firstIndex(where: { $0[info: key] != first }) {
            func text(_ value: ExtendedXYZ.Value?) -> String { value.map { "'\($0.text)'" } ?? "nothing" }
            throw Configuration.Place(file: path, frame: index + 1, line: frames[index].line).error(
                "'\(key)' must be the same in all frames, but it is \(text(frames[index][info: key])) here and "
                    + "\(text(first)) in frame 1",
                remedy: "write all frames in the same units")
        }
        return first?.text
    }

    // MARK: Report

    private func interpretation() -> Interpretation {
        let isUsed = Set(keys.values).union(ExtendedXYZSource.unitKeys.map(\.key)).union(["units"])
            .union(FrameContent.recordKeys)
        let entries = options.properties.compactMap { property -> Interpretation.Entry? in
            guard let key = keys[property] else { return nil }
            return units.entry(property, key: key, count: frames.count { $0.has(key, for: property) })
        }
        return Interpretation(
            format: "extended XYZ", count: frames.count, entries: entries,
            unusedKeys: (names.columns + names.info).filter { !isUsed.contains($0) })
    }
}

extension ExtendedXYZ.Value {
    /// A scalar as text; the value of `name=6` is a name all the same.
    var text: String {
        switch self {
        case .string(let value): value
        case .integer(let value): String(value)
        case .real(let value): String(value)
        case .logical(let value): value ? "T" : "F"
        case .array(let values): values.map(\.text).joined(separator: " ")
        case .json(let value): "\(value)"
        }
    }
}
