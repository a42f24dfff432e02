import ApusCPU
import ApusChemistry
import ApusGraph
import ApusPotentials

/// The graph of predictions and of the loss of a batch: Σ_c Σ_rows w_c φ(e), and what the potential adds to it.
///
/// The weights w of the rows are inputs, worked out before the step out of the weight of the component, the size of
/// the system and that of the batch, so that the loss is a plain sum over systems and can be added up chunk by chunk,
/// and so that weights can change without compiling again.
struct LossGraph {
    /// What goes in beside the systems, and what comes out.
    let layout: LossLayout
    private let model: EnergyModel
    private let outputs: [(name: String, tensor: Tensor)]
    private let total: Tensor?
    private let parameters: [Tensor]
    private let declarations: [ParameterDeclaration]

    /// - Parameters:
    ///   - model: The model.
    ///   - tabulated: Whether functions of the distance are looked up in tables.
    ///   - loss: What is compared; nil to predict alone.
    ///   - properties: What is predicted beside what is compared.
    init(_ model: EnergyModel, tabulated: Bool = false, loss: Loss?, properties: [Property] = []) {
        self.model = model
        let energies = model.graph(tabulated: tabulated)
        (parameters, declarations) = (energies.graph.parameters, energies.declarations)
        let compared = loss?.properties ?? []
        let properties = compared + properties.filter { !compared.contains($0) }
        func predicted(_ property: Property) -> Tensor {
            guard let tensor = energies.outputs[property] else {
                fatalError("the model does not predict \(property.name)")
            }
            return tensor
        }
        func label(_ property: Property) -> Tensor {
            let tensor = predicted(property)
            return energies.graph.input(LossLayout.label(property), rows: tensor.rows, shape: tensor.shape)
        }
        var total: Tensor?
        var outputs = properties.map { ($0.key, predicted($0)) }
        var terms: [LossLayout.Term] = []
        func add(_ term: LossTerm, _ sums: Tensor) {
            terms.append(LossLayout.Term(term: term, isOfAtoms: sums.rows == .atoms))
            outputs.append((terms.last!.output, sums))
            let part = columnSum(energies.graph.input(LossLayout.weights(of: term), rows: sums.rows) * sums)
            total = total.map { $0 + part } ?? part
        }
        for term in loss?.terms ?? [] {
            add(term, term.form.sum(term.component.errors(predicted: predicted, label: label)))
        }
        for auxiliary in loss == nil ? [] : energies.auxiliaryLosses {
            add(LossTerm(auxiliary), auxiliary.values)
        }
        (self.total, self.outputs) = (total, outputs)
        layout = LossLayout(properties: properties, terms: terms, labels: compared)
    }

    /// Predictions and the sums of each component for every row, without gradients.
    func evaluation(on device: Device) -> BatchProgram { BatchProgram(model, outputs: outputs, on: device) }

    /// The same, and the gradients by all parameters that are not frozen as sums.
    ///
    /// - Parameter groups: The parameters with their groups; those of the model unless given.
    func training(of groups: [ParameterDeclaration]? = nil, on device: Device) -> BatchProgram {
        let trainable = zip(parameters, groups ?? declarations).filter { $1.group.isTrainable }.map(\.0)
        let gradients = gradient(of: total!, by: trainable)
        let sums = zip(gradients, trainable).map { gradient, parameter in
            gradient ?? zeros(like: parameter)
        }
        return BatchProgram(model, outputs: outputs, sums: sums, on: device)
    }
}

/// A gradient for a parameter that the loss does not depend on.
private func zeros(like parameter: Tensor) -> Tensor {
    guard case .fixed(let rows) = parameter.rows else { fatalError("parameters have fixed rows") }
    return parameter.graph.constant(
        [Double](repeating: 0, count: rows * parameter.shape.count), shape: parameter.shape)
}
