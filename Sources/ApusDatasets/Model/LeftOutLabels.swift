import ApusChemistry
import ApusFiles

/// Labels that do not fit and that nobody needs: counted, and told in a line each.
struct LeftOutLabels {
    private var found: [Property: (count: Int, first: ApusError)] = [:]

    /// Takes up what was left out of a configuration.
    mutating func add(_ property: Property, _ reason: ApusError) {
        found[property, default: (0, reason)].count += 1
    }

    /// What was taken from a file, without what was left out.
    func removed(from interpretation: Interpretation) -> Interpretation {
        guard !found.isEmpty else { return interpretation }
        let entries = interpretation.entries.compactMap { entry -> Interpretation.Entry? in
            guard let left = found[entry.property]?.count else { return entry }
            return entry.count > left ? entry.counting(entry.count - left) : nil
        }
        let lines = found.sorted { $0.key.key < $1.key.key }.map { property, left in
            let place = left.first.place.map { ", first \($0)" } ?? ""
            return "left out: \(property.name) of \(left.count) of \(interpretation.count) configurations\(place): "
                + left.first.problem
        }
        var kept = interpretation.with(entries: entries)
        kept.leftOut += lines
        return kept
    }
}
