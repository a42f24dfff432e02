import ApusChemistry

extension DatasetSummary {
    /// What the cells of a data set are.
    public struct Cells: Sendable, Equatable {
        /// Systems that repeat along some lattice vectors, by the names of these: "abc", "ab", … and "none".
        public private(set) var systems: [String: Int] = [:]
        /// The smallest and largest volume, in the cube of the unit of length; nil without volumes.
        public private(set) var volumes: ClosedRange<Double>?
        /// The same for each atom.
        public private(set) var volumesOfAtoms: ClosedRange<Double>?

        /// Whether no system has a cell.
        public var isEmpty: Bool { systems.keys.allSatisfy { $0 == "none" } }

        mutating func add(_ system: AtomicSystem) {
            let periodic = system.cell?.isPeriodicAlong ?? [false, false, false]
            let directions = zip("abc", periodic).filter(\.1).map(\.0)
            systems[directions.isEmpty ? "none" : String(directions), default: 0] += 1
            // A slab or a chain has no volume that means anything.
            guard periodic == [true, true, true], let volume = system.volume else { return }
            volumes = Self.range(volumes, volume)
            volumesOfAtoms = Self.range(volumesOfAtoms, volume / Double(system.count))
        }

        private static func range(_ range: ClosedRange<Double>?, _ value: Double) -> ClosedRange<Double> {
            guard let range else { return value...value }
            return min(range.lowerBound, value)...max(range.upperBound, value)
        }
    }
}
