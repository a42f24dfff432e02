import ApusCPU
import ApusChemistry
import ApusGraph

/// Where functions of the distance are looked up in tables: one policy for all that computes with a model.
///
/// - In float64, which is for checks, never.
/// - In float32, errors of a table are below those of rounding, and predictions, evaluations, validation and reports look up
///   whatever a network says can be.
/// - A step of training in float32 makes its tables anew, because parameters have changed, and does so where that pays.
extension EnergyModel {
    /// Whether energies and forces from fixed parameters come from tables.
    public func usesTables(in precision: Precision) -> Bool {
        precision == .float32 && potential.tabulation != nil
    }

    /// Whether the steps of training use tables: where a batch has so many more pairs than a table has rows that the tables
    /// cost less than they save.
    ///
    /// - Parameter pairs: The pairs of a batch, about.
    public func trainsWithTables(in precision: Precision, pairs: Int) -> Bool {
        guard usesTables(in: precision), let tabulation = potential.tabulation else { return false }
        return pairs > 5 * tabulation.points
    }
}
