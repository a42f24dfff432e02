import ApusChemistry
import ApusFiles
import ApusSystem

/// The values of one configuration as they stand in a file, in the units of the file.
struct SourceFrame {
    /// The atomic number of each atom.
    var numbers: [Int]
    /// The position of each atom.
    var positions: [SIMD3<Double>]
    /// Everything else, total charge and spin multiplicity included; atom by atom and row by row.
    var labels: [Property: [Double]] = [:]
    /// Labels that do not fit and are not needed, with the reason.
    var leftOut: [Property: ApusError] = [:]
    /// The cell, where there is one.
    var cell: Cell?
    /// The name of the molecule; nil where the file does not say.
    var record: String?
    /// Where the values stand.
    var place: Configuration.Place

    /// Three lattice vectors, and whether the system repeats along each.
    struct Cell {
        var vectors: [SIMD3<Double>]
        var isPeriodicAlong: [Bool]

        /// The nine numbers of three vectors; nil for zeros, which stand for no cell.
        init?(_ numbers: some RandomAccessCollection<Double>, isPeriodicAlong: [Bool]) {
            guard numbers.count == 9, numbers.contains(where: { $0 != 0 }) || isPeriodicAlong.contains(true) else {
                return nil
            }
            vectors = ApusDatasets.vectors(numbers)
            self.isPeriodicAlong = isPeriodicAlong
        }
    }
}

/// Converts what stands in a file into the units of the data set, and refuses what no reference value can be.
struct ConfigurationBuilder {
    private let source: SourceUnits
    private let units: UnitSystem
    private let options: ReadingOptions
    /// What did not fit so far.
    private(set) var leftOut = LeftOutLabels()
    /// How many labels were not a number, and taken as missing, and the first of them.
    private var missing: [Property: (count: Int, first: Configuration.Place)] = [:]
    private var factors: [Property: Double] = [:]
    /// Atoms closer than this are on one point; neighbours are searched with the same bound later.
    private let minimumDistance = NeighborPairs.defaultMinimumDistance
    private var pairs = NeighborPairs()
    private var lastFormula: (numbers: [Int], charge: Int, text: String)?

    /// Prepares the conversion.
    init(from source: SourceUnits, _ options: ReadingOptions) {
        self.source = source
        self.options = options
        units = options.units
    }

    /// What a reader tells, less the labels that were missing or did not fit, with what the user said in vain.
    func completed(_ interpretation: Interpretation) -> Interpretation {
        var told = leftOut.removed(from: interpretation.without(missing))
        for dimension in options.sourceUnits.keys.sorted(by: { "\($0)" < "\($1)" })
        where dimension != .length && dimension != .energy {
            let properties = options.properties.filter { $0.dimension == dimension }
            guard !properties.isEmpty, !properties.contains(where: { interpretation[$0] != nil }) else { continue }
            let isOfVirial = dimension == .stress && interpretation[.virial] != nil
            told.notes.append(
                "\(options.names.unit(dimension)) has no effect, because the file has no "
                    + properties.map(\.name).joined(separator: " or ")
                    + (isOfVirial ? "; its virials are energies, in the unit of these" : ""))
        }
        return told
    }

    /// Converts and checks one frame.
    ///
    /// - Throws: `ApusError` for a number that is not finite or not whole where it must be, for a label that does
    ///   not fit the atoms, an unknown element, and atoms on one point.
    mutating func configuration(_ frame: SourceFrame) throws -> Configuration {
        var frame = frame
        if options.marksMissingLabels {
            for (property, values) in frame.labels where values.contains(where: \.isNaN) {
                frame.labels[property] = nil
                missing[property, default: (0, frame.place)].count += 1
            }
        }
        frame = try checked(frame)
        for (property, reason) in frame.leftOut { leftOut.add(property, reason) }
        let length = try factor(.positions)
        let multiplicity = whole(.spinMultiplicity, frame)
        let cell = try frame.cell.map { try converted($0, length, frame.place) }
        let system: AtomicSystem
        do throws(AtomicSystemError) {
            system = try AtomicSystem(
                numbers: frame.numbers, positions: length == 1 ? frame.positions : frame.positions.map { $0 * length },
                cell: cell, charge: whole(.totalCharge, frame) ?? 0, spinMultiplicity: multiplicity)
            pairs.removeAll()
            try pairs.append(system, cutoff: 2 * minimumDistance, minimumDistance: minimumDistance)
        } catch .atomsCoincide(let first, let second, let elements, let distance) {
            throw frame.place.error(
                "the atoms \(first) (\(elements[0])) and \(second) (\(elements[1])), counted from 0, are "
                    + "\(distance) \(units.length.symbol) apart, which is as good as on one point",
                remedy: "remove one of them or correct its position")
        } catch .imagesCoincide(let first, let second, let elements, let image, let distance) {
            throw frame.place.error(
                "the atom \(first) (\(elements[0])) and the image of atom \(second) (\(elements[1])), counted from 0, in the "
                    + "cell (\(image.x), \(image.y), \(image.z)) are \(distance) \(units.length.symbol) apart, which is as "
                    + "good as on one point",
                remedy: first == second
                    ? "correct the lattice vectors or their unit"
                    : "remove one of them, or correct its position or the lattice vectors")
        } catch {
            throw frame.place.error("\(error)")
        }
        var labels: [Property: [Double]] = [:]
        for (property, values) in frame.labels {
            let factor = try factor(property)
            let exact = property.isWhole ? values.map { $0.rounded() } : values
            labels[property] = factor == 1 ? exact : exact.map { $0 * factor }
        }
        try checkSizes(system, labels, frame.place)
        try keepStress(of: system, &labels, frame.place)
        return Configuration(
            system: system, record: frame.record ?? formula(of: system), labels: labels, place: frame.place)
    }

    /// A cell in the unit of the data set.
    ///
    /// - Throws: `ApusError` that names the lattice vectors, as they stand in the file.
    private func converted(_ found: SourceFrame.Cell, _ length: Double, _ place: Configuration.Place) throws -> Cell {
        func refuse(_ rule: String, _ remedy: String) -> ApusError {
            let vectors = found.vectors.map { "(\($0.x), \($0.y), \($0.z))" }.joined(separator: ", ")
            return place.error("\(rule), but the lattice vectors are \(vectors)", remedy: remedy)
        }
        let flags = "make the system not periodic along them"
        let cell: Cell
        do throws(AtomicSystemError) {
            cell = try Cell(vectors: found.vectors.map { $0 * length }, isPeriodicAlong: found.isPeriodicAlong)
        } catch {
            switch error {
            case .latticeVectorZero(let axis):
                throw refuse(
                    "the system is periodic along \(["a", "b", "c"][axis]), which must not be zero",
                    "give the vector, or make the system not periodic along it")
            case .flatCell:
                throw refuse(
                    "the lattice vectors of the periodic directions must enclose a volume and not lie in one plane or "
                        + "on one line", "correct them, or \(flags)")
            default:
                throw refuse("the components of lattice vectors must be numbers up to 1e9 in size", "correct them")
            }
        }
        guard Plausible.isPossible(cell) else {
            throw refuse(
                "the components of lattice vectors must be numbers up to 1e9 in size, and their volume at least 1e-20",
                "correct them or their unit")
        }
        return cell
    }

    /// Keeps the stress of a system with a volume, which is −W/V of a virial W: of the two, the stress is stored.
    ///
    /// What a system without volume has is left out, where labels may be missing.
    ///
    /// - Throws: `ApusError` about a stress or virial of a system without volume, and about a virial that contradicts the
    ///   stress beside it, where these are needed.
    private mutating func keepStress(
        of system: AtomicSystem, _ labels: inout [Property: [Double]], _ place: Configuration.Place
    ) throws {
        guard let property = [Property.virial, .stress].first(where: { labels[$0] != nil }) else { return }
        let (stress, virial) = (labels[.stress], labels.removeValue(forKey: .virial))
        var reason: ApusError?
        var isNeeded = options.needs(property)
        if let volume = system.volume {
            let made = virial?.map { -$0 / volume }
            labels[.stress] = stress ?? made
            if let stress, let made {
                let size = stress.reduce(0) { max($0, abs($1)) }
                // Printed with four digits and more.
                let differs = zip(stress, made).contains { abs($0 - $1) > max(1e-3 * size, 1e-8) }
                reason =
                    !differs
                    ? nil
                    : place.error(
                        "the virial is not −V times the stress, as it is in the signs of ASE",
                        remedy: "leave one of them out with \(options.names.omission(of: .stress)) or with "
                            + options.names.omission(of: .virial))
            }
        } else {
            labels[.stress] = nil
            isNeeded = isNeeded && !options.marksMissingLabels
            reason = place.error(
                "there is a \(property.name), but no periodic cell with a volume",
                remedy: "add the cell, or "
                    + (options.names.missing(property)
                        ?? "leave the \(property.name) out with \(options.names.omission(of: property))"))
        }
        guard let reason else { return }
        guard !isNeeded else { throw reason }
        leftOut.add(property, reason)
    }

    /// The formula, which is written once for systems of equal atoms that follow each other.
    private mutating func formula(of system: AtomicSystem) -> String {
        if let last = lastFormula, last.charge == system.charge, last.numbers == system.numbers { return last.text }
        let text = system.formula
        lastFormula = (system.numbers, system.charge, text)
        return text
    }

    /// What a number of a property is multiplied by.
    private mutating func factor(_ property: Property) throws(UnitError) -> Double {
        if let known = factors[property] { return known }
        let factor = try source.unit(of: property).factor(to: units.unit(of: property)) * source.sign(of: property)
        factors[property] = factor
        return factor
    }

    private func whole(_ property: Property, _ frame: SourceFrame) -> Int? {
        frame.labels[property].map { Int(saturating: $0[0].rounded()) }
    }

    /// Refuses finite numbers that overflow in what is made of them later.
    private func checkSizes(_ system: AtomicSystem, _ labels: [Property: [Double]], _ place: Configuration.Place) throws
    {
        func refuse(_ property: Property, _ value: Double) throws {
            throw place.error(
                "the \(property.name) must be at most \(Plausible.words(for: property)) in size, but \(value) "
                    + "\(units.unit(of: property).symbol) was found", remedy: "correct the value or its unit")
        }
        let farthest = Plausible.limit(of: .positions)
        for position in system.positions {
            let size = max(abs(position.x), abs(position.y), abs(position.z))
            if size > farthest { try refuse(.positions, size) }
        }
        for (property, values) in labels {
            let limit = Plausible.limit(of: property)
            if let value = values.first(where: { abs($0) > limit }) { try refuse(property, value) }
        }
    }

    /// The frame without labels that do not fit and are not needed.
    ///
    /// - Throws: `ApusError` about a number or label that is needed.
    private func checked(_ frame: SourceFrame) throws -> SourceFrame {
        try checkWeights(frame)
        do {
            try checkLabels(frame, frame.labels)
            return frame
        } catch {
            var kept = frame
            for (property, values) in frame.labels where !options.needs(property) {
                do { try checkLabels(frame, [property: values]) } catch let reason as ApusError {
                    kept.labels[property] = nil
                    kept.leftOut[property] = reason
                }
            }
            try checkLabels(kept, kept.labels)
            return kept
        }
    }

    /// Refuses masks and weights that mean nothing: they decide what is trained on, and are never left out silently.
    private func checkWeights(_ frame: SourceFrame) throws {
        if let mask = frame.labels[.forceMask], let atom = mask.firstIndex(where: { $0 != 0 && $0 != 1 }) {
            throw frame.place.error(
                "the mask of the force on atom \(atom) (counted from 0) must be 0 or 1, but it is \(mask[atom])",
                remedy: "correct the value, or leave it out with \(options.names.omission(of: .forceMask))")
        }
        if let weight = frame.labels[.configurationWeight]?.first, weight < 0 {
            throw frame.place.error(
                "the weight of the configuration must not be negative, but it is \(weight)",
                remedy: "correct the value or remove the frame")
        }
    }

    private func checkLabels(_ frame: SourceFrame, _ labels: [Property: [Double]]) throws {
        func check(_ property: Property, _ value: Double, atom: Int?) throws {
            let owner = atom.map { " of atom \($0) (counted from 0)" } ?? ""
            guard value.isFinite else {
                throw frame.place.error(
                    "the \(property.name)\(owner) must be finite, but \(value) was found",
                    remedy: "correct the value or remove the frame"
                        + (value.isNaN && property != .positions
                            ? options.names.missing(property).map { ", or \($0)" } ?? "" : ""))
            }
            guard !property.isWhole || isWhole(value) else {
                throw frame.place.error(
                    "the \(property.name)\(owner) must be a whole number, but \(value) was found",
                    remedy: "correct the value or remove the frame")
            }
        }
        for (atom, vector) in frame.positions.enumerated() where !vector.sum().isFinite {
            for component in 0..<3 { try check(.positions, vector[component], atom: atom) }
        }
        for (property, values) in labels.sorted(by: { $0.key.key < $1.key.key }) {
            let count = property.count(atoms: frame.numbers.count)
            guard values.count == count else {
                throw frame.place.error(
                    "the \(property.name) of \(frame.numbers.count) atoms must be \(count) numbers, but there are "
                        + "\(values.count)", remedy: "correct or remove the frame")
            }
            // The sum of finite numbers tells that all are, except for numbers that nothing can be.
            guard property.isWhole || !values.reduce(0, +).isFinite else { continue }
            for (index, value) in values.enumerated() {
                try check(property, value, atom: property.owner == .atom ? index / property.components : nil)
            }
        }
    }
}

/// Whether a number is whole but for the rounding of sums such as those of partial charges.
func isWhole(_ value: Double) -> Bool { abs(value) < 1e9 && abs(value - value.rounded()) <= 1e-4 }

/// Groups numbers by threes.
func vectors(_ numbers: some RandomAccessCollection<Double>) -> [SIMD3<Double>] {
    var vectors: [SIMD3<Double>] = []
    vectors.reserveCapacity(numbers.count / 3)
    var index = numbers.startIndex
    for _ in 0..<numbers.count / 3 {
        let (y, z) = (numbers.index(after: index), numbers.index(index, offsetBy: 2))
        vectors.append(SIMD3(numbers[index], numbers[y], numbers[z]))
        index = numbers.index(after: z)
    }
    return vectors
}
