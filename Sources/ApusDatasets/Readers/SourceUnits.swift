import ApusChemistry
import ApusFiles

/// The units of a data file, each with the way it is known.
struct SourceUnits {
    typealias Known = (unit: Unit, origin: Interpretation.Origin)

    /// The unit that a file states under a key, still as text.
    struct Statement {
        let key: String
        let text: String
        let place: String
    }

    /// The keys under which files state units, in the headers of extended XYZ and as arrays of npz files.
    static let keys: [(key: String, dimension: Dimension)] = [
        ("length_unit", .length), ("energy_unit", .energy), ("force_unit", .force), ("charge_unit", .charge),
        ("dipole_unit", .dipole), ("quadrupole_unit", .quadrupole), ("stress_unit", .stress),
    ]

    private var byProperty: [Property: Known] = [:]
    private var byDimension: [Dimension: Known] = [:]
    private let base: UnitSystem
    /// The units of energy and length.
    var system: UnitSystem { base }
    /// Whether the forces of the file are gradients.
    private let forcesAreGradients: Bool
    /// Whether stresses are positive under compression, and virials are +∂E/∂ε.
    private let stressesAreOpposite: Bool

    /// Brings together what the file states, what the user states and what is customary, in this order.
    ///
    /// - Parameters:
    ///   - statements: Units that the file states for all quantities of a dimension.
    ///   - propertyStatements: Units that the file states for single properties; they come first.
    ///   - options: What the user states.
    ///   - convention: What is customary in files of this kind.
    ///   - file: The path, for messages.
    ///   - forcesAreGradients: Whether the file says so; the user's option says so too.
    /// - Throws: `ApusError` for a unit that is not known or of the wrong dimension, for a unit that nobody states,
    ///   and when file and user contradict each other.
    init(
        statements: [Dimension: Statement], propertyStatements: [Property: Statement] = [:], options: ReadingOptions,
        convention: (name: String, units: UnitSystem)?, file: String, forcesAreGradients: Bool = false
    ) throws {
        self.forcesAreGradients = forcesAreGradients || options.forcesAreGradients
        stressesAreOpposite = options.stressesAreOpposite
        for (dimension, unit) in options.sourceUnits {
            let option = options.names.unit(dimension)
            guard unit.dimension == dimension else {
                let error = UnitError.wrongDimension(unit, needed: dimension)
                throw ApusError(
                    options.names.areOptions ? .usage : .configuration, place: "\(option) \(unit)", problem: "\(error)")
            }
            byDimension[dimension] = (unit, .option)
        }
        for (dimension, statement) in statements {
            let unit = try SourceUnits.unit(statement, dimension, file: file)
            if let chosen = options.sourceUnits[dimension], chosen != unit {
                throw ApusError(
                    .configuration, file: file, place: statement.place,
                    problem: "the file states the unit '\(statement.text)' under '\(statement.key)', but "
                        + "\(options.names.unit(dimension)) is '\(chosen)'",
                    remedy: "remove the option, or correct the file")
            }
            byDimension[dimension] = (unit, .file(key: statement.key))
        }
        for (property, statement) in propertyStatements {
            let unit = try SourceUnits.unit(statement, property.dimension, file: file)
            byProperty[property] = (unit, .file(key: statement.key))
        }
        var missing: [(quantity: String, option: String)] = []
        for (dimension, property, quantity) in [
            (Dimension.length, Property.positions, "lengths"), (.energy, .energy, "energies"),
        ] where byDimension[dimension] == nil {
            let customary = convention.map { ($0.units.unit(of: dimension), Interpretation.Origin.convention($0.name)) }
            // Where no energy is looked for, its unit does not matter.
            let unused: Known? =
                property == .energy && !options.looksFor(.energy) && !options.looksFor(.forces)
                ? (.electronvolt, .derived) : nil
            byDimension[dimension] = byProperty[property] ?? customary ?? unused
            if byDimension[dimension] == nil { missing.append((quantity, options.names.unit(dimension))) }
        }
        guard missing.isEmpty else {
            throw ApusError(
                .configuration, file: file,
                problem: "the file does not state the unit of \(missing.map(\.quantity).joined(separator: " and of "))",
                remedy: missing.count == 1
                    ? "state it with \(missing[0].option)"
                    : "state them with \(missing.map(\.option).joined(separator: " and "))")
        }
        base = try UnitSystem(energy: byDimension[.energy]!.unit, length: byDimension[.length]!.unit)
    }

    private static func unit(_ statement: Statement, _ dimension: Dimension, file: String) throws -> Unit {
        do throws(UnitError) {
            let unit = try Unit(statement.text)
            guard unit.dimension == dimension else { throw UnitError.wrongDimension(unit, needed: dimension) }
            return unit
        } catch {
            throw ApusError(
                .data, file: file, place: "\(statement.place), key '\(statement.key)'", problem: "\(error)")
        }
    }

    /// The unit of a property in the file.
    func unit(of property: Property) -> Unit { known(property).unit }

    /// −1 for gradients, which are read as forces, and for stresses and virials of the opposite sign, 1 for all else.
    func sign(of property: Property) -> Double { isNegated(property) ? -1 : 1 }

    private func isNegated(_ property: Property) -> Bool {
        property == .forces && forcesAreGradients
            || (property == .stress || property == .virial) && stressesAreOpposite
    }

    private func known(_ property: Property) -> Known {
        byProperty[property] ?? byDimension[property.dimension] ?? (base.unit(of: property), .derived)
    }

    /// What the reader tells about a property.
    func entry(_ property: Property, key: String, count: Int) -> Interpretation.Entry {
        let known = known(property)
        let hasUnit = property.dimension != .dimensionless
        // Charges are in e unless somebody says otherwise.
        let hasChoice = hasUnit && !(property.dimension == .charge && known.origin == .derived)
        return Interpretation.Entry(
            property: property, key: key, unit: hasUnit ? known.unit : nil, origin: hasChoice ? known.origin : nil,
            isNegated: isNegated(property), count: count)
    }
}
