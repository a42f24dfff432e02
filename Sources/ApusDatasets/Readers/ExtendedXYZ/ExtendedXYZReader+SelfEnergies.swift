import ApusChemistry
import ApusFiles
import ApusFormats

extension ExtendedXYZReader {
    /// The key of the first frame that states self-energies, as in `atomic_self_energies={"H": -13.6, "O": -2041.8}`.
    static let selfEnergyKey = "atomic_self_energies"

    /// The self-energies that a frame states, in its unit of energy; nil where it states none.
    ///
    /// - Throws: `ApusError` for an unknown element and for what is no finite number.
    static func selfEnergies(_ frame: ExtendedXYZ.Frame, at place: Configuration.Place) throws -> [Int: Double]? {
        guard let value = frame[info: selfEnergyKey] else { return nil }
        func failure(_ problem: String) -> ApusError {
            place.error(
                "'\(selfEnergyKey)' \(problem)",
                remedy: "write an energy for every element, such as {\"H\": -13.6, \"O\": -2041.8}")
        }
        let members: [String: JSONValue]?
        switch value {
        case .json(let json): members = json.object
        case .string(let text): members = (try? JSONValue(parsing: text))?.object
        default: members = nil
        }
        guard let members else { throw failure("must be a JSON object") }
        var values: [Int: Double] = [:]
        for (symbol, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let element = Element.all.first(where: { $0.symbol == symbol }) else {
                throw failure("names '\(symbol)', which is no element")
            }
            guard let energy = value.real, energy.isFinite else {
                throw failure("of \(symbol) must be a finite number, but it is \(value)")
            }
            values[element.atomicNumber] = energy
        }
        return values
    }
}
