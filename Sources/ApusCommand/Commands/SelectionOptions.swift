import ApusChemistry
import ApusDatasets
import ArgumentParser

/// Which configurations of a source are kept.
struct SelectionOptions: ParsableArguments {
    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Elements that must be there, or not if with a minus; one of several conditions must hold.",
            valueName: "H,C,-S"))
    var elements: [String] = []

    @Option(
        help: ArgumentHelp("Largest norm of the force on an atom, in units of the first source.", valueName: "number"))
    var maximumForce: Double?

    @Option(
        help: ArgumentHelp(
            "Largest distance of the energy per atom from the median of its composition, in units of the first source.",
            valueName: "number"))
    var maximumEnergyDeviation: Double?

    @Option(help: ArgumentHelp("Smallest number of atoms.", valueName: "n"))
    var minimumAtoms = 1

    @Option(help: ArgumentHelp("Largest number of atoms.", valueName: "n"))
    var maximumAtoms: Int?

    @Option(
        name: .customLong("charge"), parsing: .singleValue, help: ArgumentHelp("Total charge in e.", valueName: "q"))
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

    @Option(help: ArgumentHelp("Takes n configurations of each molecule by chance.", valueName: "n"))
    var random: Int?

    @Option(help: ArgumentHelp("Seed of the choice by chance.", valueName: "n"))
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
        _ = try selection()
    }

    func selection() throws -> Selection {
        var selection = Selection()
        selection.elements = try elements.map { condition in
            try condition.split(separator: ",").map { word in
                let isAbsent = word.hasPrefix("-")
                let symbol = String(isAbsent ? word.dropFirst() : word)
                guard let element = try? Element(symbol: symbol) else {
                    throw ValidationError("--elements: '\(symbol)' is no element.")
                }
                return isAbsent ? -element.atomicNumber : element.atomicNumber
            }
        }
        selection.maximumForce = maximumForce
        selection.maximumEnergyDeviation = maximumEnergyDeviation
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
}

extension Selection.Missing: ExpressibleByArgument {}
extension DatasetImport.Precision: ExpressibleByArgument {}
extension Split.Strategy: ExpressibleByArgument {}
