import ApusChemistry
import ApusFiles
import ApusFormats

extension Dataset {
    /// Writes the configurations as extended XYZ, in the units of the data set and with keys that state them.
    ///
    /// - Throws: `ApusError` when writing fails.
    public func write(to path: String) throws {
        try write(to: .file(path))
    }

    /// Writes the configurations as extended XYZ to a file, or to standard output as they come.
    ///
    /// - Throws: `ApusError` when writing fails.
    func write(to target: OutputTarget) throws {
        try ExtendedXYZ.write(
            configurations.lazy.map { [units] in Dataset.frame($0, units: units) }, to: target,
            checking: configurations.requireUnchanged)
    }

    /// Writes configurations, such as predictions, as extended XYZ with keys that state their units.
    ///
    /// What is written reads back equal. Positions are the column `pos`; labels of atoms are columns, those of systems
    /// keys, as ASE names them; total charge and the name of the molecule are keys.
    ///
    /// - Throws: `ApusError` when writing fails.
    public static func write(
        _ configurations: some Sequence<Configuration>, units: UnitSystem, to path: String
    ) throws {
        try write(configurations, units: units, to: .file(path))
    }

    /// Writes configurations as extended XYZ to a file, or to standard output as they come.
    ///
    /// - Parameter statements: Further keys of every frame.
    /// - Throws: `ApusError` when writing fails.
    public static func write(
        _ configurations: some Sequence<Configuration>, units: UnitSystem, to target: OutputTarget,
        stating statements: [(key: String, text: String)] = []
    ) throws {
        try ExtendedXYZ.write(
            configurations.lazy.map { configuration in
                var frame = frame(configuration, units: units)
                frame.info += statements.map { ($0.key, .string($0.text)) }
                return frame
            }, to: target)
    }

    static func frame(_ configuration: Configuration, units: UnitSystem) -> ExtendedXYZ.Frame {
        let system = configuration.system
        var columns = [
            ExtendedXYZ.Column(name: "species", width: 1, values: .string(system.elements.map(\.symbol))),
            ExtendedXYZ.Column(
                name: "pos", width: 3, values: .real(system.positions.flatMap { [$0.x, $0.y, $0.z] })),
        ]
        var info: [(key: String, value: ExtendedXYZ.Value)] = [
            ("name", .string(configuration.record))
        ]
        for (property, values) in configuration.labels.sorted(by: { $0.key.key < $1.key.key }) {
            let name = names[property] ?? property.key
            switch property.owner {
            case .atom: columns.append(.init(name: name, width: property.components, values: .real(values)))
            case .system where property.isWhole: info.append((name, .integer(Int(values[0]))))
            case .system: info.append((name, values.count == 1 ? .real(values[0]) : .init(values)))
            }
        }
        info.append(("length_unit", .string(plainSymbol(units.length))))
        info.append(("energy_unit", .string(plainSymbol(units.energy))))
        return ExtendedXYZ.Frame(
            atomCount: system.count, columns: columns, info: info,
            lattice: system.cell.map { $0.vectors.flatMap { [$0.x, $0.y, $0.z] } },
            periodic: system.cell?.isPeriodicAlong ?? [false, false, false])
    }

    /// The names of columns and keys that ASE knows.
    static let names: [Property: String] = [
        .energy: "energy", .forces: "forces", .dipole: "dipole", .quadrupole: "quadrupole", .charges: "charges",
        .atomicSpinMultiplicities: "spin_multiplicities", .atomicEnergies: "energies",
    ]

    /// The symbol of a unit in ASCII, for programs that know nothing else.
    private static func plainSymbol(_ unit: Unit) -> String {
        unit == .angstrom ? "angstrom" : unit.symbol
    }
}
