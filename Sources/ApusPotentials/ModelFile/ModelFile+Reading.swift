import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph

extension ModelFile {
    /// Reads a file and repeats the predictions of its examples.
    ///
    /// - Throws: `ApusError`: of kind `missingInput` when there is no such file, of kind `data` when it is
    ///   damaged, not a model, of a newer version, or when it predicts something else than it promises;
    ///   `InstructionSetError` when the environment asks for kernels that cannot run.
    ///
    /// - Parameter heads: The types of heads that the file may have; give further ones beside the standard ones.
    public static func read(_ path: String, heads: [any Head.Type] = standardHeads) throws -> ModelFile {
        let file = try ModelFile(contents: try Safetensors.read(path), file: path, heads: heads)
        try file.verifyExamples(file: path, instructionSet: try InstructionSet.preferred())
        return file
    }

    /// Reads tensors and metadata; `file` is for messages.
    init(contents: Safetensors, file: String, heads: [any Head.Type] = standardHeads) throws {
        let reader = ModelReader(contents: contents, file: file)
        try reader.checkFormat()
        var model = EnergyModel(
            architecture: try reader.architecture(), parameters: [], units: try reader.units(),
            selfEnergies: try reader.selfEnergies(), scale: try reader.real("scale"), shift: try reader.real("shift"))
        model.featurization = try reader.featurization()
        model.heads = try reader.heads(heads)
        model.energyOffset = contents.metadata["energy_offset"] == nil ? 0 : try reader.real("energy_offset")
        if let text = contents.metadata["energy_reference"] {
            guard let reference = EnergyReference(rawValue: text) else {
                throw reader.failure(key: "energy_reference", "'\(text)' is unknown", remedy: "update apus")
            }
            model.energyReference = reference
        }
        model.keepsAtomicEnergies = contents.metadata["keeps_atomic_energies"] == "true"
        model.compositions = try reader.compositions(of: model.elements)
        try model.validateArchitecture(file: file)
        let precision: Precision
        (model.parameters, precision) = try reader.parameters(model.declarations)
        try model.validate(file: file)
        self.init(
            model: model, precision: precision, program: try reader.text("program"),
            provenance: try reader.object("provenance"), examples: try reader.examples(model))
    }
}

extension EnergyModel {
    /// Checks what must hold before a graph can be built.
    func validateArchitecture(file: String?) throws {
        func failure(_ problem: String) -> ApusError {
            ApusError(
                .data, file: file, place: "architecture \(architecture.name)", problem: problem,
                remedy: "correct the hyper-parameters")
        }
        if let fault = architecture.fault { throw failure(fault) }
        let rows = architecture.representation.embeddingRows
        if let last = elements.last, last.atomicNumber >= rows {
            throw failure(
                "the embedding has \(rows) rows, too few for \(last), whose atomic number is \(last.atomicNumber)")
        }
    }

    /// Checks the architecture, and that all numbers are finite.
    func validate(file: String?) throws {
        try validateArchitecture(file: file)
        var offset = 0
        for declaration in declarations {
            let values = parameters[offset..<offset + declaration.count]
            if let fault = values.firstIndex(where: { !$0.isFinite }) {
                throw ApusError(
                    .data, file: file, place: "parameter '\(declaration.name)'",
                    problem: "element \(fault - offset) (counted from 0) is \(parameters[fault]), not a finite number",
                    remedy: "use a model from before the training diverged")
            }
            offset += declaration.count
        }
    }
}
