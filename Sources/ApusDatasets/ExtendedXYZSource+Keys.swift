import ApusChemistry
import ApusFiles

extension ExtendedXYZSource {
    /// The names of columns and keys that occur in any frame, in the order of the file.
    struct Names {
        private(set) var columns: [String] = []
        private(set) var info: [String] = []

        init(_ frames: [ExtendedXYZ.Frame]) {
            var seenColumns: Set<String> = []
            var seenInfo: Set<String> = []
            for frame in frames {
                for column in frame.columns where seenColumns.insert(column.name).inserted {
                    columns.append(column.name)
                }
                for pair in frame.info where seenInfo.insert(pair.key).inserted { info.append(pair.key) }
            }
        }

        func candidates(for property: Property) -> [String] { property.isColumn ? columns : info }
    }

    /// Finds out which key or column of a file holds which property.
    struct KeyChoice {
        let frames: [ExtendedXYZ.Frame]
        let names: Names
        let path: String
        let options: ReadingOptions

        /// The names under which programs write a property, in the order in which they are tried.
        private static let usualKeys: [Property: [String]] = [
            .atomicNumbers: ["species", "Z", "numbers", "atomic_numbers"], .positions: ["pos", "positions"],
            .energy: ["energy", "REF_energy", "Energy"], .forces: ["forces", "force", "REF_forces", "Forces"],
            .totalCharge: ["total_charge", "charge"], .spinMultiplicity: ["spin_multiplicity", "multiplicity"],
            .dipole: ["dipole", "dipole_moment"], .quadrupole: ["quadrupole", "quadrupole_moment"],
            .charges: ["charges", "partial_charges"], .atomicSpinMultiplicities: ["spin_multiplicities"],
            .atomicEnergies: ["energies", "atomic_energies"],
        ]
        /// The names of gradients, which are looked for where there are no forces.
        private static let gradientKeys = ["gradient", "gradients"]

        /// Whether the forces under a key are gradients by their name.
        func isGradient(_ key: String?) -> Bool {
            key.map { KeyChoice.gradientKeys.contains($0.lowercased()) } ?? false
        }

        /// The key of every property that the file has.
        ///
        /// - Throws: ``ApusError`` when an assigned key is missing, when elements or positions are, and when two
        ///   usual keys contradict each other.
        func keys() throws -> [Property: String] {
            var keys: [Property: String] = [:]
            for property in options.properties {
                keys[property] =
                    try options.assignment[property].map { try assigned($0, property) } ?? usual(property)
            }
            if keys[.forces] == nil {
                keys[.forces] = KeyChoice.gradientKeys.first(where: names.candidates(for: .forces).contains)
            }
            for property in [Property.atomicNumbers, .positions] where keys[property] == nil {
                let names = KeyChoice.usualKeys[property, default: []].map { "'\($0)'" }.joined(separator: ", ")
                throw place(0).error(
                    "there is no column with the \(property.name), looked for as \(names)",
                    remedy: "name it in 'Properties', or with the option properties_assignment.\(property.key)")
            }
            return keys
        }

        private func assigned(_ key: String, _ property: Property) throws -> String {
            let candidates = names.candidates(for: property)
            if candidates.contains(key) { return key }
            let kind = property.isColumn ? "column" : "key"
            throw ApusError(
                .configuration, file: path, place: "properties_assignment.\(property.key)",
                problem: "no frame has a \(kind) '\(key)'",
                remedy: candidates.isEmpty ? "there is none at all" : "there are \(candidates.joined(separator: ", "))")
        }

        private func usual(_ property: Property) throws -> String? {
            let found = KeyChoice.usualKeys[property, default: []].filter(names.candidates(for: property).contains)
            guard let first = found.first else { return nil }
            for other in found.dropFirst() {
                // Two keys are fine only as long as it makes no difference which of them is read.
                let index = frames.firstIndex {
                    $0.has(other, for: property) && !$0.hasSame(first, other, for: property)
                }
                guard let index else { continue }
                let difference = frames[index].has(first, for: property) ? "differ" : "are not both there"
                throw place(index).error(
                    "both '\(first)' and '\(other)' of this file could be the \(property.name), and in this frame "
                        + "they \(difference)",
                    remedy: "choose one with the option properties_assignment.\(property.key)")
            }
            return first
        }

        private func place(_ index: Int) -> Configuration.Place {
            Configuration.Place(file: path, frame: index + 1, line: frames[index].line)
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

    fileprivate func hasSame(_ first: String, _ second: String, for property: Property) -> Bool {
        property.isColumn
            ? column(first)?.values == column(second)?.values : self[info: first] == self[info: second]
    }
}
