import ApusChemistry

extension Dataset {
    /// A warning when the partial charges of some configuration do not sum to its total charge.
    ///
    /// - Parameter tolerance: The difference in e that rounding explains.
    public func chargeSumWarning(tolerance: Double = 0.01) -> String? {
        var worst: (difference: Double, configuration: Configuration)?
        var count = 0
        var compared = 0
        for position in configurations.indices where configurations.hasLabel(.charges, position) {
            let configuration = configurations[position]
            guard let charges = configuration[.charges] else { continue }
            compared += 1
            let difference = abs(charges.reduce(0, +) - Double(configuration.system.charge))
            guard difference > tolerance else { continue }
            count += 1
            if difference > worst?.difference ?? 0 { worst = (difference, configuration) }
        }
        guard let worst else { return nil }
        let sum = worst.configuration[.charges]!.reduce(0, +)
        return "\(path): the partial charges of \(count) of \(compared) configurations do not sum to the total charge "
            + "within \(tolerance) e; in \(worst.configuration.place) they sum to \((sum * 1e6).rounded() / 1e6) e, "
            + "but the total charge is \(worst.configuration.system.charge) e"
            + (worst.configuration[.totalCharge] == nil ? ", since the file states none" : "")
    }
}
