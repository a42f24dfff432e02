import ApusChemistry
import ApusFiles

extension Dataset {
    /// Writes the configurations as extended XYZ, in the units of the data set and with keys that state them.
    ///
    /// - Throws: ``ApusFiles/ApusError`` when writing fails.
    public func write(to path: String) throws {
        try Dataset.write(configurations, units: units, to: path)
    }

    /// Writes configurations, such as predictions, as extended XYZ with keys that state their units.
    ///
    /// What is written reads back equal. Positions are the column `pos`, forces `forces`, charges `charges`; energy,
    /// dipole, total charge and the name of the molecule are keys.
    ///
    /// - Throws: ``ApusFiles/ApusError`` when writing fails.
    public static func write(_ configurations: [Configuration], units: UnitSystem, to path: String) throws {
        try ExtendedXYZ.write(configurations.map { frame($0, units: units) }, to: path)
    }

    private static func frame(_ configuration: Configuration, units: UnitSystem) -> ExtendedXYZ.Frame {
        let system = configuration.system
        func column(_ name: String, _ vectors: [SIMD3<Double>]) -> ExtendedXYZ.Column {
            ExtendedXYZ.Column(name: name, width: 3, values: .real(vectors.flatMap { [$0.x, $0.y, $0.z] }))
        }
        var columns = [
            ExtendedXYZ.Column(name: "species", width: 1, values: .string(system.elements.map(\.symbol))),
            column("pos", system.positions),
        ]
        if let forces = configuration.forces { columns.append(column("forces", forces)) }
        if let charges = configuration.charges {
            columns.append(ExtendedXYZ.Column(name: "charges", width: 1, values: .real(charges)))
        }

        var info: [(key: String, value: ExtendedXYZ.Value)] = [
            ("name", .string(configuration.record)), ("total_charge", .integer(system.charge)),
        ]
        if let energy = configuration.energy { info.append(("energy", .real(energy))) }
        if let dipole = configuration.dipole { info.append(("dipole", .init([dipole.x, dipole.y, dipole.z]))) }
        info.append(("length_unit", .string(plainSymbol(units.length))))
        info.append(("energy_unit", .string(plainSymbol(units.energy))))
        return ExtendedXYZ.Frame(
            atomCount: system.count, columns: columns, info: info, periodic: [false, false, false])
    }

    /// The symbol of a unit in ASCII, for programs that know nothing else.
    private static func plainSymbol(_ unit: Unit) -> String {
        unit == .angstrom ? "angstrom" : unit.symbol
    }
}
