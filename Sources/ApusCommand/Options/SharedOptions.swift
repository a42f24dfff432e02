import ApusCPU
import ApusChemistry
import ApusDatasets
import ApusGraph
import ApusRun
import ApusSystem
import ArgumentParser

/// How many threads to use and in which precision.
struct ComputingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Threads; one per core unless given.", valueName: "n"))
    var threads: Int?

    @Option(
        name: .customLong("precision"),
        help: "Number format of the network: float32 or float64; float32 unless given, or that of a run.")
    var chosenPrecision: Precision?

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads must be at least 1, not \(threads).") }
    }

    var threadCount: Int { threads ?? coreCount() }

    var precision: Precision { chosenPrecision ?? .float32 }

    /// What programs run on.
    var device: Device { get throws { try Device(precision: precision, threads: threadCount) } }
}

extension Precision: ExpressibleByArgument {}

/// What the file does not say.
struct DataOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Unit of lengths in a file that does not say it.", valueName: "unit"))
    var lengthUnit: Unit?

    @Option(help: ArgumentHelp("Unit of energies in a file that does not say it.", valueName: "unit"))
    var energyUnit: Unit?

    @Option(help: ArgumentHelp("Unit of forces in a file that does not say it.", valueName: "unit"))
    var forceUnit: Unit?

    @Option(help: ArgumentHelp("Key of the energies in the file.", valueName: "key"))
    var energyKey: String?

    @Option(help: ArgumentHelp("Key of the forces in the file.", valueName: "key"))
    var forcesKey: String?

    @Option(help: ArgumentHelp("Unit of stresses in a file that does not say it.", valueName: "unit"))
    var stressUnit: Unit?

    @Option(help: ArgumentHelp("Unit of dipole moments in a file that does not say it.", valueName: "unit"))
    var dipoleUnit: Unit?

    @Option(
        help: ArgumentHelp("Unit of quadrupole moments in a file that does not say it.", valueName: "unit"))
    var quadrupoleUnit: Unit?

    @Option(
        name: .customLong("assign"), parsing: .singleValue,
        help: ArgumentHelp(
            "Key in the file that holds a property, such as E=U0; nothing after '=' leaves the property out.",
            valueName: "property=key"),
        completion: .list(Property.allCases.map { $0.key + "=" }))
    var assignments: [Assignment] = []

    @Flag(help: "The forces in the file are gradients, to be negated.")
    var forcesAreGradients = false

    @Flag(help: "Stresses and virials in the file have the opposite sign: stresses positive under compression.")
    var oppositeStressSign = false

    @Option(help: "What moments in the file refer to: center_of_mass or coordinates.")
    var multipoleOrigin: MomentOrigin?

    /// The first option that was given; nil without one.
    var firstGiven: String? {
        let given: KeyValuePairs = [
            "--length-unit": lengthUnit != nil, "--energy-unit": energyUnit != nil, "--force-unit": forceUnit != nil,
            "--energy-key": energyKey != nil, "--forces-key": forcesKey != nil, "--dipole-unit": dipoleUnit != nil,
            "--quadrupole-unit": quadrupoleUnit != nil, "--assign": !assignments.isEmpty,
            "--forces-are-gradients": forcesAreGradients, "--stress-unit": stressUnit != nil,
            "--opposite-stress-sign": oppositeStressSign, "--multipole-origin": multipoleOrigin != nil,
        ]
        return given.first { $0.value }?.key
    }

    func readingOptions(into units: UnitSystem) -> ReadingOptions {
        var options = ReadingOptions()
        options.units = units
        options.sourceUnits[.length] = lengthUnit
        options.sourceUnits[.energy] = energyUnit
        options.sourceUnits[.force] = forceUnit
        options.sourceUnits[.stress] = stressUnit
        options.sourceUnits[.dipole] = dipoleUnit
        options.sourceUnits[.quadrupole] = quadrupoleUnit
        options.forcesAreGradients = forcesAreGradients
        options.stressesAreOpposite = oppositeStressSign
        options.assignment[.energy] = energyKey
        options.assignment[.forces] = forcesKey
        options.names.areOptions = true
        options.names.typed[.energy] = energyKey.map { "--energy-key \($0)" }
        options.names.typed[.forces] = forcesKey.map { "--forces-key \($0)" }
        for assignment in assignments {
            options.assignment[assignment.property] = assignment.key
            options.names.typed[assignment.property] = "--assign \(assignment.property.key)=\(assignment.key)"
        }
        return options
    }

    /// A property and the key that holds it.
    struct Assignment: ExpressibleByArgument, Sendable {
        let property: Property
        let key: String

        init?(argument: String) {
            guard let equals = argument.firstIndex(of: "="),
                let property = Property.allCases.first(where: { $0.key == argument[..<equals] })
            else { return nil }
            self.property = property
            key = String(argument[argument.index(after: equals)...])
        }
    }
}

extension MomentOrigin: ExpressibleByArgument {}

extension Unit: ExpressibleByArgument {
    /// Reads the text of an option.
    public init?(argument: String) {
        do { try self.init(argument) } catch { return nil }
    }
}
