import ApusChemistry

/// The point from which positions count in dipole and quadrupole moments.
public enum MomentOrigin: String, CaseIterable, Sendable {
    /// The centre of mass.
    case centerOfMass = "center_of_mass"
    /// The origin of the coordinates in the file.
    case coordinates
}

extension Configuration {
    /// Whether a label depends on the point that it refers to: the dipole moment of a charged system, the quadrupole
    /// moment of all but neutral systems without dipole moment.
    public func dependsOnOrigin(_ property: Property) -> Bool {
        switch property {
        case .dipole: self[.dipole] != nil && system.charge != 0
        case .quadrupole: self[.quadrupole] != nil && (system.charge != 0 || dipole != .zero)
        default: false
        }
    }

    /// The same configuration with moments that refer to the centre of mass R, where they referred to the origin of the
    /// coordinates.
    ///
    ///     p' = p − Q R
    ///     Θ' = Θ − 3 (p Rᵀ + R pᵀ) + 3 Q R Rᵀ + (2 p·R − Q R²) 1
    ///
    /// - Throws: `ApusError` when a quadrupole moment cannot be converted because the dipole moment is
    ///   missing.
    public func momentsFromCenterOfMass() throws -> Configuration {
        var labels = labels
        let center = system.centerOfMass
        let charge = Double(system.charge)
        if let quadrupole = labels[.quadrupole] {
            guard let dipole else {
                throw place.error(
                    "the quadrupole moment cannot be referred to the centre of mass without a dipole moment",
                    remedy: "add the dipole moment, or state moments from the centre of mass")
            }
            var moved = quadrupole
            for row in 0..<3 {
                for column in 0..<3 {
                    moved[3 * row + column] -= 3 * (dipole[row] * center[column] + center[row] * dipole[column])
                    moved[3 * row + column] += 3 * charge * center[row] * center[column]
                }
                moved[4 * row] += 2 * (dipole * center).sum() - charge * (center * center).sum()
            }
            labels[.quadrupole] = moved
        }
        if let dipole {
            let moved = dipole - charge * center
            labels[.dipole] = [moved.x, moved.y, moved.z]
        }
        return Configuration(system: system, record: record, labels: labels, place: place)
    }
}

extension Dataset {
    /// The same data with moments that refer to the centre of mass.
    ///
    /// - Parameters:
    ///   - origin: What they refer to in the file; nil when that is not known.
    ///   - properties: The moments that matter.
    /// - Throws: `ApusError` that names the first configuration where it must be known and is not.
    public func momentsFromCenterOfMass(given origin: MomentOrigin?, for properties: [Property]) throws -> Dataset {
        switch origin {
        case .centerOfMass: return self
        case .coordinates: return try withMomentsFromCenterOfMass()
        case nil:
            let positions = configurations.indices
            for property in properties {
                for position in positions where configurations.hasLabel(property, position) {
                    let configuration = configurations[position]
                    guard configuration.dependsOnOrigin(property) else { continue }
                    let charge = configuration.system.charge
                    throw configuration.place.error(
                        "the \(property.name) of this system"
                            + (charge == 0 ? "" : " of charge \(charge)")
                            + " depends on the point it refers to, which nobody states",
                        remedy: interpretation.names.areOptions
                            ? "state it with --multipole-origin center_of_mass or --multipole-origin coordinates"
                            : "set dataset.multipole_origin to \"center_of_mass\" or \"coordinates\"")
                }
            }
            return self
        }
    }

    /// The same data set, whose moments are converted when a configuration is asked for.
    private func withMomentsFromCenterOfMass() throws -> Dataset {
        for position in configurations.indices
        where configurations.hasLabel(.quadrupole, position) && !configurations.hasLabel(.dipole, position) {
            _ = try configurations[position].momentsFromCenterOfMass()
        }
        return Dataset(
            configurations: configurations.withMomentsFromCenterOfMass(), units: units, path: path,
            interpretation: interpretation, selfEnergies: selfEnergies)
    }
}
