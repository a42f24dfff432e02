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

    private(set) var length: Known
    private(set) var energy: Known
    private(set) var force: Known
    private(set) var dipole: Known

    /// Brings together what the file states, what the user states and what is customary, in this order.
    ///
    /// - Throws: ``ApusError`` for a unit that is not known or of the wrong dimension, for a unit that nobody states,
    ///   and when file and user contradict each other.
    init(
        statements: [Dimension: Statement], options: ReadingOptions, convention: (name: String, units: UnitSystem)?,
        file: String
    ) throws {
        func known(_ dimension: Dimension, option: (name: String, unit: Unit?), customary: Unit?) throws -> Known? {
            if let unit = option.unit, unit.dimension != dimension {
                let error = UnitError.wrongDimension(unit, needed: dimension)
                throw ApusError(.configuration, place: option.name, problem: "\(error)")
            }
            if let statement = statements[dimension] {
                let unit = try SourceUnits.unit(statement, dimension, file: file)
                guard let chosen = option.unit, chosen != unit else { return (unit, .file(key: statement.key)) }
                throw ApusError(
                    .configuration, file: file, place: statement.place,
                    problem: "the file states the unit '\(statement.text)' under '\(statement.key)', but the option "
                        + "\(option.name) is '\(chosen)'",
                    remedy: "remove the option, or correct the file")
            }
            if let unit = option.unit { return (unit, .option) }
            return customary.map { ($0, .convention(convention?.name ?? "")) }
        }
        func missing(_ option: String, _ quantity: String) -> ApusError {
            ApusError(
                .configuration, file: file, problem: "the file does not state the unit of \(quantity)",
                remedy: "state it with the option \(option)")
        }

        let customary = convention?.units
        let length = try known(.length, option: ("length_unit", options.lengthUnit), customary: customary?.length)
        guard let length else { throw missing("length_unit", "lengths") }
        let energy = try known(.energy, option: ("energy_unit", options.energyUnit), customary: customary?.energy)
        guard let energy else { throw missing("energy_unit", "energies") }
        self.length = length
        self.energy = energy
        force =
            try known(.force, option: ("force_unit", options.forceUnit), customary: nil)
            ?? (energy.unit / length.unit, .derived)
        dipole =
            try known(.dipole, option: ("dipole_unit", nil), customary: nil)
            ?? (.elementaryCharge * length.unit, .derived)
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

    /// The unit of a property, and how it is known where there is a choice.
    func unit(of property: Property) -> (unit: Unit?, origin: Interpretation.Origin?) {
        switch property {
        case .atomicNumbers: (nil, nil)
        case .positions: (length.unit, length.origin)
        case .energy: (energy.unit, energy.origin)
        case .forces: (force.unit, force.origin)
        case .totalCharge, .charges: (.elementaryCharge, nil)
        case .dipole: (dipole.unit, dipole.origin)
        }
    }
}
