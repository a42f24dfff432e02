import ApusChemistry
import ApusDatasets

extension Samples {
    /// Systems to choose the golden examples of a model file from: the first thousand, and beyond them the first with each
    /// element that they lack.
    public var exampleSystems: [AtomicSystem] {
        var systems = prefix(1000).map(\.system)
        var present = Set(systems.flatMap(\.numbers))
        for position in indices.dropFirst(systems.count) {
            var isNew = false
            forEachAtomicNumber(position) { if present.insert($0).inserted { isNew = true } }
            if isNew { systems.append(self[position].system) }
        }
        return systems
    }
}
