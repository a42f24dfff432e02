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
    /// - Parameter registry: The types that the file may name.
    public static func read(_ path: String, registry: ModelRegistry = .standard) throws -> ModelFile {
        let file = try ModelFile(contents: try Safetensors.read(path), file: path, registry: registry)
        try file.verifyExamples(file: path, instructionSet: try InstructionSet.preferred())
        return file
    }

    /// Reads tensors and metadata; `file` is for messages.
    init(contents: Safetensors, file: String, registry: ModelRegistry = .standard) throws {
        let reader = ModelReader(contents: contents, file: file)
        try reader.checkFormat()
        var model = EnergyModel(
            potential: try reader.potential(registry.potentials), parameters: [], units: try reader.units(),
            selfEnergies: try reader.selfEnergies(), scale: try reader.real("scale"), shift: try reader.real("shift"))
        model.featurization = try reader.featurization()
        model.heads = try reader.heads(registry.heads)
        model.terms = try reader.terms(registry.terms)
        model.energyOffset = contents.metadata["energy_offset"] == nil ? 0 : try reader.real("energy_offset")
        if let text = contents.metadata["energy_reference"] {
            guard let reference = EnergyReference(rawValue: text) else {
                throw reader.failure(key: "energy_reference", "'\(text)' is unknown", remedy: "update apus")
            }
            model.energyReference = reference
        }
        model.keepsAtomicEnergies = contents.metadata["keeps_atomic_energies"] == "true"
        model.compositions = try reader.compositions(of: model.elements)
        try model.validateHyperparameters(file: file)
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
    func validateHyperparameters(file: String?) throws {
        func failure(_ problem: String, in place: String? = nil) -> ApusError {
            ApusError(
                .data, file: file, place: place ?? "architecture \(potential.name)", problem: problem,
                remedy: "correct the hyper-parameters")
        }
        if let fault = potential.fault { throw failure(fault) }
        var predicted = potential.properties
        for head in heads {
            let place = "head \(type(of: head).name)"
            guard potential.givesFeatures else {
                throw failure("it reads features of atoms, which \(potential.name) does not give", in: place)
            }
            if let twice = head.properties.first(where: predicted.contains) {
                throw failure("it predicts the \(twice.name), which something else predicts too", in: place)
            }
            predicted += head.properties
        }
        for term in terms {
            let place = "energy term \(term.name)"
            if let fault = term.fault { throw failure(fault, in: place) }
            if term.usesCharges, !furtherProperties.contains(.charges) {
                throw failure("it needs partial charges, which neither potential nor heads predict", in: place)
            }
        }
        let rows = potential.embeddingRows
        if let last = elements.last, last.atomicNumber >= rows {
            throw failure(
                "the embedding has \(rows) rows, too few for \(last), whose atomic number is \(last.atomicNumber)")
        }
    }

    /// Checks the hyper-parameters, and that all numbers are finite.
    func validate(file: String?) throws {
        try validateHyperparameters(file: file)
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
