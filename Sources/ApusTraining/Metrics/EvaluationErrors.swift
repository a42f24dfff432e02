import ApusChemistry

/// The errors of a model on a part of the data.
public struct EvaluationErrors: Codable, Sendable, Equatable {
    /// The errors of each property, pooled over all its numbers.
    public private(set) var byProperty: [Property: ErrorStatistics] = [:]
    /// Errors of the energies divided by the number of atoms.
    public private(set) var energyPerAtom = ErrorStatistics()
    /// Errors of the force components of each element; the position is the atomic number.
    private var elementForces = [ErrorStatistics](repeating: ErrorStatistics(), count: Element.all.count + 1)
    private var sums: [String: Sum] = [:]
    /// How the errors of each property are distributed, those of energies divided by the number of atoms; nil where
    /// nobody asked.
    public private(set) var histograms: [Property: ErrorHistogram]?
    /// The samples whose energies per atom have errors far from the others; nil where nobody asked.
    public private(set) var outliers: Outliers?

    // Only errors of the training part, which are not asked for their distribution, are ever saved.
    private enum CodingKeys: String, CodingKey { case byProperty, energyPerAtom, elementForces, sums, outliers }

    /// The values of a loss component, added up.
    private struct Sum: Codable, Sendable {
        var systems = 0.0
        var total = 0.0
        /// The weight of what a potential adds to the loss; nil for components, whose weights the loss knows.
        var weight: Double?

        /// Its part of the loss.
        var auxiliary: Double { (weight ?? 0) * total / systems }
    }

    /// Nothing compared yet.
    ///
    /// - Parameters:
    ///   - hasHistograms: Whether distributions are counted.
    ///   - hasOutliers: Whether outliers are looked for.
    public init(hasHistograms: Bool = false, hasOutliers: Bool = false) {
        histograms = hasHistograms ? [:] : nil
        outliers = hasOutliers ? Outliers() : nil
    }

    /// Compares the prediction of a property for a sample with its label, where it has one.
    mutating func add(_ property: Property, predicted: ArraySlice<Double>, _ sample: Sample) {
        guard var reference = sample.labels[property] else { return }
        var predicted = predicted
        var numbers = sample.system.numbers
        if property == .forces, let mask = sample.forceMask {
            func free(_ values: some RandomAccessCollection<Double>) -> [Double] {
                zip(values, 0...).filter { mask[$0.1 / 3] != 0 }.map(\.0)
            }
            (reference, predicted) = (free(reference), free(predicted)[...])
            numbers = zip(numbers, mask).filter { $0.1 != 0 }.map(\.0)
        }
        // Taken out, so that it is not copied.
        var statistics = byProperty.removeValue(forKey: property) ?? ErrorStatistics()
        for (index, pair) in zip(predicted, reference).enumerated() {
            let group = property.group(ofNumber: index, numbers: numbers)
            statistics.add(pair.0, reference: pair.1, group: group)
        }
        byProperty[property] = statistics
        if histograms != nil {
            let divisor = property == .energy ? Double(sample.system.count) : 1
            histograms?[property, default: ErrorHistogram()].add(
                zip(predicted, reference).lazy.map { ($0 - $1) / divisor })
        }
        if property == .energy {
            let atoms = Double(sample.system.count)
            energyPerAtom.add(predicted.first! / atoms, reference: reference[0] / atoms)
            outliers?.add((predicted.first! - reference[0]) / atoms, of: sample.name)
        }
        guard property == .forces else { return }
        for (atom, number) in numbers.enumerated() {
            for component in 3 * atom..<3 * atom + 3 {
                elementForces[number].add(
                    predicted[predicted.startIndex + component], reference: reference[component])
            }
        }
    }

    /// Adds the errors of other samples. Chunks and ranks are merged in their order, so that the sums have the same bits
    /// wherever they were computed.
    public mutating func merge(_ other: EvaluationErrors) {
        byProperty.merge(other.byProperty) { $0.merged(with: $1) }
        energyPerAtom.merge(other.energyPerAtom)
        for number in elementForces.indices { elementForces[number].merge(other.elementForces[number]) }
        sums.merge(other.sums) { Sum(systems: $0.systems + $1.systems, total: $0.total + $1.total, weight: $0.weight) }
        for (property, histogram) in other.histograms ?? [:] {
            histograms?[property, default: ErrorHistogram()].merge(histogram)
        }
        if let found = other.outliers { outliers?.merge(found) }
    }

    /// Nothing compared yet, with the same that is looked for.
    var emptied: EvaluationErrors { EvaluationErrors(hasHistograms: histograms != nil, hasOutliers: outliers != nil) }

    /// Errors of the force components of each element, by atomic number.
    public var forceByElement: [Int: ErrorStatistics] {
        var errors: [Int: ErrorStatistics] = [:]
        for (number, statistics) in elementForces.enumerated() where statistics.count > 0 {
            errors[number] = statistics
        }
        return errors
    }

    /// Adds the value of a loss component for a system.
    mutating func add(_ term: LossTerm, _ value: Double) {
        sums[term.name, default: Sum()].systems += 1
        sums[term.name, default: Sum()].total += value
        if term.isAuxiliary { sums[term.name]?.weight = term.weight.target }
    }

    /// The mean of each loss component over the systems, by name.
    public var lossComponents: [String: Double] { sums.mapValues { $0.total / $0.systems } }

    /// The weighted sum of the components of a loss, with the weights of an epoch or those at the end, and of what the
    /// potential adds to it.
    public func total(_ loss: Loss, epoch: Int? = nil) -> Double {
        let auxiliary = sums.filter { $0.value.weight != nil }.sorted { $0.key < $1.key }.map(\.value.auxiliary)
        return zip(loss.terms, loss.weights(epoch: epoch)).reduce(auxiliary.reduce(0, +)) { total, term in
            total + term.1 * (sums[term.0.name].map { $0.total / $0.systems } ?? 0)
        }
    }

    /// Whether both hold the same numbers.
    public static func == (a: EvaluationErrors, b: EvaluationErrors) -> Bool {
        a.byProperty == b.byProperty && a.energyPerAtom == b.energyPerAtom && a.elementForces == b.elementForces
            && a.lossComponents == b.lossComponents && a.histograms == b.histograms && a.outliers == b.outliers
    }
}

extension Property {
    /// The group of a number of a value, whose mean over some samples is the trivial prediction for all of the group: the
    /// component of a vector or tensor of a system, of what atoms have also the element. Nil where there is one mean, as of
    /// energies, and for forces, for which zero is predicted.
    package func group(ofNumber index: Int, numbers: [Int]) -> Int? {
        guard self != .energy, self != .forces else { return nil }
        let component = index % components
        return owner == .atom ? numbers[index / components] * components + component : component
    }
}

extension EvaluationErrors {
    /// Errors under the name by which they are reported.
    public typealias Entry = (name: String, dimension: Dimension, errors: ErrorStatistics)

    /// All errors, in a fixed order: `per_system_energy`, `per_atom_energy`, the other properties, and forces by element
    /// as `per_atom_force/H`.
    public var entries: [Entry] {
        var entries: [Entry] = []
        let further = byProperty.keys.filter { !Property.allCases.contains($0) }.sorted { $0.target < $1.target }
        for property in Property.allCases + further {
            guard let errors = byProperty[property] else { continue }
            func add(_ quantity: Metric.Quantity, _ errors: ErrorStatistics) {
                entries.append((quantity.name, property.dimension, errors))
            }
            add(.property(property), errors)
            if property == .energy { add(.energyPerAtom, energyPerAtom) }
            guard property == .forces, elementForces.count(where: { $0.count > 0 }) > 1 else { continue }
            for element in Element.all {
                let errors = elementForces[element.atomicNumber]
                guard errors.count > 0 else { continue }
                add(.forces(on: element), errors)
            }
        }
        return entries
    }
}
