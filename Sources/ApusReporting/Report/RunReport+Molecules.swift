extension RunReport {
    /// The number of formulas that are shown.
    private static let formulaCount = 20

    /// Mean absolute errors of each formula, the largest first; nothing where all molecules have the same.
    func molecules(_ parts: [Part]) -> Markup {
        let formulas = errorsByFormula(parts)
        guard formulas.count > 1 else { return Markup(source: "") }
        func number(_ value: Double?) -> String { value.map { numberText($0, significantDigits: 3) } ?? "–" }
        let rows = formulas.prefix(Self.formulaCount).map {
            [$0.formula, "\($0.count)", number($0.energy), number($0.force)]
        }
        let shown =
            formulas.count > Self.formulaCount
            ? " The \(Self.formulaCount) of \(formulas.count) formulas with the largest errors are shown." : ""
        return .section(
            "Errors by molecule",
            note: "Mean absolute errors of the \(parts.map(\.name).joined(separator: " and ")) configurations of each "
                + "formula." + shown,
            [
                .table(
                    ["formula", "configurations", "energy per atom [\(energyUnit)]", "force [\(forceUnit)]"], rows,
                    [.word, .number, .number, .number])
            ])
    }

    /// The errors of the configurations of a formula.
    struct FormulaErrors: Equatable {
        let formula: String
        let count: Int
        /// The mean absolute error of energies per atom; nil without energies.
        let energy: Double?
        /// The mean absolute error of force components; nil without forces.
        let force: Double?
    }

    /// The errors by formula, ordered by those of forces, or of energies where there are no forces.
    func errorsByFormula(_ parts: [Part]) -> [FormulaErrors] {
        func mean(_ values: [Double]) -> Double? {
            values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
        let errors = Dictionary(grouping: parts.flatMap(\.configurations), by: \.formula).map { formula, group in
            FormulaErrors(
                formula: formula, count: group.count, energy: mean(group.compactMap(\.energyError)),
                force: mean(group.flatMap(\.forceErrors).flatMap { [abs($0.x), abs($0.y), abs($0.z)] }))
        }
        let hasForces = errors.contains { $0.force != nil }
        func size(_ errors: FormulaErrors) -> Double {
            let error = (hasForces ? errors.force : errors.energy) ?? -1
            return error.isNaN ? .infinity : error
        }
        return errors.sorted { (size($1), $0.formula) < (size($0), $1.formula) }
    }
}
