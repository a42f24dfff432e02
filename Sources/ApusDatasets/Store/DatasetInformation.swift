import ApusChemistry
import ApusFiles

/// What an imported data set says of itself: units, properties, where it comes from and how it was made.
public struct DatasetInformation: Sendable {
    /// A file that was imported.
    public struct Source: Sendable, Equatable {
        /// The file as the user named it.
        public let path: String
        /// The size in bytes.
        public let size: Int
        /// The SHA-256 digest in hexadecimal digits.
        public let digest: String
        /// The format.
        public let format: String
        /// What was taken from it, in lines.
        public let interpretation: [String]
        /// The name in the source of each property, by the property's key.
        public let keys: [String: String]
        /// Further names in the source.
        public let unusedKeys: [String]
    }

    /// The version of the layout that this program writes and reads.
    public static let version = 1
    static let digestKey = "header_sha256"
    private static let format = "apus data set"

    /// The units of all numbers.
    public let units: UnitSystem
    /// The properties that at least one configuration has.
    public let properties: [Property]
    /// The files that were imported.
    public let sources: [Source]
    /// The options of the import, in words.
    public let options: [String]
    /// The program and its version.
    public let program: String
    /// The energies of single atoms that a source states, by atomic number.
    public let selfEnergies: [Int: Double]
    /// The CRC-32 checksum of each tensor.
    let checksums: [String: UInt32]
    private let texts: [String: String]

    init(
        units: UnitSystem, properties: [Property], sources: [Source], options: [String], program: String,
        selfEnergies: [Int: Double], checksums: [String: UInt32]
    ) {
        (self.units, self.properties, self.sources, self.options) = (units, properties, sources, options)
        (self.program, self.selfEnergies, self.checksums) = (program, selfEnergies, checksums)
        texts = [
            "format": Self.format, "version": String(Self.version), "program": program,
            "energy_unit": units.energy.symbol, "length_unit": units.length.symbol,
            "properties": JSONValue.array(properties.map(\.json)).description,
            "sources": JSONValue.array(
                sources.map { source in
                    .object([
                        "path": .string(source.path), "size": .integer(source.size), "sha256": .string(source.digest),
                        "format": .string(source.format),
                        "interpretation": .array(source.interpretation.map { .string($0) }),
                        "keys": .object(source.keys.mapValues { .string($0) }),
                        "unused_keys": .array(source.unusedKeys.map { .string($0) }),
                    ])
                }
            ).description,
            "options": JSONValue.array(options.map { .string($0) }).description,
            "self_energies": JSONValue.object(
                Dictionary(uniqueKeysWithValues: selfEnergies.map { (String($0), .real($1)) })
            ).description,
            "crc32": JSONValue.object(checksums.mapValues { .integer(Int($0)) }).description,
        ]
    }

    /// Reads the metadata of a file.
    ///
    /// - Throws: `ApusError` when it is none of ours, of a newer version, or damaged.
    init(_ metadata: [String: String], file: String) throws {
        func failure(_ problem: String, _ remedy: String) -> ApusError {
            ApusError(.data, file: file, problem: problem, remedy: remedy)
        }
        guard metadata["format"] == Self.format else {
            throw failure("this is no data set of Apus", "make one with 'apus data import'")
        }
        guard let version = metadata["version"].flatMap({ Int($0) }), version == Self.version else {
            throw failure(
                "the data set has version \(metadata["version"] ?? "none"), but this program reads \(Self.version)",
                "import the sources again")
        }
        func value(_ key: String) throws -> JSONValue {
            guard let text = metadata[key], let value = try? JSONValue(parsing: text) else {
                throw failure("the header is damaged at '\(key)'", "import the sources again")
            }
            return value
        }
        do {
            units = try UnitSystem(
                energy: Unit(metadata["energy_unit"] ?? ""), length: Unit(metadata["length_unit"] ?? ""))
        } catch {
            throw failure("the header is damaged: \(error)", "import the sources again")
        }
        properties = try (value("properties").array ?? []).map { entry in
            guard let property = Property(json: entry) else {
                throw failure("the header is damaged at 'properties'", "import the sources again")
            }
            return property
        }
        sources = try (value("sources").array ?? []).map { entry in
            Source(
                path: entry["path"]?.string ?? "", size: entry["size"]?.integer ?? 0,
                digest: entry["sha256"]?.string ?? "", format: entry["format"]?.string ?? "",
                interpretation: entry["interpretation"]?.array?.compactMap(\.string) ?? [],
                keys: entry["keys"]?.object?.compactMapValues(\.string) ?? [:],
                unusedKeys: entry["unused_keys"]?.array?.compactMap(\.string) ?? [])
        }
        options = try value("options").array?.compactMap(\.string) ?? []
        program = metadata["program"] ?? ""
        selfEnergies = Dictionary(
            try (value("self_energies").object ?? [:]).compactMap { key, energy in
                Int(key).flatMap { number in energy.real.map { (number, $0) } }
            }, uniquingKeysWith: { first, _ in first })
        guard selfEnergies.values.allSatisfy(Plausible.isPossible(selfEnergy:)) else {
            throw failure("the header is damaged at 'self_energies'", "import the sources again")
        }
        checksums = try (value("crc32").object ?? [:]).compactMapValues { $0.integer.flatMap { UInt32(exactly: $0) } }
        texts = metadata.filter { $0.key != Self.digestKey }
    }

    /// The metadata of a file with these tensors.
    func metadata(
        tensors: [String: (elementType: Safetensors.ElementType, shape: [Int])]
    ) -> [String: String] {
        texts.merging([Self.digestKey: headerDigest(tensors: tensors)]) { first, _ in first }
    }

    /// The SHA-256 digest of everything that the header says.
    func headerDigest(tensors: [String: (elementType: Safetensors.ElementType, shape: [Int])]) -> String {
        let lines =
            texts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            + tensors.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.elementType.rawValue)\($0.value.shape)" }
        return SHA256.hexadecimal(Array(lines.joined(separator: "\n").utf8))
    }
}

extension Property {
    fileprivate var json: JSONValue {
        .object([
            "key": .string(key), "target": .string(target), "name": .string(name),
            "owner": .string(owner == .atom ? "atom" : "system"), "components": .integer(components),
            "dimension": .array(
                [dimension.length, dimension.energy, dimension.charge, dimension.amount].map { .integer($0) }),
            "whole": .logical(isWhole),
        ])
    }

    fileprivate init?(json: JSONValue) {
        guard let key = json["key"]?.string, let target = json["target"]?.string, let name = json["name"]?.string,
            let components = json["components"]?.integer, [1, 3, 9].contains(components),
            let powers = json["dimension"]?.array?.compactMap(\.integer), powers.count == 4,
            powers.allSatisfy({ abs($0) < 10 }), powers[3] == 0
        else { return nil }
        if let known = Property.allCases.first(where: { $0.key == key }) {
            self = known
            return
        }
        self.init(
            key: key, target: target, name: name, owner: json["owner"]?.string == "atom" ? .atom : .system,
            components: components,
            dimension: Dimension(length: powers[0], energy: powers[1], charge: powers[2], amount: powers[3]),
            isWhole: json["whole"] == .logical(true))
    }
}
