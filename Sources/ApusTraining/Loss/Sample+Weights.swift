import ApusChemistry

/// What of a sample a loss looks at: a label that is missing and an atom that was held fixed count for nothing.
extension Sample {
    /// Whether the sample has all labels that a term compares.
    func isCompared(by term: LossTerm) -> Bool {
        term.component.properties.allSatisfy { labels[$0] != nil }
    }

    /// The atoms whose forces are compared, 1, and others, 0; nil where all are.
    var forceMask: [Double]? { labels[.forceMask] }

    /// What φ of the errors of each row of a term counts: ω m_i/(d N^p) with the weight ω of the configuration, the mask m
    /// and the number N of atoms that are compared; zeros where a label is missing.
    func rowWeights(of term: LossTerm, areOfAtoms: Bool) -> [Double] {
        let rows = areOfAtoms ? system.count : 1
        guard isCompared(by: term) else { return [Double](repeating: 0, count: rows) }
        let weight = labels[.configurationWeight]?[0] ?? 1
        guard areOfAtoms, term.component.properties.contains(.forces), let mask = forceMask else {
            return [Double](repeating: weight * term.factor(atoms: system.count), count: rows)
        }
        let factor = weight * term.factor(atoms: mask.count { $0 != 0 })
        return mask.map { $0 * factor }
    }

    /// The value of a term for this sample, of the sums over the numbers of each row.
    func value(of term: LossTerm, _ sums: ArraySlice<Double>, areOfAtoms: Bool) -> Double {
        zip(rowWeights(of: term, areOfAtoms: areOfAtoms), sums).reduce(0) { $0 + $1.0 * $1.1 }
    }
}
