import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph
import ApusSystem

/// A trained potential on disk: everything that a prediction needs, readable by any safetensors library.
///
/// | tensor | type | shape |
/// |---|---|---|
/// | each parameter under its declared name | F32 or F64, as trained | `[rows, features]` |
/// | `golden/atom_counts` | I64 | `[systems]` |
/// | `golden/numbers` | I64 | `[atoms]` |
/// | `golden/positions`, `golden/forces` | F64 | `[atoms, 3]` |
/// | `golden/energies` | F64 | `[systems]` |
/// | `golden/total_charges`, `golden/spin_multiplicities` | I64 | `[systems]`, where predictions depend on them |
/// | `golden/cells` | F64 | `[systems, 3, 3]`, zeros for none; where an example is periodic |
/// | `golden/periodic` | I64 | `[systems, 3]`, 1 along the vectors along which it repeats; beside the cells |
/// | `golden/per_system_stress` | F64 | all numbers in one row, of the systems with a volume; beside the cells |
/// | `golden/` and what a head predicts, such as `golden/per_atom_charge` | F64 | all numbers in one row |
///
/// | metadata | content |
/// |---|---|
/// | `format`, `format_version` | `apus-model`, `3` |
/// | `sha256` | the SHA-256 digest of everything else, as `Safetensors.digest` defines it |
/// | `program` | what wrote the file |
/// | `architecture` | JSON: the name of the network and its hyper-parameters |
/// | `energy_unit`, `length_unit` | the units of all numbers |
/// | `elements` | the symbols of the elements that can be predicted |
/// | `self_energies` | JSON: the energy of each element, by symbol |
/// | `scale`, `shift` | σ and μ of the atomic energies σ ε + μ |
/// | `heads` | JSON: what is predicted beside energies and forces; each with name and settings; optional |
/// | `terms` | JSON: what is added to the energies of the network; each with name and hyper-parameters; optional |
/// | `featurization` | JSON: what the first features of an atom are made of beside its element; optional |
/// | `energy_offset` | an energy to be added to every prediction; optional |
/// | `energy_reference` | `up_to_constant` or `untrained` where energies are not total energies; optional |
/// | `keeps_atomic_energies` | `true` where predictions contain the energies of atoms; optional |
/// | `compositions` | JSON: independent compositions, where the training did not determine all self-energies; optional |
/// | `provenance` | JSON: what the model was trained on and how well it does |
///
/// The golden examples are predictions that the file was written with, in which all elements occur. Every load compares
/// the digest, which shows any change of the file, and repeats the predictions, which shows that this program understands
/// the file as the one that wrote it.
public struct ModelFile: Sendable, Equatable {
    /// The newest version of the format.
    ///
    /// Version 2 added heads, further inputs and an energy offset, version 3 the digest.
    public static let formatVersion = 3
    static let digestKey = "sha256"

    /// The potential.
    public let model: EnergyModel
    /// The precision of the parameters in the file.
    public let precision: Precision
    /// The program that wrote the file, with its version.
    public let program: String
    /// Where the model comes from: training data, licence, metrics, date.
    public let provenance: [String: JSONValue]
    /// Systems with predictions that every load repeats.
    public let examples: [Example]

    /// Prepares a model for writing and predicts the examples.
    ///
    /// - Parameters:
    ///   - model: The model; its parameters are rounded to the precision.
    ///   - precision: The precision of the training.
    ///   - program: The program with its version, such as `apus 0.1.0`.
    ///   - provenance: Anything worth knowing about the origin of the model.
    ///   - systems: Systems to choose the examples from, such as the training set.
    /// - Throws: `ApusError` when a parameter is not a finite number or a rule of the architecture is
    ///   broken, `AtomicSystemError` when two atoms of an example stand on one point.
    /// - Precondition: There is a system, and the model knows all its elements.
    public init(
        _ model: EnergyModel, precision: Precision, program: String, provenance: [String: JSONValue] = [:],
        examplesFrom systems: [AtomicSystem]
    ) throws {
        require(!systems.isEmpty, "a model file needs an example to check itself with")
        try model.validate(file: nil)
        var model = model
        model.parameters = Numbers(model.parameters, precision: precision).values
        let found = Example.representatives(of: systems)
        let examples = try Example.predicted(found + Example.constructed(for: model, beside: found), by: model)
        self.init(model: model, precision: precision, program: program, provenance: provenance, examples: examples)
    }

    init(
        model: EnergyModel, precision: Precision, program: String, provenance: [String: JSONValue],
        examples: [Example]
    ) {
        self.model = model
        self.precision = precision
        self.program = program
        self.provenance = provenance
        self.examples = examples
    }

    /// Writes the file atomically; equal models give equal bytes.
    ///
    /// - Throws: `ApusError` of kind `io` when writing fails.
    public func write(to path: String) throws { try contents.write(to: path) }

    /// Tensors and metadata of the file.
    var contents: Safetensors {
        var contents = Safetensors(
            metadata: metadata,
            tensors: parameterTensors.merging(Example.tensors(examples, model)) { _, _ in
                fatalError("a parameter is named like a golden example")
            })
        contents.metadata[Self.digestKey] = contents.digest()
        return contents
    }

    private var metadata: [String: String] {
        [
            "format": "apus-model", "format_version": "\(Self.formatVersion)", "program": program,
            "provenance": "\(JSONValue.object(provenance))",
        ].merging(model.metadata) { $1 }
            .merging(model.compositions.map { ["compositions": "\($0.json)"] } ?? [:]) { $1 }
    }

    private var parameterTensors: [String: Safetensors.Tensor] {
        var tensors: [String: Safetensors.Tensor] = [:]
        var offset = 0
        for declaration in model.declarations {
            let values = model.parameters[offset..<offset + declaration.count]
            let shape = [declaration.rows, declaration.features]
            tensors[declaration.name] =
                switch precision {
                case .float32: Safetensors.Tensor(values.map { Float($0) }, shape: shape)
                case .float64: Safetensors.Tensor(Array(values), shape: shape)
                }
            offset += declaration.count
        }
        return tensors
    }
}

extension EnergyModel {
    /// Everything that predictions depend on beside the parameters, under the keys of the model file.
    public var metadata: [String: String] {
        let selfEnergies = elements.map { ($0.symbol, JSONValue.real(self.selfEnergies[$0.atomicNumber]!)) }
        return [
            "architecture": "\(potential.json)",
            "energy_unit": units.energy.symbol, "length_unit": units.length.symbol,
            "elements": elements.map(\.symbol).joined(separator: " "),
            "self_energies": "\(JSONValue.object(Dictionary(uniqueKeysWithValues: selfEnergies)))",
            "scale": "\(scale)", "shift": "\(shift)",
        ].merging(optionalMetadata) { $1 }
    }

    /// The elements that can be predicted, ascending.
    public var elements: [Element] { Element.all.filter { selfEnergies[$0.atomicNumber] != nil } }
}
