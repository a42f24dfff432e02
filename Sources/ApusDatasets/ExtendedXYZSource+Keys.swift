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
        let assignment: [Property: String]

        /// The names under which programs write a property, in the order in which they are tried.
        private static func usualKeys(_ property: Property) -> [String] {
            switch property {
            case .atomicNumbers: ["species", "Z", "numbers", "atomic_numbers"]
            case .positions: ["pos", "positions"]
            case .energy: ["energy", "REF_energy", "Energy"]
            case .forces: ["forces", "force", "REF_forces", "Forces"]
            case .totalCharge: ["total_charge", "charge"]
            case .dipole: ["dipole"]
            case .charges: ["charges"]
            }
        }

        /// The key of every property that the file has.
        ///
        /// - Throws: ``ApusError`` when an assigned key is missing, when elements or positions are, and when two
        ///   usual keys contradict each other.
        func keys() throws -> [Property: String] {
            var keys: [Property: String] = [:]
            for property in Property.allCases {
                keys[property] = try assignment[property].map { try assigned($0, property) } ?? usual(property)
            }
            for property in [Property.atomicNumbers, .positions] where keys[property] == nil {
                let names = KeyChoice.usualKeys(property).map { "'\($0)'" }.joined(separator: ", ")
                throw place(0).error(
                    "there is no column with the \(property.name), looked for as \(names)",
                    remedy: "name it in 'Properties', or with the option properties_assignment.\(property.rawValue)")
            }
            return keys
        }

        private func assigned(_ key: String, _ property: Property) throws -> String {
            let candidates = names.candidates(for: property)
            if candidates.contains(key) { return key }
            let kind = property.isColumn ? "column" : "key"
            throw ApusError(
                .configuration, file: path, place: "properties_assignment.\(property.rawValue)",
                problem: "no frame has a \(kind) '\(key)'",
                remedy: candidates.isEmpty ? "there is none at all" : "there are \(candidates.joined(separator: ", "))")
        }

        private func usual(_ property: Property) throws -> String? {
            let found = KeyChoice.usualKeys(property).filter(names.candidates(for: property).contains)
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
                    remedy: "choose one with the option properties_assignment.\(property.rawValue)")
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
    fileprivate var isColumn: Bool {
        switch self {
        case .atomicNumbers, .positions, .forces, .charges: true
        case .energy, .totalCharge, .dipole: false
        }
    }
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
