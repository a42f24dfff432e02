import ApusCPU
import ApusChemistry
import ApusDatasets
import ApusGraph
import ApusPotentials
import ApusTraining

/// Everything that decides a training run, read from a TOML file with the table and key names of modelforge.
///
/// The initial values are the defaults; what the keys are called, which values they take and what they mean is
/// said once, in ``ConfigurationKey``.
public struct RunConfiguration: Sendable, Equatable {
    /// The architecture, `[potential]`.
    package var potential = Potential()
    /// The data, `[dataset]`.
    package var dataset = Dataset()
    /// Loss, optimiser and schedule, `[training]`.
    package var training = Training()
    /// Folder, threads, precision and units, `[runtime]`.
    package var runtime = Runtime()
    /// The types that it can name.
    package let registry: Registry

    package init(registry: Registry = .standard) { self.registry = registry }
}

extension RunConfiguration {
    /// The architecture of the potential.
    package struct Potential: Sendable, Equatable {
        /// The network with its hyper-parameters.
        package var network = ConfiguredType(SchNet.self)
        /// The seed of the initial weights.
        package var seed = 42
        /// Whether atomic energies are scaled and shifted by statistics of the training part.
        var normalizesEnergy = true
        /// Whether predictions contain the energy of every atom.
        var keepsAtomicEnergies = false
        /// What the first features of an atom are made of.
        var featurizedProperties: [FeaturizedProperty] = [.atomicNumber]
        var periodFeatures = 32
        var groupFeatures = 32
        /// What the network predicts for every atom.
        var predictedProperties: [PredictedProperty] = [.energy]
        var predictedDimensions = [1]
        var processedProperties: [ProcessedProperty] = [.energy]
        var conservesCharge = true
        var conservation = ConservationName.standard
        var hasAtomicDipoles = false
        /// What is chosen of energy terms, by name.
        private var terms: [String: ConfiguredType] = [:]

        /// An energy term with what is chosen of it.
        subscript(term: ProcessedProperty) -> ConfiguredType {
            get { terms[term.name] ?? ConfiguredType(term.term!) }
            set { terms[term.name] = newValue }
        }
    }

    /// What the first features of an atom can be made of.
    enum FeaturizedProperty: String, Sendable, CaseIterable {
        case atomicNumber = "atomic_number"
        case atomicPeriod = "atomic_period"
        case atomicGroup = "atomic_group"
        case totalCharge = "per_system_total_charge"
        case spinState = "per_system_spin_state"
    }

    /// What a network can predict for every atom.
    struct PredictedProperty: Named {
        /// What predicts it; nil for the energy.
        let head: (any Head.Type)?
        package let name: String
        /// The place among all, in which heads follow one another in a model.
        let place: Int

        private init(_ head: (any Head.Type)?, place: Int) {
            (self.head, name, self.place) = (head, head?.name ?? "per_atom_energy", place)
        }

        static let energy = PredictedProperty(nil, place: 0)

        /// What can be named.
        static func all(_ registry: Registry) -> [PredictedProperty] {
            [energy] + zip(1..., registry.models.heads).map { PredictedProperty($1, place: $0) }
        }
    }

    /// What can be named for processing: energy terms, which are added then; of all others charges alone make a difference.
    struct ProcessedProperty: Named {
        package let name: String
        /// The energy term; nil where it is none.
        var term: (any EnergyTerm.Type)?

        static let energy = ProcessedProperty(name: "per_atom_energy")
        static let charge = ProcessedProperty(name: "per_atom_charge")

        /// What can be named.
        static func all(_ registry: Registry) -> [ProcessedProperty] {
            let others = [
                "per_atom_spin_multiplicity", "sum_per_system_energy", "per_atom_force",
                "general_postprocessing_operation",
            ]
            return [energy, charge] + others.map { ProcessedProperty(name: $0) }
                + registry.models.terms.map { ProcessedProperty(name: $0.name, term: $0) }
        }
    }

    /// How charges are made to sum to the total charge.
    enum ConservationName: String, Sendable, CaseIterable {
        case standard = "default"
        case uniform
    }

}

extension RunConfiguration {
    /// The files with the data and how to understand them.
    package struct Dataset: Sendable, Equatable {
        /// A name for reports; empty until it is derived from the file's name.
        package var name = ""
        /// The data that `splitting_strategy` divides.
        package var file = InputPath(text: "", folder: "")
        /// Separate validation data.
        var validationFile: InputPath?
        /// Separate test data.
        var testFile: InputPath?
        /// Conditions on the elements of which one must hold.
        var elementFilter: [[Int]]?
        /// The largest force on an atom.
        package var maximumForce: Quantity?
        /// The largest distance of the energy per atom from the median of its composition.
        package var maximumEnergyDeviation: Quantity?
        package var maximumAtoms: Int?
        package var charges: [Int]?
        package var multiplicities: [Int]?
        /// Take one configuration of so many.
        var takeEvery = 1
        /// At most so many configurations of a molecule.
        package var perRecord: Int?
        var recordChoice = Selection.Choice.first
        var missingLabels = MissingLabels.refuse
        /// The folder in which data are imported once.
        var cacheFolder: String?
        /// The version of a data set of modelforge; it marks configurations written for modelforge.
        package var version: String?
        /// The units of quantities in files that do not say them.
        package var sourceUnits: [Dimension: Unit] = [:]
        /// Whether the forces of the files are gradients.
        package var forcesAreGradients = false
        /// Whether stresses of the files are positive under compression, and virials +∂E/∂ε.
        package var stressesAreOpposite = false
        /// The point that moments refer to in the files.
        package var momentOrigin: MomentOrigin?
        /// Energies of single atoms.
        var isolatedAtomsFile: InputPath?
        /// Whether single atoms are trained on and compared as all other systems are.
        var trainsOnIsolatedAtoms = false
        /// Where self-energies come from.
        var selfEnergySource = SelfEnergySource.automatic
        /// Self-energies by atomic number.
        package var selfEnergies: [Int: Quantity] = [:]
        /// The properties to be read.
        package var properties: [String]?
        /// The names of properties in the file where they are not the usual ones of the format.
        package var assignment: [Property: String] = [:]
    }

    /// What to do with configurations that lack a label which the loss compares.
    enum MissingLabels: String, Sendable, CaseIterable {
        /// They are left out.
        case drop
        /// They count for the components whose labels they have.
        case mask
        /// They are an error.
        case refuse
    }

    /// Where self-energies come from.
    enum SelfEnergySource: String, Sendable, CaseIterable {
        /// The configuration, else the file, else a regression.
        case automatic
        case configuration
        case file
        case isolatedAtoms = "isolated_atoms"
        case regression
    }
}

extension RunConfiguration {
    /// Folder, threads, precision and units.
    package struct Runtime: Sendable, Equatable {
        /// The name of the run, with `{potential_name}` and `{dataset_name}` replaced.
        var experimentName = "{potential_name}-{dataset_name}"
        /// The run folder, relative to the current directory, with `{experiment_name}` replaced.
        var outputDirectory = "runs/{experiment_name}"
        /// The number of threads; nil for one per core.
        package var threads: Int?
        /// The precision of the network; energies and statistics are always float64.
        package var precision = Precision.float32
        /// The seed of everything random that has no seed of its own.
        package var seed = 42
        /// The least time between two checkpoints within training.
        var checkpointInterval = Duration.seconds(60)
        /// How many of the newest checkpoints are kept.
        var checkpointsKept = 2
        /// Checkpoints after every so many epochs are kept for good; nil for none.
        var checkpointEpochs: Int?
        /// The unit of energies inside the run and in its results.
        package var energyUnit = Unit.electronvolt
        /// The unit of lengths inside the run and in its results.
        package var lengthUnit = Unit.angstrom
    }
}
