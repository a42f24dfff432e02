import ApusChemistry
import ApusFormats

extension Dataset {
    private static let numpyNames: [Property: String] = [
        .energy: "E", .forces: "F", .dipole: "D", .charges: "charges", .totalCharge: "total_charge",
        .spinMultiplicity: "spin_multiplicity", .quadrupole: "quadrupole",
    ]

    /// Writes an npz file of one molecule.
    func writeNumpyArchive(_ path: String) throws {
        let first = configurations[0]
        let atoms = first.system.count
        if let other = configurations.first(where: { $0.system.numbers != first.system.numbers }) {
            throw other.place.error(
                "an npz file holds configurations of the same atoms, but this one has others than the first",
                remedy: "select one molecule, or choose .extxyz, .db or .hdf5")
        }
        var archive = NumpyArchiveWriter()
        var isIncomplete = false
        archive.add("type", "d")
        archive.add("name", first.record)
        archive.add("r_unit", units.length.spelling)
        archive.add("e_unit", units.energy.spelling)
        archive.add("z", first.system.numbers, shape: [atoms])
        archive.add(
            "R", configurations.flatMap { $0.system.positions.flatMap { [$0.x, $0.y, $0.z] } },
            shape: [count, atoms, 3])
        if let (vectors, periodic) = cells(configurations.indices) {
            archive.add("cell", vectors, shape: [count, 3, 3])
            archive.add("pbc", periodic, shape: [count, 3])
        }
        for property in presentLabels {
            let values = numbers(property, configurations.indices)
            if values.contains(where: \.isNaN) { isIncomplete = true }
            archive.add(
                Dataset.numpyNames[property] ?? property.key, values,
                shape: property.shape(count: count, atoms: atoms))
        }
        if isIncomplete { archive.add(NumpyArchiveReader.missingLabelsName, NumpyArchiveReader.missingLabelsText) }
        try configurations.requireUnchanged()
        try archive.write(to: path)
    }
}
