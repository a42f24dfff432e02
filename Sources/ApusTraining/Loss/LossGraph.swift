import ApusCPU
import ApusChemistry
import ApusGraph
import ApusPotentials

/// The graph of predictions and of the loss of a batch: Σ_c Σ_rows w_c φ(e).
///
/// The weights w of the rows are inputs, worked out before the step out of the weight of the component, the size of
/// the system and that of the batch, so that the loss is a plain sum over systems and can be added up chunk by chunk,
/// and so that weights can change without compiling again.
struct LossGraph {
    /// What goes in and comes out.
    let layout: BatchLayout
    private let outputs: [Tensor]
    private let total: Tensor?
    private let graph: Graph

    /// - Parameters:
    ///   - model: The graph of the potential.
    ///   - inputs: What it needs of systems beside the geometry.
    ///   - loss: What is compared; nil to predict alone.
    ///   - properties: What is predicted beside what is compared.
    init(_ model: EnergyGraph, inputs: [SystemInput], loss: Loss?, properties: [Property] = []) {
        let compared = loss?.properties ?? []
        let properties = compared + properties.filter { !compared.contains($0) }
        let terms = loss?.terms ?? []
        graph = model.graph
        func predicted(_ property: Property) -> Tensor {
            guard let tensor = model.outputs[property] else {
                fatalError("the model does not predict \(property.name)")
            }
            return tensor
        }
        let graph = graph
        func label(_ property: Property) -> Tensor {
            let tensor = predicted(property)
            return graph.input(BatchLayout.labelName(property), rows: tensor.rows, shape: tensor.shape)
        }
        var total: Tensor?
        var outputs = properties.map(predicted)
        var isOfAtoms: [Bool] = []
        for term in terms {
            let sums = term.form.sum(term.component.errors(predicted: predicted, label: label))
            isOfAtoms.append(sums.rows == .atoms)
            outputs.append(sums)
            let part = columnSum(graph.input(BatchLayout.weightName(term), rows: sums.rows) * sums)
            total = total.map { $0 + part } ?? part
        }
        self.total = total
        self.outputs = outputs
        layout = BatchLayout(
            properties: properties, terms: terms, labels: compared, inputs: inputs, isOfAtoms: isOfAtoms)
    }

    /// Predictions and the sums of each component for every row, without gradients.
    var evaluation: Program { compile(outputs: outputs) }

    /// The same, and the gradients by all parameters as sums.
    var training: Program {
        let gradients = gradient(of: total!, by: graph.parameters)
        let sums = zip(gradients, graph.parameters).map { gradient, parameter in
            gradient ?? zeros(like: parameter)
        }
        return compile(outputs: outputs, sums: sums)
    }
}

/// A gradient for a parameter that the loss does not depend on.
private func zeros(like parameter: Tensor) -> Tensor {
    guard case .fixed(let rows) = parameter.rows else { fatalError("parameters have fixed rows") }
    return parameter.graph.constant(
        [Double](repeating: 0, count: rows * parameter.shape.count), shape: parameter.shape)
}
