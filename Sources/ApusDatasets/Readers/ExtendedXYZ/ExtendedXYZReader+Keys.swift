import ApusChemistry
import ApusFiles
import ApusFormats

extension ExtendedXYZReader {
    /// Finds out which key or column of a file holds which property, while its frames go by.
    struct KeyChoice {
        let options: ReadingOptions
        private let path: String
        private var columns: [String] = []
        private var info: [String] = []
        private var seen: Set<String> = []
        private var chosen: [Property: String] = [:]
        private var counts: [Property: Int] = [:]
        private var lastNames: [String] = []
        private var lastKeys: [Property: String] = [:]
        /// The labels of the last frame whose keys contradict each other and that are not needed, with the reason.
        private(set) var leftOut: [Property: ApusError] = [:]
        private var lastLeftOut: [Property: ApusError] = [:]
        private var rivals: [(property: Property, first: String, other: String)] = []
        /// Whether the forces of the file are gradients by their name.
        private(set) var hasGradients = false

        /// The names under which programs write a property, in the order in which they are tried.
        private static let usualKeys: [Property: [String]] = [
            .atomicNumbers: ["species", "Z", "numbers", "atomic_numbers"], .positions: ["pos", "positions"],
            .energy: ["energy", "REF_energy", "Energy", "energy_xtb"],
            .forces: ["forces", "force", "REF_forces", "Forces", "forces_xtb"],
            .stress: ["stress", "REF_stress", "stresses"], .virial: ["virial", "virials", "REF_virial", "REF_virials"],
            .totalCharge: ["total_charge", "charge"],
            .spinMultiplicity: ["spin_multiplicity", "multiplicity", "mult", spinKey],
            .dipole: ["dipole", "dipole_moment"], .quadrupole: ["quadrupole", "quadrupole_moment"],
            .charges: ["charges", "charge", "partial_charges", "mulliken_charges", "mbi_charges"],
            .atomicSpinMultiplicities: ["spin_multiplicities"], .atomicEnergies: ["energies", "atomic_energies"],
            .forceMask: ["force_mask", "move_mask"], .configurationWeight: ["config_weight"],
        ]
        /// A name of the multiplicity that other programs use for S or 2S.
        static let spinKey = "spin"
        /// The names of gradients, which are looked for where there are no forces.
        private static let gradientKeys = ["gradient", "gradients"]

        init(options: ReadingOptions, path: String) {
            (self.options, self.path) = (options, path)
        }

        /// The keys of the properties that a frame has.
        ///
        /// - Throws: `ApusError` when the elements or positions are missing, and when two usual keys contradict
        ///   each other.
        mutating func keys(of frame: ExtendedXYZ.Frame, at place: Configuration.Place) throws -> [Property: String] {
            let names = frame.columns.map(\.name) + frame.info.map(\.key)
            if names != lastNames { try takeUp(frame, names, at: place) }
            leftOut = lastLeftOut
            for (property, first, other) in rivals where !frame.hasSame(first, other, for: property) {
                let reason = contradiction(property, first, other, "differ", at: place)
                guard !options.needs(property) else { throw reason }
                leftOut[property] = reason
            }
            for (property, key) in lastKeys where !property.isColumn && frame.repeats(key) {
                let reason = place.error(
                    "the key '\(key)' of the \(property.name) occurs twice, with different values",
                    remedy: "correct or remove one of them")
                guard !options.needs(property) else { throw reason }
                leftOut[property] = reason
            }
            for property in lastKeys.keys { counts[property, default: 0] += 1 }
            return lastKeys.filter { leftOut[$0.key] == nil }
        }

        private mutating func takeUp(
            _ frame: ExtendedXYZ.Frame, _ names: [String], at place: Configuration.Place
        ) throws {
            for column in frame.columns where seen.insert("column " + column.name).inserted {
                columns.append(column.name)
            }
            for pair in frame.info where seen.insert("key " + pair.key).inserted {
                if pair.key == CommentEnergy.key, CommentEnergy(pair.value.text) == nil { continue }
                info.append(pair.key)
            }
            lastKeys = [:]
            lastLeftOut = [:]
            rivals = []
            for property in options.properties {
                if let assigned = options.assignment[property] {
                    if frame.has(assigned, for: property) { lastKeys[property] = assigned }
                } else {
                    do { lastKeys[property] = try usual(property, in: frame, at: place) } catch let reason as ApusError
                        where !options.needs(property)
                    {
                        lastLeftOut[property] = reason
                        lastKeys[property] = chosen[property]
                    }
                }
            }
            if lastKeys[.forces] == nil, options.looksFor(.forces), options.assignment[.forces] == nil,
                let key = Self.gradientKeys.first(where: { frame.has($0, for: .forces) })
            {
                lastKeys[.forces] = key
            }
            try refuseLooseUnit(frame, at: place)
            if let key = lastKeys[.forces] {
                let isGradient = Self.gradientKeys.contains(key.lowercased())
                guard counts[.forces] == nil || isGradient == hasGradients else {
                    throw contradiction(.forces, chosen[.forces] ?? "", key, "are not both there", at: place)
                }
                hasGradients = isGradient
            }
            chosen.merge(lastKeys) { first, _ in first }
            for property in [Property.atomicNumbers, .positions] where lastKeys[property] == nil {
                throw try missing(property, at: place)
            }
            lastNames = names
        }

        /// A unit that stands alone behind a number, as in `energy=-76.4 Ha`, says nothing to a reader of keys.
        private func refuseLooseUnit(_ frame: ExtendedXYZ.Frame, at place: Configuration.Place) throws {
            for (number, word) in zip(frame.info, frame.info.dropFirst()) where word.value == .logical(true) {
                guard let property = lastKeys.first(where: { $0.value == number.key && !$0.key.isColumn })?.key,
                    let unit = try? Unit(word.key), unit.dimension == property.dimension, !property.isWhole,
                    options.needs(property), options.sourceUnits[property.dimension] != unit
                else { continue }
                throw place.error(
                    "the unit '\(word.key)' stands alone behind the \(property.name), where it is not read",
                    remedy: "write \(property.dimension)_unit=\(word.key) in its place, or state it with "
                        + options.names.unit(property.dimension))
            }
        }

        /// The usual key of a property in a frame; all frames must use the same.
        private mutating func usual(
            _ property: Property, in frame: ExtendedXYZ.Frame, at place: Configuration.Place
        ) throws -> String? {
            let names = property.isColumn ? frame.columns.map(\.name) : frame.info.map(\.key)
            var found = property.keys(named: Self.usualKeys[property, default: []], among: names)
            if property == .spinMultiplicity, chosen[property] != Self.spinKey, !frame.statesMultiplicity {
                found.removeAll { $0 == Self.spinKey }
            }
            guard let first = found.first else { return nil }
            let key = chosen[property] ?? first
            // Two keys are fine only as long as it makes no difference which of them is read.
            guard found.contains(key) else {
                throw contradiction(property, key, first, "are not both there", at: place)
            }
            rivals += found.filter { $0 != key }.map { (property, key, $0) }
            return key
        }

        /// Makes sure that every assigned key occurred; to be called after the last frame.
        ///
        /// - Throws: `ApusError` of kind `configuration`.
        func requireAssignedKeys() throws {
            for property in options.properties {
                guard let key = options.assignment[property], !key.isEmpty, counts[property] == nil else { continue }
                throw unassigned(key, property)
            }
        }

        /// How many frames have a property, and the key of it.
        var found: [(property: Property, key: String, count: Int)] {
            options.properties.compactMap { property in
                chosen[property].map { (property, $0, counts[property, default: 0]) }
            }
        }

        /// The names of all columns.
        var columnNames: Set<String> { Set(columns) }

        /// The names that no property was taken from, apart from some.
        func unusedNames(except others: Set<String>) -> [String] {
            let used = Set(chosen.values).union(others)
            return (columns + info).filter { !used.contains($0) }
        }

        private func missing(_ property: Property, at place: Configuration.Place) throws -> ApusError {
            if let key = options.assignment[property] { return unassigned(key, property) }
            guard place.frame == 1 else {
                let noun = property == .positions ? "positions" : "column with the elements"
                return place.error("the frame has no \(noun)", remedy: "complete it or remove it")
            }
            let names = Self.usualKeys[property, default: []].map { "'\($0)'" }.joined(separator: ", ")
            return place.error(
                "there is no column with the \(property.name), looked for as \(names)",
                remedy: "name it in 'Properties', or with \(options.names.assignment(property))")
        }

        private func unassigned(_ key: String, _ property: Property) -> ApusError {
            let candidates = property.isColumn ? columns : info
            let kind = property.isColumn ? "column" : "key"
            return options.names.error(
                assigning: property, file: path, "no frame has a \(kind) '\(key)'",
                remedy: candidates.isEmpty ? "there is none at all" : "there are \(candidates.joined(separator: ", "))")
        }

        private func contradiction(
            _ property: Property, _ first: String, _ other: String, _ difference: String, at place: Configuration.Place
        ) -> ApusError {
            place.error(
                "both '\(first)' and '\(other)' of this file could be the \(property.name), and in this frame "
                    + "they \(difference)",
                remedy: "choose one with \(options.names.assignment(property))")
        }
    }
}

extension Property {
    /// Whether the property stands in the atom lines and not in the comment line.
    var isColumn: Bool { owner == .atom }
}

extension ExtendedXYZ.Frame {
    /// Whether the frame has a key that can hold a property.
    func has(_ key: String, for property: Property) -> Bool {
        property.isColumn ? column(key) != nil : self[info: key] != nil
    }

    /// Whether the key `spin` holds a multiplicity, which is whole and positive.
    fileprivate var statesMultiplicity: Bool {
        self[info: ExtendedXYZReader.KeyChoice.spinKey]?.real.flatMap { Int(exactly: $0) } ?? 0 > 0
    }

    fileprivate func hasSame(_ first: String, _ second: String, for property: Property) -> Bool {
        property.isColumn
            ? agree(column(first)?.reals, column(second)?.reals)
            : self[info: first] == self[info: second] || agree(self[info: first]?.reals, self[info: second]?.reals)
    }

    /// Whether a key of the comment line occurs with different values.
    fileprivate func repeats(_ key: String) -> Bool {
        let values = info.filter { $0.key == key }.map(\.value)
        return values.dropFirst().contains { $0 != values[0] && !agree($0.reals, values[0].reals) }
    }
}

/// Whether two lists of numbers are equal within the digits that the shorter of them has, of which there must be six, or
/// within what makes a number whole.
func agree(_ first: [Double]?, _ second: [Double]?) -> Bool {
    guard let first, let second, first.count == second.count else { return false }
    return zip(first, second).allSatisfy { a, b in
        a == b || abs(a - b) <= 1e-6 || abs(a - b) <= 5e-6 * max(abs(a), abs(b)) && isRounding(a, of: b)
    }
}

/// Whether one number is the other with fewer digits.
private func isRounding(_ first: Double, of second: Double) -> Bool {
    /// Half a unit of the last digit that is printed.
    func half(_ value: Double) -> Double {
        let text = "\(value)"
        guard !text.contains("e"), let point = text.firstIndex(of: ".") else { return 0 }
        var unit = 0.5
        for _ in text[text.index(after: point)...] { unit /= 10 }
        return unit
    }
    return abs(first - second) <= 1.001 * max(half(first), half(second))
}
