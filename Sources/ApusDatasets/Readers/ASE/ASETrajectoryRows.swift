import ApusFiles
import ApusFormats
import ApusSystem

/// The frames of a trajectory of ASE (`.traj`).
final class ASETrajectoryRows: ASERows {
    let format = "ASE trajectory"
    let metadata: [String: JSONValue] = [:]
    private let path: String
    private let file: ULMFile
    private var count = 0
    /// What later frames leave out: elements, directions of periodicity, constraints.
    private var header: ASERow?

    init(path: String) throws {
        self.path = path
        file = try ULMFile(path: path)
        guard file.tag == "ASE-Trajectory" else {
            throw ApusError(
                .data, file: path, problem: "this is a file of ASE with '\(file.tag)', not a trajectory",
                remedy: "name a trajectory")
        }
    }

    func next() throws -> ASERow? {
        guard count < file.count else { return nil }
        let index = count
        count += 1
        var row = ASERow("array", Configuration.Place(file: path, frame: count))
        if let header {
            (row.numbers, row.isPeriodicAlong, row.constraints) = (
                header.numbers, header.isPeriodicAlong, header.constraints
            )
        }
        let members = try file.item(index).object ?? [:]
        if members.keys.contains(where: { Self.name($0) == "numbers" }) { row.constraints = .null }
        for (key, value) in members {
            let name = Self.name(key)
            switch name {
            case "calculator":
                for (key, value) in value.object ?? [:] where ASERow.results.contains(Self.name(key)) {
                    guard let array = try array(value, Self.name(key)) else { continue }
                    row.addResult(Self.name(key), array)
                }
            case "numbers": row.numbers = try values(value, name).map { Int(saturating: $0) }
            case "positions": row.positions = try values(value, name)
            case "cell": row.lattice = try values(value, name)
            case "pbc":
                let flags = try values(value, name).map { $0 != 0 }
                row.isPeriodicAlong = flags.count == 3 ? flags : [Bool](repeating: flags.contains(true), count: 3)
            case "constraints": row.constraints = value
            default: break
            }
        }
        // What the user stored comes before what the calculator said.
        let information = members["info"]?.object ?? members["info."]?.object ?? [:]
        row.name = information["name"]?.string
        for (key, value) in information {
            if let array = try array(value, Self.name(key)) { row.add(Self.name(key), array) }
        }
        if header == nil { header = row }
        return row
    }

    private func array(_ value: JSONValue, _ name: String) throws -> ASEData.Array? {
        try file.array(value, name: name, item: count - 1)
    }

    private func values(_ value: JSONValue, _ name: String) throws -> [Double] { try array(value, name)?.values ?? [] }

    /// The name of a member without the point behind names of arrays and objects.
    private static func name(_ key: String) -> String { key.hasSuffix(".") ? String(key.dropLast()) : key }
}
