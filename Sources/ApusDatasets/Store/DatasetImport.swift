import ApusChemistry
import ApusFiles
import ApusSystem

/// Brings data files of any known format into one packed file.
public struct DatasetImport: Sendable {
    /// How positions and forces are kept; everything else has 64 bits.
    public enum Precision: String, CaseIterable, Sendable {
        /// In 32 bits if all sources have no more, otherwise in 64.
        case source
        /// In 32 bits, which halves the file.
        case float32
        /// In 64 bits.
        case float64
    }

    /// What the user says about the sources. Their units are those of the first source, whatever `units` says.
    public var reading = ReadingOptions()
    /// How positions and forces are kept.
    public var precision = Precision.source
    /// Which configurations are kept.
    public var selection = Selection()
    /// The units of energies and forces in the selection; nil for those of the first source.
    public var selectionUnits: UnitSystem?
    /// The program and its version, for the record.
    public var program = "apus"

    /// The usual options.
    public init() {}

    /// What an import has to tell.
    public enum Event: Sendable {
        /// A source is understood; sent when it is done, too.
        case understood(source: String, Interpretation)
        /// Configurations so far.
        case progress(Int)
        /// Another process imports the same, which is waited for.
        case waiting
        /// Configurations left after the selection, of how many.
        case selected(Int, of: Int)
    }

    /// Reads the sources one after the other and writes the file, which then stands at `target` in one instant.
    ///
    /// Memory does not grow with the sources. Their digests are computed at the same time by another thread.
    ///
    /// - Throws: `ApusError` for anything wrong with a source, when a source changes meanwhile, and when
    ///   writing fails; nothing is then left behind.
    @discardableResult
    public func run(
        _ sources: [String], to target: String, _ report: (Event) -> Void = { _ in }
    ) throws -> DatasetStore {
        try run(sources, to: target, digest: nil, report)
    }

    /// Does the same, and makes sure that the first source has the digest by which the target is named.
    func run(
        _ sources: [String], to target: String, digest: String?, _ report: (Event) -> Void
    ) throws -> DatasetStore {
        guard let first = sources.first else { throw ApusError(.usage, problem: "no source is named") }
        try requireDistinct([target], from: sources)
        var options = reading
        let fingerprints = sources.map { source in BackgroundResult { try SourceFingerprint(of: source) } }
        let before = try sources.map { try SourceFingerprint.statuses(of: $0) }

        var readers = [try openReader(first, options: options)]
        options.units = readers[0].units.system
        readers += try sources.dropFirst().map { try openReader($0, options: options) }
        let isSingle =
            precision == .float32 || precision == .source && readers.allSatisfy(\.isSinglePrecision)
        let writer = try DatasetStoreWriter(target, units: options.units, isSingle: isSingle)
        var selfEnergies: [Int: Double] = [:]
        var interpretations: [Interpretation] = []
        for (index, reader) in readers.enumerated() {
            var builder = ConfigurationBuilder(from: reader.units, options)
            while let frame = try reader.next() {
                try writer.append(try builder.configuration(frame), source: index)
                if writer.count % 10_000 == 0 { report(.progress(writer.count)) }
            }
            let factor = try reader.units.unit(of: .energy).factor(to: options.units.energy)
            selfEnergies.merge((try reader.checkedSelfEnergies(file: sources[index]) ?? [:]).mapValues { $0 * factor })
            { first, _ in first }
            interpretations.append(builder.completed(reader.interpretation))
            report(.understood(source: sources[index], interpretations[index]))
        }
        guard writer.count > 0 else { throw ApusError(.data, file: first, problem: "there is no configuration") }
        var descriptions: [DatasetInformation.Source] = []
        for (index, source) in sources.enumerated() {
            let fingerprint = try fingerprints[index].value()
            guard fingerprint.statuses == before[index], try SourceFingerprint.statuses(of: source) == before[index],
                index > 0 || digest ?? fingerprint.digest == fingerprint.digest
            else {
                throw ApusError(
                    .io, file: source, problem: "the file changed while it was read",
                    remedy: "wait until it is complete")
            }
            let interpretation = interpretations[index]
            descriptions.append(
                DatasetInformation.Source(
                    path: source, size: fingerprint.size, digest: fingerprint.digest, format: interpretation.format,
                    interpretation: interpretation.lines,
                    keys: Dictionary(
                        interpretation.entries.map { ($0.property.key, $0.key) },
                        uniquingKeysWith: { first, _ in first }),
                    unusedKeys: interpretation.unusedKeys))
        }
        let file = try writer.finish(
            sources: descriptions, options: texts, program: program, selfEnergies: selfEnergies)
        guard !selection.isEverything else { return try DatasetStore(completing: file) }
        // All configurations are never seen under the name that is for the selected ones.
        let everything = try DatasetStore(file)
        let configurations = try Configurations(everything, in: everything.information.units)
        let own = try selectionUnits.map { try selection.converted(from: $0, to: options.units) } ?? selection
        let positions = try own.positions(in: configurations, file: first)
        report(.selected(positions.count, of: everything.count))
        return try everything.write(configurations, at: positions, to: target, options: texts, program: program)
    }

    /// The options in words, for the record and for the key of a cache.
    public var texts: [String] {
        var texts = reading.assignment.map { "\($0.key.key) = \($0.value)" }
        texts += reading.sourceUnits.map { "\($0.key)_unit = \($0.value.symbol)" }
        if let version = reading.version { texts.append("version = \(version)") }
        if reading.marksMissingLabels { texts.append("NaN marks a missing label") }
        if reading.forcesAreGradients { texts.append("forces are gradients") }
        if reading.stressesAreOpposite { texts.append("stresses have the opposite sign") }
        if precision != .source { texts.append("precision = \(precision.rawValue)") }
        return texts.sorted() + selection.texts
    }
}

extension DatasetStore {
    /// Writes some configurations of this file into another.
    func write(
        _ configurations: Configurations, at positions: [Int], to target: String, options: [String], program: String
    ) throws -> DatasetStore {
        let writer = try DatasetStoreWriter(target, units: information.units, isSingle: hasSinglePositions)
        for (done, position) in positions.enumerated() {
            try writer.append(configurations[position], source: sourceIndex(position))
            if done % 10_000 == 0 { releasePages() }
        }
        return try DatasetStore(
            completing: try writer.finish(
                sources: information.sources, options: options, program: program,
                selfEnergies: information.selfEnergies))
    }
}

/// What tells whether a source is still the same: a file, a folder of files, or a description with the files it names.
struct SourceFingerprint: Sendable {
    /// What the system says of every file.
    let statuses: [FileFingerprint.Status]
    /// The SHA-256 digest of the file, or of the names and digests of all files of a folder.
    let digest: String
    /// The size of all files together, in bytes.
    var size: Int { statuses.reduce(0) { $0 + $1.size } }

    init(of source: String) throws {
        let prints = try Self.files(of: source).map { try FileFingerprint(of: $0) }
        statuses = prints.map(\.status)
        digest =
            prints.count != 1
            ? SHA256.hexadecimal(
                Array(
                    prints.map { "\($0.path.dropFirst(source.count)) \($0.digest)" }.joined(separator: "\n").utf8))
            : prints[0].digest
    }

    static func statuses(of source: String) throws -> [FileFingerprint.Status] {
        try Self.files(of: source).map { try FileFingerprint.Status(of: $0) }
    }

    private static func files(of source: String) throws -> [String] {
        guard !isFolder(source), case .modelforgeDescription = try SourceFormat(of: source) else {
            return try ApusFiles.files(of: source)
        }
        return [source] + ModelforgeDescription.dataFiles(ofDescriptionAt: source)
    }
}
