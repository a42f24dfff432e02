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
    /// The unit of energies.
    public var energyUnit: String
    /// The unit of forces.
    public var forceUnit: String
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
        title: String, energyUnit: String, forceUnit: String, table: MetricsTable, history: EpochHistory,
        parts: [Part], facts: [(name: String, value: String)], configuration: String
    ) {
        self.title = title
        self.energyUnit = energyUnit
        self.forceUnit = forceUnit
        self.table = table
        self.history = history
        self.parts = parts
        self.facts = facts
        self.configuration = configuration
    }

    /// The page as one HTML file that refers to no other.
    public var html: String {
        HTMLDocument(
            title: title,
            content: [.element("h1", [:], title)] + headline + [
                summary, curves, parity, histograms, groups, worst, about, settings,
            ]
        ).text
    }

    private var about: Markup {
        .section(
            "Run and machine",
            facts.isEmpty
                ? [] : [.table(["", ""], facts.map { [$0.name, $0.value] }, firstNumber: 2)])
    }

    private var settings: Markup {
        .section(
            "Configuration", [.element("div", ["class": "card"], [.element("pre", [:], configuration)])])
    }
}
