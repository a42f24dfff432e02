import ApusChemistry
import ApusFiles
import ApusSystem

/// One geometry of a molecule with the reference values that are known for it.
///
/// All numbers are in the `UnitSystem` of the data set, and all are finite.
public struct Configuration: Sendable, Equatable {
    /// Elements, positions, total charge and spin multiplicity.
    public let system: AtomicSystem
    /// The name of the molecule; configurations of one molecule share it.
    public let record: String
    /// The reference values, `Property.count(atoms:)` numbers each, atom by atom and row by row.
    ///
    /// Total charge and spin multiplicity are among them where they are stated, and always where the system has a
    /// charge or a multiplicity. Of stress and virial, data sets keep the stress.
    public let labels: [Property: [Double]]
    /// Where the configuration comes from.
    public let place: Place

    /// Describes a configuration; `record` is the formula unless given.
    ///
    /// - Precondition: Every label has as many numbers as the system needs of it.
    public init(
        system: AtomicSystem, record: String? = nil, labels: [Property: [Double]], place: Place = Place()
    ) {
        var labels = labels
        if system.charge != 0 { labels[.totalCharge] = [Double(system.charge)] }
        if let multiplicity = system.spinMultiplicity { labels[.spinMultiplicity] = [Double(multiplicity)] }
        for (property, values) in labels {
            require(
                values.count == property.count(atoms: system.count),
                "\(values.count) numbers are no \(property.name) of \(system.count) atoms")
        }
        self.system = system
        self.record = record ?? system.formula
        self.labels = labels
        self.place = place
    }

    /// The numbers of a label; nil where it is not known.
    ///
    /// A virial that is not among the labels is −V σ where the stress σ is.
    public subscript(property: Property) -> [Double]? {
        if let values = labels[property] { return values }
        guard property == .virial, let stress = labels[.stress], let volume = system.volume else { return nil }
        return stress.map { -volume * $0 }
    }
}

extension Configuration {
    /// Describes a configuration by its usual labels.
    ///
    /// - Precondition: Forces and charges have an entry for each atom.
    public init(
        system: AtomicSystem, record: String? = nil, energy: Double? = nil, forces: [SIMD3<Double>]? = nil,
        dipole: SIMD3<Double>? = nil, charges: [Double]? = nil, place: Place = Place()
    ) {
        var labels: [Property: [Double]] = [:]
        labels[.energy] = energy.map { [$0] }
        labels[.forces] = forces.map { $0.flatMap { [$0.x, $0.y, $0.z] } }
        labels[.dipole] = dipole.map { [$0.x, $0.y, $0.z] }
        labels[.charges] = charges
        self.init(system: system, record: record, labels: labels, place: place)
    }

    /// The total energy.
    public var energy: Double? { labels[.energy]?[0] }
    /// The force on each atom, −∂E/∂r.
    public var forces: [SIMD3<Double>]? { labels[.forces].map { vectors($0) } }
    /// The electric dipole moment.
    public var dipole: SIMD3<Double>? { labels[.dipole].map { vectors($0)[0] } }
    /// The partial charge of each atom.
    public var charges: [Double]? { labels[.charges] }

    /// The same geometry with other values in place of all labels, such as those of a prediction; total charge and
    /// spin multiplicity stay.
    public func labelled(_ labels: [Property: [Double]]) -> Configuration {
        let kept = self.labels.filter { [.totalCharge, .spinMultiplicity].contains($0.key) }
        return Configuration(
            system: system, record: record, labels: labels.merging(kept) { _, stated in stated }, place: place)
    }
}

extension Configuration {
    /// Where in which file a configuration stands.
    public struct Place: Sendable, Hashable, CustomStringConvertible {
        /// The file as the user named it; nil for a configuration that was not read.
        public let file: String?
        /// The number of the frame in the file, from 1.
        public let frame: Int
        /// The first line of the frame, from 1; nil in files without lines.
        public let line: Int?

        /// Describes a place.
        public init(file: String? = nil, frame: Int = 1, line: Int? = nil) {
            self.file = file
            self.frame = frame
            self.line = line
        }

        /// The place inside the file: `frame 3, line 45`.
        public var description: String {
            "frame \(frame)" + (line.map { ", line \($0)" } ?? "")
        }

        /// An error of kind `data` about what stands here.
        public func error(_ problem: String, remedy: String? = nil) -> ApusError {
            ApusError(.data, file: file, place: description, problem: problem, remedy: remedy)
        }
    }
}
