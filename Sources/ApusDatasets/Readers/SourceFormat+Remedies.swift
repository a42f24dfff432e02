import ApusChemistry

extension SourceFormat {
    /// How a file states the total charge or the spin multiplicity of each system; nil for other properties and for
    /// formats that cannot.
    static func statement(of property: Property, in path: String?) -> String? {
        let names = [Property.totalCharge: ("total_charge", 0), .spinMultiplicity: ("spin_multiplicity", 1)]
        guard let (name, usual) = names[property] else { return nil }
        return switch path.flatMap({ try? SourceFormat(of: $0) }) {
        case .extendedXYZ: "write \(name)=\(usual) in the comment line of every frame, with the value of the system"
        case .aseDatabase, .aseJSON: "write the rows with \(name)=\(usual), as in db.write(atoms, \(name)=\(usual))"
        case .numpyArchive: "add an array '\(name)' with a value for each configuration, such as \(usual)"
        default: nil
        }
    }
}
