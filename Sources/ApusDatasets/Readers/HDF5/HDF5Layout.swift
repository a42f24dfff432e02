import ApusChemistry
import ApusFiles
import ApusFormats

/// How a published collection of HDF5 files is laid out: groups of molecules, and in each of them arrays whose row k
/// belongs to conformation k.
struct HDF5Layout {
    /// The name for people.
    let name: String
    /// The array of positions, by which the layout is recognised.
    let positions: String
    /// The arrays that may hold the elements.
    let numbers: [String]
    /// The array of each property.
    let usual: [Property: String]
    /// Whether `usual[.forces]` holds gradients.
    var hasGradients = false
    /// The units, where the file does not state them.
    let units: UnitSystem
    /// The attribute of an array with its unit.
    var unitAttribute = "units"
    /// Whether the name of a group is that of a molecule.
    let groupsAreMolecules: Bool

    /// Eastman et al., Sci. Data 10, 11 (2023), doi:10.1038/s41597-022-01882-6. The total charge is that of the SMILES.
    static let spice = HDF5Layout(
        name: "SPICE", positions: "conformations", numbers: ["atomic_numbers"],
        usual: [
            .energy: "dft_total_energy", .forces: "dft_total_gradient", .charges: "mbis_charges",
            .dipole: "scf_dipole", .quadrupole: "scf_quadrupole",
        ], hasGradients: true, units: .atomic, groupsAreMolecules: true)

    /// ANI-1 (Smith et al., Sci. Data 4, 170193 (2017), doi:10.1038/sdata.2017.193), ANI-1x (Sci. Data 7, 134 (2020),
    /// doi:10.1038/s41597-020-0473-z, of which the ωB97X/6-31G(d) values), ANI-2x and the files of TorchANI.
    static let ani = HDF5Layout(
        name: "ANI", positions: "coordinates", numbers: ["species", "atomic_numbers"],
        usual: [.energy: "energies", .forces: "forces", .dipole: "dipoles", .charges: "atomic_charges"],
        units: .hartreeAngstrom, groupsAreMolecules: false)

    /// See ``ani``.
    static let ani1x = HDF5Layout(
        name: "ANI-1x", positions: "coordinates", numbers: ["atomic_numbers", "species"],
        usual: [
            .energy: "wb97x_dz.energy", .forces: "wb97x_dz.forces", .dipole: "wb97x_dz.dipole",
        ], units: .hartreeAngstrom, groupsAreMolecules: false)

    /// Anstine, Zubatyuk and Isayev, Chem. Sci. 16, 10228 (2025), doi:10.1039/D4SC08572H.
    static let aimnet = HDF5Layout(
        name: "AIMNet", positions: "coord", numbers: ["numbers"],
        usual: [
            .energy: "energy", .forces: "forces", .dipole: "dipole", .charges: "charges", .totalCharge: "charge",
            .spinMultiplicity: "mult",
        ], units: .electronvoltAngstrom, groupsAreMolecules: false)

    /// Schreiner et al., Sci. Data 9, 779 (2022), doi:10.1038/s41597-022-01870-w. The parts `train`, `val` and `test` repeat
    /// what `data` has.
    static let transition1x = HDF5Layout(
        name: "Transition1x", positions: "positions", numbers: ["atomic_numbers"],
        usual: [.energy: "wB97x_6-31G(d).energy", .forces: "wB97x_6-31G(d).forces"], units: .electronvoltAngstrom,
        groupsAreMolecules: true)

    /// Hoja et al., Sci. Data 8, 43 (2021), doi:10.1038/s41597-021-00812-2: a group for each geometry. PBE0+MBD.
    static let qm7x = HDF5Layout(
        name: "QM7-X", positions: "atXYZ", numbers: ["atNUM"],
        usual: [.energy: "ePBE0+MBD", .forces: "totFOR", .dipole: "vDIP", .charges: "hCHG"],
        units: .electronvoltAngstrom, groupsAreMolecules: true)

    /// The parts of a file that are not read, because they repeat others.
    static func repeated(_ names: [String]) -> Set<String> {
        let parts: Set<String> = ["train", "val", "test"]
        return names.contains("data") && parts.isSubset(of: names) ? parts : []
    }

    /// The name of the molecule whose geometries are in a group: QM7-X's `Geom-m1-i2-c1-d3` is of the isomer `Geom-m1-i2`.
    func molecule(ofGroup title: String) -> String? {
        guard groupsAreMolecules else { return nil }
        return name == "QM7-X" ? title.split(separator: "-").prefix(3).joined(separator: "-") : title
    }

    /// The layout of a group with these arrays; nil when it holds no configurations.
    init?(arrays names: Set<String>) {
        let isANI1x = names.contains("wb97x_dz.energy")
        if names.contains("wB97x_6-31G(d).energy"), names.contains("positions") {
            self = .transition1x
            return
        }
        let layouts = [Self.spice, Self.qm7x, isANI1x ? Self.ani1x : Self.ani, Self.aimnet]
        guard
            let layout = layouts.first(where: {
                names.contains($0.positions) && !names.isDisjoint(with: $0.numbers)
            })
        else { return nil }
        self = layout
    }

    init(
        name: String, positions: String, numbers: [String], usual: [Property: String], hasGradients: Bool = false,
        units: UnitSystem, unitAttribute: String = "units", groupsAreMolecules: Bool
    ) {
        (self.name, self.positions, self.numbers, self.usual) = (name, positions, numbers, usual)
        (self.hasGradients, self.units, self.unitAttribute) = (hasGradients, units, unitAttribute)
        self.groupsAreMolecules = groupsAreMolecules
    }

    /// The layout of modelforge's curated files, schema 2: every array states what it is in its attributes.
    ///
    /// Energies, forces and charges are recognised by the type of property; where a file has several of one type,
    /// the usual names decide, and if none is there, the user has to.
    init(modelforge file: HDF5File, group: String, names: [String]) {
        var found: [Property: [String]] = [:]
        for name in names {
            let path = group + "/" + name
            guard let format = file.text(attribute: "format", of: path),
                let type = file.text(attribute: "property_type", of: path), file.kind(of: path) == .dataset,
                let shape = try? file.dataset(path).shape
            else { continue }
            let components = shape.dropFirst(format == "per_atom" ? 2 : 1).reduce(1, *)
            switch (format, type, components) {
            case ("per_atom", "length", 3): found[.positions, default: []].append(name)
            case ("per_system", "energy", 1): found[.energy, default: []].append(name)
            case ("per_atom", "energy", 1): found[.atomicEnergies, default: []].append(name)
            // What Apus writes and modelforge has no type for.
            case (_, "meta_data", 1) where name == Property.forceMask.key: found[.forceMask, default: []].append(name)
            case (_, "meta_data", 1) where name == Property.configurationWeight.key:
                found[.configurationWeight, default: []].append(name)
            case ("per_atom", "force", 3): found[.forces, default: []].append(name)
            case ("per_system", "stress", 9): found[.stress, default: []].append(name)
            case ("per_system", "virial", 9): found[.virial, default: []].append(name)
            case ("per_atom", "charge", 1): found[.charges, default: []].append(name)
            case ("per_system", "charge", 1): found[.totalCharge, default: []].append(name)
            case ("per_system", "dipole_moment", 3): found[.dipole, default: []].append(name)
            case ("per_system", "quadrupole_moment", 9): found[.quadrupole, default: []].append(name)
            case ("per_system", "dimensionless", 1) where name.hasPrefix("spin_multiplicit"):
                found[.spinMultiplicity, default: []].append(name)
            case ("per_atom", "dimensionless", 1) where name.hasPrefix("spin_multiplicit"):
                found[.atomicSpinMultiplicities, default: []].append(name)
            default: break
            }
        }
        let preferred = [
            "positions", "geometry", "dft_total_energy", "energies", "internal_energy_at_0K", "wb97x_dz_energy",
            "wb97x_dz.energy", "total_energy", "dft_total_force", "forces", "wb97x_dz_forces", "wb97x_dz.forces",
            "partial_charges", "mbis_charges", "scf_dipole", "dipole_moment_per_system",
        ]
        let usual = found.compactMapValues { names in
            let forces = names.filter { !$0.contains("gradient") }
            let candidates = forces.isEmpty ? names : forces
            return candidates.count == 1 ? candidates[0] : preferred.first(where: candidates.contains)
        }
        self.init(
            name: "modelforge", positions: usual[.positions] ?? "positions", numbers: ["atomic_numbers"],
            usual: usual.filter { $0.key != .positions },
            hasGradients: usual[.forces]?.contains("gradient") ?? false, units: .kilojoulePerMoleNanometer,
            unitAttribute: "u", groupsAreMolecules: true)
    }
}

extension UnitSystem {
    /// Hartree and Å.
    static let hartreeAngstrom: UnitSystem = {
        do { return try UnitSystem(energy: .hartree, length: .angstrom) } catch { fatalError("\(error)") }
    }()
}
