import ApusChemistry
import ApusFiles
import ApusFormats

extension Dataset {
    private static let modelforgeNames: [Property: (name: String, type: String, unit: String)] = [
        .positions: ("positions", "length", "nanometer"), .energy: ("energies", "energy", "kilojoule_per_mole"),
        .forces: ("forces", "force", "kilojoule_per_mole / nanometer"),
        .charges: ("partial_charges", "charge", "elementary_charge"),
        .totalCharge: ("total_charge", "charge", "elementary_charge"),
        .dipole: ("dipole_moment_per_system", "dipole_moment", "elementary_charge * nanometer"),
        .quadrupole: ("quadrupole_moment_per_system", "quadrupole_moment", "elementary_charge * nanometer ** 2"),
        .spinMultiplicity: ("spin_multiplicities_per_system", "dimensionless", "dimensionless"),
        .atomicSpinMultiplicities: ("spin_multiplicities_per_atom", "dimensionless", "dimensionless"),
        .atomicEnergies: ("atomic_energies", "energy", "kilojoule_per_mole"),
        .stress: ("stress", "stress", "kilojoule_per_mole / nanometer ** 3"),
    ]

    /// Writes modelforge's curated HDF5.
    func writeModelforge(_ path: String) throws {
        let writer = try HDF5Writer(path)
        let target = UnitSystem.kilojoulePerMoleNanometer
        let labels = presentLabels
        for (name, members) in groups {
            let group = "/" + name
            let numbers = configurations[members[0]].system.numbers
            try writer.group(group)
            try writer.write(
                group + "/atomic_numbers", numbers, shape: [numbers.count, 1],
                attributes: ["format": "atomic_numbers", "property_type": "atomic_numbers"])
            if let (vectors, periodic) = cells(members) {
                let factor = try units.length.factor(to: target.length)
                try writer.write(
                    group + "/cell", factor == 1 ? vectors : vectors.map { $0 * factor }, shape: [members.count, 3, 3],
                    attributes: ["u": "nanometer", "format": "per_system", "property_type": "length"])
                try writer.write(
                    group + "/pbc", periodic, shape: [members.count, 3],
                    attributes: ["u": "dimensionless", "format": "per_system", "property_type": "meta_data"])
            }
            try writer.write(group + "/n_configs", [members.count], shape: [], attributes: ["format": "meta_data"])
            for property in [Property.positions] + labels {
                let known = Dataset.modelforgeNames[property]
                let unit = target.unit(of: property)
                let factor = try units.unit(of: property).factor(to: unit)
                let values =
                    property == .positions
                    ? members.flatMap { configurations[$0].system.positions.flatMap { [$0.x, $0.y, $0.z] } }
                    : self.numbers(property, members)
                var shape = property.shape(count: members.count, atoms: numbers.count)
                if property.components == 1 { shape.append(1) }
                try writer.write(
                    "\(group)/\(known?.name ?? property.key)", factor == 1 ? values : values.map { $0 * factor },
                    shape: shape,
                    attributes: [
                        "u": known?.unit ?? (property.dimension == .dimensionless ? "dimensionless" : unit.spelling),
                        "format": property.owner == .atom ? "per_atom" : "per_system",
                        "property_type": known?.type ?? "meta_data",
                    ])
            }
        }
        try configurations.requireUnchanged()
        try writer.finish()
    }

    /// The groups of the file: the configurations of a molecule, apart where its atoms stand in several orders, under names
    /// that differ.
    private var groups: [(name: String, members: [Int])] {
        func clean(_ name: String) -> String {
            name.isEmpty || name == "." ? "molecule" : name.replacing("/", with: "_")
        }
        let reserved = Set(records.map { clean($0.name) })
        var used: Set<String> = []
        return records.flatMap { name, members in
            var orders: [[Int]] = []
            var parts: [[Int]] = []
            for member in members {
                let numbers = configurations[member].system.numbers
                if let order = orders.firstIndex(of: numbers) {
                    parts[order].append(member)
                } else {
                    orders.append(numbers)
                    parts.append([member])
                }
            }
            return parts.enumerated().map { part, members in
                var (group, number) = (clean(name), 1)
                while used.contains(group) || number == 1 && part > 0 || number > 1 && reserved.contains(group) {
                    number += 1
                    group = "\(clean(name))_\(number)"
                }
                used.insert(group)
                return (group, members)
            }
        }
    }
}
