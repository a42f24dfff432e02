import ApusChemistry
import ApusFiles
import ApusFormats

/// The YAML description of a data set of modelforge: which file, which MD5 digest, which self-energies.
struct ModelforgeDescription {
    private let path: String
    private let dataset: String
    private let version: JSONValue
    private let selfEnergies: [Int: Double]

    /// Reads a description and chooses a version, by default the one that the file calls the latest.
    ///
    /// - Throws: `ApusError` when a part is missing.
    init(path: String, version name: String? = nil) throws {
        self.path = path
        let text = String(decoding: try readDecompressedFile(path: path), as: UTF8.self)
        let document: JSONValue
        do throws(YAMLDocument.Failure) {
            document = try YAMLDocument.read(text)
        } catch {
            throw ApusError(
                .data, file: path, place: "line \(error.line)", problem: error.problem,
                remedy: "correct the line, or name the HDF5 file itself")
        }
        func missing(_ key: String) -> ApusError {
            ApusError(
                .data, file: path, problem: "the description has no '\(key)'",
                remedy: "name a description of modelforge, or the HDF5 file itself")
        }
        guard let dataset = document["dataset"]?.string else { throw missing("dataset") }
        guard let name = name ?? document["latest"]?.string else { throw missing("latest") }
        guard let version = document[name] else { throw missing(name) }
        (self.dataset, self.version) = (dataset, version)
        selfEnergies = try Self.selfEnergies(document["atomic_self_energies"], path: path)
    }

    /// Opens the file that the description names, after comparing its MD5 digest.
    ///
    /// - Throws: `ApusError` when there is no local file or its digest is another.
    func openReader(options: ReadingOptions) throws -> any ConfigurationReader {
        let local = version["local_dataset"]?["hdf5_data_file"]
        let remote = version["remote_dataset"]?["hdf5_data_file"]
        guard let name = (local ?? remote)?["file_name"]?.string else {
            throw ApusError(
                .data, file: path, problem: "the version names no HDF5 file",
                remedy: "choose another version with dataset.version_select, or name the HDF5 file itself")
        }
        guard let file = Self.file(name, besides: path) else {
            let url = version["remote_dataset"]?["url"]?.string
            throw ApusError(
                .missingInput, file: name, problem: "the HDF5 file of '\(dataset)' is not here",
                remedy: url.map { "download \($0), decompress it with gunzip, and put it beside \(path)" }
                    ?? "put it beside \(path)")
        }
        if let expected = (local ?? remote)?["md5"]?.string {
            let found = try md5(of: file)
            guard found == expected.lowercased() else {
                throw ApusError(
                    .data, file: file, problem: "the MD5 digest is \(found), but \(path) says \(expected)",
                    remedy: "download the file again")
            }
        }
        let reader = try HDF5Reader(path: file, options: options)
        reader.selfEnergies = try converted(to: reader.units.unit(of: .energy))
        return reader
    }

    /// The file of this name, or of its last part beside the description; nil where there is none.
    private static func file(_ name: String, besides path: String) -> String? {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        return [name, folder + (name.split(separator: "/").last.map { String($0) } ?? name)].first(where: fileExists)
    }

    /// The files that the versions of a description name, as far as they are here; none of one that cannot be read.
    static func dataFiles(ofDescriptionAt path: String) -> [String] {
        guard let bytes = try? readDecompressedFile(path: path),
            let document = try? YAMLDocument.read(String(decoding: bytes, as: UTF8.self))
        else { return [] }
        let names = (document.object ?? [:]).values.flatMap { version in
            ["local_dataset", "remote_dataset"].compactMap { version[$0]?["hdf5_data_file"]?["file_name"]?.string }
        }
        return Set(names.compactMap { file($0, besides: path) }).sorted()
    }

    private func converted(to unit: Unit) throws -> [Int: Double]? {
        let factor = try Unit.kilojoulePerMole.factor(to: unit)
        return selfEnergies.isEmpty ? nil : selfEnergies.mapValues { $0 * factor }
    }

    /// Reads `H: -1313.46 * kilojoule_per_mole`; the values are in kJ/mol then.
    private static func selfEnergies(_ value: JSONValue?, path: String) throws -> [Int: Double] {
        var energies: [Int: Double] = [:]
        for (symbol, entry) in value?.object ?? [:] {
            let place = "atomic_self_energies.\(symbol)"
            do {
                let parts = (entry.string ?? "").split(separator: "*", maxSplits: 1)
                guard parts.count == 2, let number = Double(parts[0].filter { !$0.isWhitespace }) else {
                    throw ApusError(
                        .data, file: path, place: place, problem: "'\(entry.string ?? "")' is no number times a unit",
                        remedy: "write it as in H: -1313.46 * kilojoule_per_mole")
                }
                let unit = try Unit(String(parts[1]))
                energies[try Element(symbol: symbol).atomicNumber] = number * (try unit.factor(to: .kilojoulePerMole))
            } catch let error as ApusError {
                throw error
            } catch {
                throw ApusError(.data, file: path, place: place, problem: "\(error)")
            }
        }
        return energies
    }
}
