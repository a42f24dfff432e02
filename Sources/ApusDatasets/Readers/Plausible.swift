import ApusChemistry

/// What numbers of a data set may be at most, in any unit.
///
/// The limits lie far above all chemistry; they keep sums, products and other units of a number finite.
enum Plausible {
    /// The largest size of a number of a property.
    static func limit(of property: Property) -> Double {
        property == .positions ? 1e9 : property.isWhole ? 1e6 : 1e15
    }

    /// The limit as messages have it.
    static func words(for property: Property) -> String {
        property == .positions ? "1e9" : property.isWhole ? "1e6" : "1e15"
    }

    /// Whether a cell stays one in every unit.
    static func isPossible(_ cell: Cell) -> Bool {
        cell.vectors.allSatisfy { max(abs($0.x), abs($0.y), abs($0.z)) <= 1e9 }
            && (cell.volume >= 1e-20 || !cell.isPeriodicAlong.allSatisfy { $0 })
    }

    /// Whether the energy of an atom is a finite number whose sums cannot overflow.
    static func isPossible(selfEnergy: Double) -> Bool { abs(selfEnergy) <= limit(of: .energy) }
}
