import ApusCPU
import ApusChemistry
import ApusGraph
import ApusPotentials

/// What goes into the program of a loss beside the systems, and the names of what comes out.
struct LossLayout: Sendable {
    /// One component of the loss.
    struct Term: Sendable {
        let term: LossTerm
        /// Whether it has rows of atoms, not of systems.
        let isOfAtoms: Bool
        /// The name of the sums over the numbers of each row, which come out.
        var output: String { "term \(term.name)" }
        /// The name of the weights of the rows, which go in.
        var weights: String { LossLayout.weights(of: term) }
    }

    /// What is predicted.
    let properties: [Property]
    /// The components.
    let terms: [Term]
    /// The labels that are read, as inputs.
    let labels: [Property]

    static func label(_ property: Property) -> String { "label \(property.key)" }
    static func weights(of term: LossTerm) -> String { "weight \(term.name)" }

    /// Adds labels and weights of samples to the chunk that holds their systems.
    ///
    /// - Parameter weights: Those of the components, divided by the number of systems that each compares.
    func fill(_ chunk: inout Chunk, with samples: ArraySlice<Sample>, weights: [Double]) {
        for property in labels {
            chunk.inputs[Self.label(property)] = samples.flatMap { sample in
                sample.labels[property] ?? [Double](repeating: 0, count: property.count(atoms: sample.system.count))
            }
        }
        for (term, weight) in zip(terms, weights) {
            chunk.inputs[term.weights] = samples.flatMap { sample in
                sample.rowWeights(of: term.term, areOfAtoms: term.isOfAtoms).map { weight * $0 }
            }
        }
    }

    /// The weights of the components of a loss, and those of what the potential adds to it.
    func withAuxiliary(_ weights: [Double]) -> [Double] {
        weights + terms.dropFirst(weights.count).map(\.term.weight.target)
    }

    /// The weights of the components, divided by the number of systems of a batch that have what each compares.
    func shares(_ weights: [Double], of batch: [Sample]) -> [Double] {
        zip(terms, withAuxiliary(weights)).map { term, weight in
            weight / Double(max(1, batch.count { $0.isCompared(by: term.term) }))
        }
    }
}
