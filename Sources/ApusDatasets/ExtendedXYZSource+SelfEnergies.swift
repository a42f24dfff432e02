import ApusChemistry
import ApusFiles

extension ExtendedXYZSource {
    /// The key of the first frame that states self-energies, as in `atomic_self_energies={"H": -13.6, "O": -2041.8}`.
    static let selfEnergyKey = "atomic_self_energies"

    /// The self-energies that the file states, in its unit of energy; nil where it states none.
    ///
    /// - Throws: ``ApusError`` for an unknown element and for what is no finite number.
    func selfEnergies() throws -> SelfEnergies? {
        guard let value = frames[0][info: Self.selfEnergyKey] else { return nil }
        let place = Configuration.Place(file: path, frame: 1, line: frames[0].line)
        func failure(_ problem: String) -> ApusError {
            place.error(
                "'\(Self.selfEnergyKey)' \(problem)",
                remedy: "write an energy for every element, such as {\"H\": -13.6, \"O\": -2041.8}")
        }
        let members: [String: JSONValue]?
        switch value {
        case .json(let json): members = json.object
        case .string(let text): members = (try? JSONValue(parsing: text))?.object
        default: members = nil
        }
        guard let members else { throw failure("must be a JSON object") }
        let factor = try units.unit(of: .energy).factor(to: options.units.energy)
        var values: [Int: Double] = [:]
        for (symbol, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let element = Element.all.first(where: { $0.symbol == symbol }) else {
                throw failure("names '\(symbol)', which is no element")
            }
            guard let energy = value.real, energy.isFinite else {
                throw failure("of \(symbol) must be a finite number, but it is \(value)")
            }
            values[element.atomicNumber] = energy * factor
        }
        return SelfEnergies(values, unit: options.units.energy)
    }
}
