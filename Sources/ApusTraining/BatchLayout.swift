import ApusChemistry
import ApusGraph
import ApusPotentials

/// What goes into the program of a loss with every chunk, and what comes out.
struct BatchLayout: Sendable {
    /// What is predicted, in the order of the outputs; the sums of the terms for every row follow.
    let properties: [Property]
    let terms: [LossTerm]
    /// The labels that are read, as inputs.
    let labels: [Property]
    /// What the potential needs of systems beside the geometry.
    let inputs: [SystemInput]
    /// Whether a term has rows of atoms.
    let isOfAtoms: [Bool]

    static func labelName(_ property: Property) -> String { "label \(property.key)" }
    static func weightName(_ term: LossTerm) -> String { "weight \(term.name)" }

    /// Adds labels and weights of samples to the chunk that holds their systems.
    ///
    /// - Parameter weights: Those of the components, divided by the number of systems in the batch.
    func fill(_ chunk: inout Chunk, with samples: ArraySlice<Sample>, weights: [Double]) {
        chunk.add(inputs, of: samples.lazy.map(\.system))
        for property in labels {
            chunk.inputs[Self.labelName(property)] = samples.flatMap { $0.labels[property] ?? [] }
        }
        for (term, (weight, isOfAtoms)) in zip(terms, zip(weights, isOfAtoms)) {
            var values: [Double] = []
            for sample in samples {
                let count = sample.system.count
                values.append(
                    contentsOf: repeatElement(weight * term.factor(atoms: count), count: isOfAtoms ? count : 1))
            }
            chunk.inputs[Self.weightName(term)] = values
        }
    }

    /// Compares the outputs for a chunk with the samples in it.
    func compare(_ outputs: ChunkOutputs, with samples: ArraySlice<Sample>, into errors: inout EvaluationErrors) {
        var atom = 0
        for (k, sample) in samples.enumerated() {
            let atoms = atom..<atom + sample.system.count
            for (property, values) in zip(properties, outputs) {
                let rows = property.owner == .atom ? atoms : k..<k + 1
                let range = rows.lowerBound * property.components..<rows.upperBound * property.components
                errors.add(property, predicted: values[range], sample)
            }
            for (index, term) in terms.enumerated() {
                let values = outputs[properties.count + index][isOfAtoms[index] ? atoms : k..<k + 1]
                errors.add(term, term.factor(atoms: atoms.count) * values.reduce(0, +))
            }
            atom = atoms.upperBound
        }
    }
}
