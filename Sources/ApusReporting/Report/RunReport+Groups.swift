import ApusChemistry
import ApusSystem

extension RunReport {
    /// Errors of some parts by element, size of the molecule and size of the force.
    func groups(_ parts: [Part]) -> Markup {
        let series = parts.map { (name: $0.name, color: color($0)) }
        func chart(_ groups: [BarChart.Group], _ xTitle: String, _ yTitle: String, _ unit: String) -> [Markup]? {
            BarChart(series: series, groups: groups, xTitle: xTitle, yTitle: yTitle, unit: unit).drawing
        }
        let charts: [(String, [Markup]?)] = [
            ("Force by element", chart(forcesByElement(parts), "element", "MAE", forceUnit)),
            ("Force by size of the reference", chart(forcesBySize(parts), "|F| [\(forceUnit)]", "MAE", forceUnit)),
            ("Energy per atom by size of the molecule", chart(energiesByAtoms(parts), "atoms", "MAE", energyUnit)),
            ("Force by size of the molecule", chart(forcesByAtoms(parts), "atoms", "MAE", forceUnit)),
        ]
        let drawn = charts.compactMap { title, content in content.map { (title: title, content: $0) } }
        return .section(
            "Where the errors are", note: "Mean absolute errors; those of forces are of the components.",
            drawn.isEmpty ? [] : [.cards(drawn, inPairs: true)])
    }

    /// Absolute errors of all force components of each element.
    func forcesByElement(_ parts: [Part]) -> [BarChart.Group] {
        var means = Means<Element>(parts: parts.count)
        forEachAtom(of: parts) { part, _, element, reference, error in means.add(error, to: element, part) }
        return means.groups(means.keys.sorted().map { ($0.symbol, [$0]) })
    }

    /// Absolute errors of force components by the norm of the reference, in ten ranges of equal width or fewer.
    func forcesBySize(_ parts: [Part]) -> [BarChart.Group] {
        var largest = 0.0
        forEachAtom(of: parts) { _, _, _, reference, _ in
            largest = max(largest, (reference * reference).sum().squareRoot())
        }
        guard largest > 0 else { return [] }
        let step = AxisScale.step(largest, count: 10)
        var means = Means<Int>(parts: parts.count)
        forEachAtom(of: parts) { part, _, _, reference, error in
            means.add(error, to: Int(saturating: (reference * reference).sum().squareRoot() / step), part)
        }
        return means.groups(
            means.keys.sorted().map { key in
                let (low, high) = (Double(key) * step, Double(key + 1) * step)
                return ("\(shortText(low))–\(shortText(high))", [key])
            })
    }

    /// Absolute errors of energies per atom by the number of atoms.
    func energiesByAtoms(_ parts: [Part]) -> [BarChart.Group] {
        var means = Means<Int>(parts: parts.count)
        for (index, part) in parts.enumerated() {
            for configuration in part.configurations {
                guard let energy = configuration.energy else { continue }
                means.add(energy.prediction - energy.reference, to: configuration.elements.count, index)
            }
        }
        return means.groups(sizeGroups(means.keys))
    }

    /// Absolute errors of force components by the number of atoms.
    func forcesByAtoms(_ parts: [Part]) -> [BarChart.Group] {
        var means = Means<Int>(parts: parts.count)
        forEachAtom(of: parts) { part, configuration, _, _, error in
            means.add(error, to: configuration.elements.count, part)
        }
        return means.groups(sizeGroups(means.keys))
    }

    /// Every number of atoms by itself, or ranges of equal width where there are many.
    private func sizeGroups(_ sizes: Set<Int>) -> [(String, [Int])] {
        guard let low = sizes.min(), let high = sizes.max() else { return [] }
        guard sizes.count > 16 else { return sizes.sorted().map { ("\($0)", [$0]) } }
        let step = max(1, Int(saturating: AxisScale.step(Double(high - low), count: 12)))
        return Dictionary(grouping: sizes) { $0 / step }.sorted { $0.key < $1.key }.map { key, sizes in
            ("\(key * step)–\((key + 1) * step - 1)", sizes)
        }
    }

    /// Calls a function with the part, the configuration, the element, the reference and the error of each force.
    private func forEachAtom(
        of parts: [Part], _ body: (Int, Configuration, Element, SIMD3<Double>, SIMD3<Double>) -> Void
    ) {
        for (index, part) in parts.enumerated() {
            for configuration in part.configurations {
                guard let forces = configuration.forces else { continue }
                for (atom, element) in configuration.elements.enumerated() {
                    let reference = forces.reference[atom]
                    body(index, configuration, element, reference, forces.prediction[atom] - reference)
                }
            }
        }
    }

    private func shortText(_ value: Double) -> String {
        let text = numberText(value, significantDigits: 3)
        guard text.contains("."), !text.contains("e") else { return text }
        return String(String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }).reversed())
    }
}

/// Sums of absolute errors by a key and the part of the data.
private struct Means<Key: Hashable> {
    private var sums: [Key: [(sum: Double, count: Int)]] = [:]
    private let parts: Int

    init(parts: Int) { self.parts = parts }

    var keys: Set<Key> { Set(sums.keys) }

    mutating func add(_ error: Double, to key: Key, _ part: Int) {
        sums[key, default: [(sum: Double, count: Int)](repeating: (0, 0), count: parts)][part].sum += abs(error)
        sums[key]![part].count += 1
    }

    mutating func add(_ error: SIMD3<Double>, to key: Key, _ part: Int) {
        for component in 0..<3 { add(error[component], to: key, part) }
    }

    /// The means of keys that are shown together.
    func groups(_ groups: [(name: String, keys: [Key])]) -> [BarChart.Group] {
        groups.map { name, keys in
            let bars = (0..<parts).map { part -> BarChart.Bar? in
                let (sum, count) = keys.compactMap { sums[$0]?[part] }.reduce((0.0, 0)) {
                    ($0.0 + $1.sum, $0.1 + $1.count)
                }
                return count > 0 ? BarChart.Bar(mean: sum / Double(count), count: count) : nil
            }
            return BarChart.Group(name: name, bars: bars)
        }
    }
}
