import ApusChemistry
import ApusGraph
import ApusPotentials

/// What a potential adds to the loss, as a component with neither prediction nor label.
private struct AuxiliaryComponent: LossComponent {
    let name: String
    let isOfAtoms: Bool

    var properties: [Property] { [] }
    var divisor: Double { 1 }
    var exponent: Int { isOfAtoms ? 1 : 0 }
    var dimension: Dimension { .dimensionless }

    func errors(predicted: (Property) -> Tensor, label: (Property) -> Tensor) -> Tensor {
        fatalError("'\(name)' is no error")
    }
}

extension LossTerm {
    /// What a potential adds to the loss, with its weight.
    init(_ loss: AuxiliaryLoss) {
        self.init(
            AuxiliaryComponent(name: loss.name, isOfAtoms: loss.values.rows == .atoms),
            weight: WeightSchedule(loss.weight))
    }

    /// Whether it is what a potential adds.
    var isAuxiliary: Bool { component is AuxiliaryComponent }
}
