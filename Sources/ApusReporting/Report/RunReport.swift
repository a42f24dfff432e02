import ApusChemistry

/// All that a report on a training run shows.
public struct RunReport: Sendable {
    /// A configuration with reference values and predictions; energies are per atom, without self-energies.
    public struct Configuration: Sendable {
        /// The position in the data, from 0.
        public let position: Int
        /// The record and the place in the file.
        public let name: String
        /// The formula.
        public let formula: String
        /// The element of each atom.
        public let elements: [Element]
        /// The position of each atom in Å.
        public let positions: [SIMD3<Double>]
        /// The energy per atom.
        public let energy: (reference: Double, prediction: Double)?
        /// The force on each atom.
        public let forces: (reference: [SIMD3<Double>], prediction: [SIMD3<Double>])?

        /// Joins a configuration with its energies and forces.
        public init(
            position: Int, name: String, formula: String, elements: [Element], positions: [SIMD3<Double>],
            energy: (reference: Double, prediction: Double)?,
            forces: (reference: [SIMD3<Double>], prediction: [SIMD3<Double>])?
        ) {
            self.position = position
            self.name = name
            self.formula = formula
            self.elements = elements
            self.positions = positions
            self.energy = energy
            self.forces = forces
        }
    }

    /// The training, validation or test part.
    public struct Part: Sendable {
        /// The name.
        public let name: String
        /// The number of configurations of the part.
        public let count: Int
        /// Those that were predicted.
        public let configurations: [Configuration]

        /// Joins what was predicted of a part.
        public init(name: String, count: Int, configurations: [Configuration]) {
            self.name = name
            self.count = count
            self.configurations = configurations
        }
    }

    /// The name of the run.
    public var title: String
    /// The units of all numbers.
    public var units: UnitSystem
    /// The epoch of the model; nil where it is unknown.
    public var bestEpoch: Int?
    /// The errors, with those of trivial predictions.
    public var table: MetricsTable
    /// The figures of the epochs.
    public var history: EpochHistory
    /// The parts in order.
    public var parts: [Part]
    /// Machine, versions, times and the like.
    public var facts: [(name: String, value: String)]
    /// The configuration in TOML.
    public var configuration: String

    /// Joins the contents.
    public init(
        title: String, units: UnitSystem, bestEpoch: Int?, table: MetricsTable, history: EpochHistory, parts: [Part],
        facts: [(name: String, value: String)], configuration: String
    ) {
        self.title = title
        self.units = units
        self.bestEpoch = bestEpoch
        self.table = table
        self.history = history
        self.parts = parts
        self.facts = facts
        self.configuration = configuration
    }

    var energyUnit: String { units.energy.symbol }
    var forceUnit: String { units.force.symbol }

    /// The part that tells most about new molecules: test, else validation, else training.
    var mainPart: Part? { parts.last }

    /// The page as one HTML file that refers to no other: the main part first, all others to be opened.
    public var html: String {
        let main = mainPart.map { [$0] } ?? []
        let others = Array(parts.dropLast())
        return HTMLDocument(
            title: title,
            content: [.element("h1", [:], title), tiles, errors(main), subset]
                + [agreement(main), histograms(main), groups(main), molecules(main), worst(main)]
                + [
                    curves,
                    .folded(
                        "Other parts: " + others.map(\.name).joined(separator: ", "),
                        others.isEmpty
                            ? []
                            : [
                                errors(others), agreement(others), histograms(parts), groups(parts), molecules(others),
                                worst(others),
                            ]), about, .folded("Configuration", [settings]),
                ]
        ).text
    }

    private var about: Markup {
        .section(
            "Run and machine",
            facts.isEmpty ? [] : [.table(["", ""], facts.map { [$0.name, $0.value] }, [.word, .text])])
    }

    private var settings: Markup { .element("div", ["class": "card"], [.element("pre", [:], configuration)]) }
}
