import ApusChemistry
import ApusDatasets
import ApusRun
import ArgumentParser

/// Which configurations of a source are kept.
struct SelectionOptions: ParsableArguments {
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Elements that must all be there, and with a minus those that must not; may be repeated, and then one of the "
                + "conditions must hold.", valueName: "H,C,-S"))
    var elements: [String] = []

    @Option(help: ArgumentHelp("Elements beside which there may be no other.", valueName: "H,C,N,O"))
    var onlyElements: String?

    @Option(help: ArgumentHelp("Largest norm of the force on an atom, with its unit.", valueName: "\"50 eV/angstrom\""))
    var maximumForce: String?

    @Option(
        help: ArgumentHelp(
            "Largest distance of the energy per atom from the median of its composition, with its unit.",
            valueName: "\"2 eV\""))
    var maximumEnergyDeviation: String?

    @Option(help: ArgumentHelp("Smallest number of atoms.", valueName: "n"))
    var minimumAtoms = 1

    @Option(help: ArgumentHelp("Largest number of atoms.", valueName: "n"))
    var maximumAtoms: Int?

    @Option(
        name: .customLong("charge"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Total charge in e.", valueName: "q"))
    var charges: [Int] = []

    @Option(
        name: .customLong("multiplicity"), parsing: .singleValue,
        help: ArgumentHelp("Spin multiplicity 2S + 1.", valueName: "n"))
    var multiplicities: [Int] = []

    @Option(help: ArgumentHelp("Takes one configuration of so many.", valueName: "n"))
    var every = 1

    @Option(help: ArgumentHelp("Takes the first n configurations of each molecule.", valueName: "n"))
    var first: Int?

    @Option(help: ArgumentHelp("Takes the last n configurations of each molecule.", valueName: "n"))
    var last: Int?

    @Option(help: ArgumentHelp("Takes n configurations of each molecule at random.", valueName: "n"))
    var random: Int?

    @Option(help: ArgumentHelp("Seed of the random choice.", valueName: "n"))
    var seed: UInt64 = 42

    @Option(
        name: .customLong("require"), parsing: .singleValue,
        help: ArgumentHelp("Label that must be there, such as F.", valueName: "key"))
    var required: [String] = []

    @Option(help: "What becomes of configurations without a required label: drop (also where it is NaN) or refuse.")
    var missing: Selection.Missing = .refuse

    func validate() throws {
        if every < 1 { throw ValidationError("--every must be at least 1, not \(every).") }
        if [first, last, random].compactMap({ $0 }).count > 1 {
            throw ValidationError("Choose one of --first, --last and --random.")
        }
        for count in [first, last, random] where count ?? 1 < 1 {
            throw ValidationError("--first, --last and --random take a number of at least 1.")
        }
        if let maximumAtoms, maximumAtoms < max(minimumAtoms, 1) {
            throw ValidationError("--maximum-atoms must be at least --minimum-atoms.")
        }
        _ = try selection(in: .electronvoltAngstrom)
    }

    /// The conditions, with forces and energies in some units.
    func selection(in units: UnitSystem) throws -> Selection {
        var selection = Selection()
        selection.elements = try elements.map { try numbers($0, "--elements") }
        if let onlyElements {
            let numbers = try numbers(onlyElements, "--only-elements")
            guard numbers.allSatisfy({ $0 > 0 }) else {
                throw ValidationError("--only-elements takes elements without a minus, not '\(onlyElements)'.")
            }
            selection.onlyElements = Set(numbers)
        }
        selection.maximumForce = try value(maximumForce, "--maximum-force", units.force, "50 eV/angstrom")
        selection.maximumEnergyDeviation = try value(
            maximumEnergyDeviation, "--maximum-energy-deviation", units.energy, "2 eV")
        if minimumAtoms > 1 || maximumAtoms != nil { selection.atoms = minimumAtoms...(maximumAtoms ?? .max) }
        if !charges.isEmpty { selection.charges = Set(charges) }
        if !multiplicities.isEmpty { selection.multiplicities = Set(multiplicities) }
        selection.stride = every
        for (choice, count) in [(Selection.Choice.first, first), (.last, last), (.random, random)] {
            if let count { selection.perRecord = (choice, count) }
        }
        selection.seed = seed
        if !required.isEmpty {
            let labels = try required.map { key in
                guard let property = Property.allCases.first(where: { $0.key == key }) else {
                    let keys = Property.allCases.map(\.key).joined(separator: ", ")
                    throw ValidationError("--require: '\(key)' is no property; there are \(keys).")
                }
                return property
            }
            selection.required = (labels, missing)
        }
        return selection
    }

    /// Atomic numbers of a list of symbols, negative for those with a minus.
    private func numbers(_ list: String, _ option: String) throws -> [Int] {
        try list.split(separator: ",", omittingEmptySubsequences: false).map { word in
            let isAbsent = word.hasPrefix("-")
            let symbol = String(isAbsent ? word.dropFirst() : word)
            guard let element = try? Element(symbol: symbol) else {
                throw ValidationError("\(option) \(list): '\(symbol)' is no element.")
            }
            return isAbsent ? -element.atomicNumber : element.atomicNumber
        }
    }

    /// A quantity in a unit; what has no unit is refused, because nobody would see which was meant.
    private func value(_ text: String?, _ option: String, _ unit: Unit, _ example: String) throws -> Double? {
        guard let text else { return nil }
        let value: Double
        do throws(UnitError) {
            value = try Quantity(text).value(in: unit)
        } catch {
            let remedy = error.isAboutQuantity ? "; write a number with its unit, such as \"\(example)\"" : ""
            throw ValidationError("\(option) \(text): \(error.problem)\(remedy).")
        }
        guard value >= 0, value.isFinite else {
            throw ValidationError("\(option) \(text): the number must be at least 0.")
        }
        return value
    }
}

extension Selection.Missing: ExpressibleByArgument {}
extension DatasetImport.Precision: ExpressibleByArgument {}
extension Split.Strategy: ExpressibleByArgument {}
