import ApusChemistry
import ApusFiles

extension Configurations {
    /// The positions of configurations of a single atom, marked as isolated atoms or not; crystals of one atom in the cell
    /// are none.
    public var singleAtoms: [Int] { indices.filter(isSingleAtom) }
}

extension Dataset {
    /// The positions that are not those of single atoms; all where there is nothing else.
    public var molecules: [Int] {
        let molecules = configurations.indices.filter { !configurations.isSingleAtom($0) }
        return molecules.isEmpty ? Array(configurations.indices) : molecules
    }

    /// The configurations at some positions as a data set of the same file.
    public func restricted(to positions: [Int]) -> Dataset {
        guard positions.count < count else { return self }
        return Dataset(
            configurations: configurations[positions], units: units, path: path, interpretation: interpretation,
            selfEnergies: selfEnergies)
    }
}

extension Split {
    /// The same split of a larger data set, of which `positions` were split.
    public func mapped(_ positions: [Int]) -> Split {
        Split(
            training: training.map { positions[$0] }, validation: validation.map { positions[$0] },
            test: test.map { positions[$0] })
    }

    /// The split without some positions.
    public func removing(_ positions: Set<Int>) -> Split {
        Split(
            training: training.filter { !positions.contains($0) },
            validation: validation.filter { !positions.contains($0) }, test: test.filter { !positions.contains($0) })
    }
}
