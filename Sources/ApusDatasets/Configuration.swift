import ApusChemistry
import ApusFiles

/// One geometry of a molecule with the reference values that are known for it.
///
/// All numbers are in the ``ApusChemistry/UnitSystem`` of the data set, and all are finite.
public struct Configuration: Sendable, Equatable {
    /// Elements, positions and total charge.
    public let system: AtomicSystem
    /// The name of the molecule; configurations of one molecule share it.
    public let record: String
    /// The total energy.
    public let energy: Double?
    /// The force on each atom, −∂E/∂r.
    public let forces: [SIMD3<Double>]?
    /// The electric dipole moment.
    public let dipole: SIMD3<Double>?
    /// The partial charge of each atom.
    public let charges: [Double]?
    /// Where the configuration comes from.
    public let place: Place

    /// Describes a configuration; `record` is the formula unless given.
    ///
    /// - Precondition: Forces and charges have an entry for each atom.
    public init(
        system: AtomicSystem, record: String? = nil, energy: Double? = nil, forces: [SIMD3<Double>]? = nil,
        dipole: SIMD3<Double>? = nil, charges: [Double]? = nil, place: Place = Place()
    ) {
        precondition(forces.map { $0.count == system.count } ?? true, "every atom needs a force")
        precondition(charges.map { $0.count == system.count } ?? true, "every atom needs a charge")
        self.system = system
        self.record = record ?? system.formula
        self.energy = energy
        self.forces = forces
        self.dipole = dipole
        self.charges = charges
        self.place = place
    }

    /// The same geometry with an energy and forces in place of all reference values, such as those of a prediction.
    public func labelled(energy: Double, forces: [SIMD3<Double>]?) -> Configuration {
        Configuration(system: system, record: record, energy: energy, forces: forces, place: place)
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
