/// The energy in a comment line that is not made of keys and values, as programs write it beside optimised geometries.
///
/// It is the number after a label such as `E` or `energy:`, or else the only number:
///
///     -11.3476238274 converged=true
///     Coordinates from ORCA-job job E -11.347623827397
///      energy: -11.347623827397 gnorm: 0.0123 xtb: 6.6.1
struct CommentEnergy {
    /// The key under which extended XYZ has the whole comment line.
    static let key = "comment"
    /// The number.
    let value: Double

    private static let labels: Set<String> = ["e", "energy", "etot", "e_tot"]

    /// Finds the energy; nil where it is not clear which number it is.
    init?(_ comment: String) {
        let words = comment.split { $0.isWhitespace || "=:,".contains($0) }
        let labelled = zip(words, words.dropFirst()).filter { Self.labels.contains($0.0.lowercased()) }
            .compactMap { Double($0.1) }
        let numbers = words.compactMap { Double($0) }
        guard let number = labelled.count == 1 ? labelled[0] : numbers.count == 1 ? numbers[0] : nil, number.isFinite
        else { return nil }
        value = number
    }
}
