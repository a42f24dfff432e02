import ApusChemistry
import ApusFiles
import ApusFormats

/// Reads the frames of an extended XYZ file.
///
/// Units are stated by the keys `length_unit`, `energy_unit`, `force_unit`, `stress_unit`, `charge_unit`, `dipole_unit`
/// and `quadrupole_unit`, or the first two together by `units`, as in `units="eV, angstrom"`, the same in all frames.
/// Otherwise they are eV and Å, as ASE has it. A column that is called a gradient is read as forces with the opposite
/// sign.
final class ExtendedXYZReader: ConfigurationReader {
    let units: SourceUnits
    let selfEnergies: [Int: Double]?
    private let path: String
    private let frames: ExtendedXYZ.FrameStream
    private let statements: [String: ExtendedXYZ.Value]
    private var choice: KeyChoice
    private var first: ExtendedXYZ.Frame?
    private var count = 0
    private let notes = ReadingNotes()
    /// The keys whose units are known, or have none in their names.
    private var settledKeys: Set<String> = []

    convenience init(path: String, options: ReadingOptions) throws {
        try self.init(try ExtendedXYZ.FrameStream(path: path), path: path, options: options)
    }

    init(_ frames: ExtendedXYZ.FrameStream, path: String, options: ReadingOptions) throws {
        (self.frames, self.path) = (frames, path)
        guard let first = try frames.next() else {
            throw ApusError(.data, file: path, problem: "the file has no frame", remedy: "check that it is complete")
        }
        self.first = first
        var statements: [String: ExtendedXYZ.Value] = [:]
        for key in Self.unitNames { statements[key] = first[info: key] }
        self.statements = statements
        // The first frame tells whether forces are gradients; later ones must agree.
        var choice = KeyChoice(options: options, path: path)
        let place = Configuration.Place(file: path, frame: 1, line: first.line)
        let keys = try choice.keys(of: first, at: place)
        let unitStatements = try Self.unitStatements(first, at: place)
        units = try SourceUnits(
            statements: unitStatements,
            propertyStatements: SourceUnits.statements(inNamesOf: keys, except: unitStatements, options),
            options: options,
            convention: ("ASE convention", .electronvoltAngstrom), file: path, forcesAreGradients: choice.hasGradients)
        if options.assignment[.energy] == CommentEnergy.key, options.sourceUnits[.energy] == nil,
            statements["energy_unit"] == nil, statements["units"] == nil
        {
            throw ApusError(
                options.names.areOptions ? .usage : .configuration, file: path,
                problem: "comment lines do not say the unit of their energies",
                remedy: "state it with \(options.names.unit(.energy))")
        }
        selfEnergies = try Self.selfEnergies(first, at: place)
        self.choice = KeyChoice(options: options, path: path)
    }

    func next() throws -> SourceFrame? {
        let read = try first ?? frames.next()
        first = nil
        guard let frame = read else {
            try choice.requireAssignedKeys()
            return nil
        }
        count += 1
        let place = Configuration.Place(file: path, frame: count, line: frame.line)
        for key in Self.unitNames where frame[info: key] != statements[key] {
            func text(_ value: ExtendedXYZ.Value?) -> String { value.map { "'\($0.text)'" } ?? "nothing" }
            throw place.error(
                "'\(key)' must be the same in all frames, but it is \(text(frame[info: key])) here and "
                    + "\(text(statements[key])) in frame 1",
                remedy: "write all frames in the same units")
        }
        var (keys, leftOut) = (try choice.keys(of: frame, at: place), choice.leftOut)
        for (property, key) in keys where !settledKeys.contains(key) {
            if isSettled(property, key) {
                settledKeys.insert(key)
                continue
            }
            let reason = place.error(
                "the \(property.name) '\(key)' has a unit in its name, but the first frame, which tells the units, has not "
                    + "this key",
                remedy: "state the unit with \(choice.options.names.unit(property.dimension)), or put this frame first")
            guard !choice.options.needs(property) else { throw reason }
            (keys[property], leftOut[property]) = (nil, reason)
        }
        return try FrameContent(
            frame: frame, keys: keys, leftOut: leftOut, options: choice.options, place: place, notes: notes
        )
        .sourceFrame()
    }

    /// Whether a unit in the name of a key, if there is one, is that in which the property is read, or another is stated.
    private func isSettled(_ property: Property, _ key: String) -> Bool {
        guard property.dimension != .dimensionless, choice.options.sourceUnits[property.dimension] == nil,
            !SourceUnits.keys.contains(where: { $0.dimension == property.dimension && statements[$0.key] != nil }),
            let unit = nameAndUnit(of: key, property.dimension)?.unit
        else { return true }
        return unit == units.unit(of: property)
    }

    var interpretation: Interpretation {
        Interpretation(
            format: "extended XYZ", count: count,
            entries: choice.found.map { units.entry($0.property, key: $0.key, count: $0.count) },
            unusedKeys: choice.unusedNames(
                except: Set(Self.unitNames).union(FrameContent.recordKeys).union([Self.selfEnergyKey])),
            notes: notes.lines, columns: choice.columnNames)
    }

    // MARK: Units

    private static let unitNames = SourceUnits.keys.map(\.key) + ["units"]

    private static func unitStatements(
        _ frame: ExtendedXYZ.Frame, at place: Configuration.Place
    ) throws -> [Dimension: SourceUnits.Statement] {
        var statements: [Dimension: SourceUnits.Statement] = [:]
        for (key, dimension) in SourceUnits.keys {
            guard let value = frame[info: key]?.text else { continue }
            statements[dimension] = SourceUnits.Statement(key: key, text: value, place: "\(place)")
        }
        if let text = frame[info: "units"]?.text {
            do throws(UnitError) {
                let system = try UnitSystem(text)
                for (dimension, unit) in [(Dimension.length, system.length), (.energy, system.energy)]
                where statements[dimension] == nil {
                    statements[dimension] = SourceUnits.Statement(
                        key: "units", text: unit.spelling, place: "\(place)")
                }
            } catch {
                throw ApusError(.data, file: place.file, place: "\(place), key 'units'", problem: "\(error)")
            }
        }
        return statements
    }
}
