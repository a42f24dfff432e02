import ApusChemistry

extension Dataset {
    /// The finding that the partial charges of some configuration do not sum to its total charge.
    ///
    /// - Parameter tolerance: The difference in e that rounding explains.
    func chargeSumFinding(tolerance: Double = 0.01) -> Finding? {
        var worst: (difference: Double, position: Int, sum: Double)?
        var count = 0
        var compared = 0
        let hasCharges = configurations.hasLabel(.charges)
        for position in configurations.indices where hasCharges(position) {
            guard let charges = configurations.label(.charges, position) else { continue }
            compared += 1
            let sum = charges.reduce(0, +)
            let difference = abs(sum - (configurations.label(.totalCharge, position)?[0] ?? 0))
            guard difference > tolerance else { continue }
            count += 1
            if difference > worst?.difference ?? 0 { worst = (difference, position, sum) }
        }
        guard let worst else { return nil }
        let total = configurations.label(.totalCharge, worst.position)
        return Finding(
            .charges, .warning,
            "the partial charges of \(count) of \(compared) configurations do not sum to the total charge within "
                + "\(tolerance) e; in \(configurations.place(worst.position)) they sum to "
                + "\((worst.sum * 1e6).rounded() / 1e6) e, but the total charge is \(Int(total?[0] ?? 0)) e"
                + (total == nil ? ", since the file states none" : ""))
    }
}
