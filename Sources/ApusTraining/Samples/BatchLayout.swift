import ApusCPU
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
    /// - Parameter weights: Those of the components, divided by the number of systems that each compares.
    func fill(_ chunk: inout Chunk, with samples: ArraySlice<Sample>, weights: [Double]) {
        chunk.add(inputs, of: samples.lazy.map(\.system))
        for property in labels {
            chunk.inputs[Self.labelName(property)] = samples.flatMap { sample in
                sample.labels[property] ?? [Double](repeating: 0, count: property.count(atoms: sample.system.count))
            }
        }
        for (term, (weight, isOfAtoms)) in zip(terms, zip(weights, isOfAtoms)) {
            chunk.inputs[Self.weightName(term)] = samples.flatMap { sample in
                sample.rowWeights(of: term, areOfAtoms: isOfAtoms).map { weight * $0 }
            }
        }
    }

    /// The weights of the components, divided by the number of systems of a batch that have what each compares.
    func shares(_ weights: [Double], of batch: [Sample]) -> [Double] {
        zip(terms, weights).map { term, weight in
            weight / Double(max(1, batch.count { $0.isCompared(by: term) }))
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
                guard sample.isCompared(by: term) else { continue }
                errors.add(term, sample.value(of: term, values, areOfAtoms: isOfAtoms[index]))
            }
            atom = atoms.upperBound
        }
    }
}
