import ApusFiles
import ApusFormats
import ApusSystem

/// The rows of a database of ASE in JSON, which is read as a whole.
///
/// `ids` lists the keys of the rows; an array is `{"__ndarray__": [shape, type, numbers]}`.
final class ASEJSONRows: ASERows {
    let format = "ASE database (JSON)"
    let metadata: [String: JSONValue]
    private let path: String
    private let rows: [(id: String, row: JSONValue)]
    private var count = 0

    init(path: String) throws {
        self.path = path
        func failure(_ problem: String) -> ApusError {
            ApusError(
                .data, file: path, problem: problem, remedy: "name a database of ASE, complete as 'ase db' wrote it")
        }
        let file: JSONValue
        do { file = try JSONValue(parsing: try readDecompressedFile(path: path)) } catch let error
            as JSONValue.SyntaxError
        {
            throw failure("this is no JSON: \(error)")
        }
        guard let ids = file["ids"].map({ $0.array ?? [] }) ?? file["1"].map({ _ in [.integer(1)] }) else {
            throw failure("this JSON has neither 'ids' nor a row '1', as ASE writes it")
        }
        metadata = file["metadata"]?.object ?? [:]
        var known: Set<String> = []
        rows = try ids.map { id in
            let key = id.integer.map { "\($0)" } ?? "\(id)"
            guard known.insert(key).inserted else { throw failure("'ids' names the row '\(key.prefix(40))' twice") }
            guard let row = file[key] else {
                throw failure("'ids' names a row '\(key.prefix(40))', which is not there")
            }
            return (key, row)
        }
    }

    func next() throws -> ASERow? {
        guard count < rows.count else { return nil }
        let members = rows[count].row
        count += 1
        var row = ASERow("array", Configuration.Place(file: path, frame: count))
        row.numbers = try values(members["numbers"], "numbers", row).map { Int(saturating: $0) }
        row.positions = try values(members["positions"], "positions", row)
        row.lattice = try values(members["cell"]?["array"] ?? members["cell"], "cell", row)
        let flags = try values(members["pbc"], "pbc", row).map { $0 != 0 }
        row.isPeriodicAlong = flags.count == 3 ? flags : [Bool](repeating: flags.contains(true), count: 3)
        row.constraints = members["constraints"] ?? .null
        for key in ASERow.results {
            if let array = try array(members[key], key, row) { row.addResult(key, array) }
        }
        row.name = members["key_value_pairs"]?["name"]?.string
        for source in ["key_value_pairs", "data"] {
            for (key, value) in members[source]?.object ?? [:] {
                if let array = try array(value, key, row) { row.add(key, array) }
            }
        }
        return row
    }

    private func array(_ value: JSONValue?, _ key: String, _ row: ASERow) throws -> ASEData.Array? {
        do { return try value.flatMap { try ASEData.array($0, key: key) } } catch let error as ASEData.Failure {
            throw row.failure(key, "is damaged: \(error.problem)")
        }
    }

    private func values(_ value: JSONValue?, _ key: String, _ row: ASERow) throws -> [Double] {
        try array(value, key, row)?.values ?? []
    }
}
