/// The compositions that are linear combinations of some others, as vectors of numbers of atoms by element.
///
/// A fit of one energy for each element to total energies determines Σ_Z n_Z E_Z for compositions n in the span of
/// those that were fitted, and for no other.
public struct CompositionSpan: Sendable, Equatable {
    /// A vector whose part beyond the span is below this fraction of its length is in the span.
    ///
    /// Numbers of atoms are whole: parts beyond it are of order 1, or 10⁻⁶ of molecules of a million atoms; rounding is
    /// 10⁻¹⁶.
    private static let tolerance = 1e-8

    /// The elements, ascending.
    public let elements: [Element]
    /// Linearly independent compositions that span all, in the order of their insertion.
    public private(set) var compositions: [[Element: Int]] = []
    /// The same made orthonormal.
    private var directions: [[Double]] = []

    /// The span of nothing.
    public init(elements: some Sequence<Element>) { self.elements = elements.sorted() }

    /// Whether every composition of the elements is in the span.
    public var isComplete: Bool { compositions.count == elements.count }

    /// Widens the span by a composition, unless this is in it.
    ///
    /// - Precondition: all its elements are among those of the span.
    public mutating func insert(_ composition: [Element: Int]) {
        guard !isComplete, let direction = directionBeyond(composition) else { return }
        compositions.append(composition)
        directions.append(direction)
    }

    /// Whether a composition is in the span; never where it has other elements.
    public func contains(_ composition: [Element: Int]) -> Bool {
        composition.keys.allSatisfy(elements.contains) && (isComplete || directionBeyond(composition) == nil)
    }

    /// The direction of the part that is orthogonal to the span; nil where there is none.
    private func directionBeyond(_ composition: [Element: Int]) -> [Double]? {
        var vector = elements.map { Double(composition[$0] ?? 0) }
        func length() -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let whole = length()
        // A second pass takes away what rounding of the first has left.
        for _ in 0..<2 {
            for direction in directions {
                let product = zip(vector, direction).reduce(0) { $0 + $1.0 * $1.1 }
                for k in vector.indices { vector[k] -= product * direction[k] }
            }
        }
        let rest = length()
        return rest > Self.tolerance * whole ? vector.map { $0 / rest } : nil
    }
}
