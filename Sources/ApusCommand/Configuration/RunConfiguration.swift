import ApusChemistry
import ApusGraph
import ApusPotentials

/// Everything that decides a training run, read from a TOML file with the table and key names of modelforge.
///
/// The initial values are the defaults; what the keys are called, which values they take and what they mean is
/// said once, in ``ConfigurationKey``.
struct RunConfiguration: Sendable, Equatable {
    /// The architecture, `[potential]`.
    var potential = Potential()
    /// The data, `[dataset]`.
    var dataset = Dataset()
    /// Loss, optimiser and schedule, `[training]`.
    var training = Training()
    /// Folder, threads, precision and units, `[runtime]`.
    var runtime = Runtime()
}

extension RunConfiguration {
    /// The architecture of the potential.
    struct Potential: Sendable, Equatable {
        var name = PotentialName.schNet
        /// The seed of the initial weights.
        var seed = 42
        /// The distance at which interactions end.
        var cutoff = Quantity(5, .angstrom)
        var radialFunctions = 20
        var interactions = 3
        /// The number of features of an atom.
        var features = 128
        /// The number of filters of a SchNet interaction.
        var filters = 128
        /// Whether all interactions use the same weights.
        var sharesInteractions = false
        /// Whether all PaiNN interactions use the same filters.
        var sharesFilters = false
        var activation = Activation.shiftedSoftplus
        /// The largest atomic number with an embedding.
        var maximumAtomicNumber = 100
        /// Whether atomic energies are scaled and shifted by statistics of the training part.
        var normalizesEnergy = true
    }

    /// The architectures on offer.
    enum PotentialName: String, Sendable, CaseIterable {
        case schNet = "SchNet"
        case paiNN = "PaiNN"
    }
}

extension RunConfiguration {
    /// The files with the data and how to understand them.
    struct Dataset: Sendable, Equatable {
        /// A name for reports; empty until it is derived from the file's name.
        var name = ""
        /// The data that `splitting_strategy` divides.
        var file = InputPath(text: "", folder: "")
        /// Separate validation data.
        var validationFile: InputPath?
        /// Separate test data.
        var testFile: InputPath?
        /// The unit of energies in files that do not say it.
        var sourceEnergyUnit: Unit?
        /// The unit of lengths in files that do not say it.
        var sourceLengthUnit: Unit?
        /// The unit of forces in files that do not say it.
        var sourceForceUnit: Unit?
        /// The properties to be read.
        var properties: [String]?
        /// The name of the atomic numbers in the file; nil for the usual names of the format, here and below.
        var atomicNumbersName: String?
        var positionsName: String?
        var energyName: String?
        var forcesName: String?
    }
}

extension RunConfiguration {
    /// Folder, threads, precision and units.
    struct Runtime: Sendable, Equatable {
        /// The name of the run, with `{potential_name}` and `{dataset_name}` replaced.
        var experimentName = "{potential_name}-{dataset_name}"
        /// The run folder, relative to the current directory, with `{experiment_name}` replaced.
        var outputDirectory = "runs/{experiment_name}"
        /// The number of threads; nil for one per core.
        var threads: Int?
        /// The precision of the network; energies and statistics are always float64.
        var precision = Precision.float32
        /// The seed of everything random that has no seed of its own.
        var seed = 42
        /// The unit of energies inside the run and in its results.
        var energyUnit = Unit.electronvolt
        /// The unit of lengths inside the run and in its results.
        var lengthUnit = Unit.angstrom
    }
}
