import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusReporting

extension DatasetSummary.Cells {
    /// Name and value in lines.
    func lines(_ units: UnitSystem) -> [(String, String)] {
        let words = systems.sorted { $0.key < $1.key }.map { directions, count in
            directions == "none" ? "\(count) not periodic" : "\(count) periodic along \(directions)"
        }
        var lines = [("cells", words.joined(separator: ", "))]
        if let volumes, let volumesOfAtoms {
            let unit = "\(units.length.symbol)^3"
            lines.append(("volumes", "\(Self.text(volumes)) \(unit), \(Self.text(volumesOfAtoms)) \(unit) an atom"))
        }
        return lines
    }

    /// The same for machines.
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "systems_by_periodic_directions": .object(systems.mapValues(JSONValue.integer))
        ]
        members["volume"] = volumes.map(Self.json)
        members["volume_per_atom"] = volumesOfAtoms.map(Self.json)
        return .object(members)
    }

    private static func text(_ range: ClosedRange<Double>) -> String {
        let ends = [range.lowerBound, range.upperBound].map { numberText($0, significantDigits: 5) }
        return ends[0] == ends[1] ? ends[0] : "\(ends[0]) to \(ends[1])"
    }

    private static func json(_ range: ClosedRange<Double>) -> JSONValue {
        .object(["min": .real(range.lowerBound), "max": .real(range.upperBound)])
    }
}
