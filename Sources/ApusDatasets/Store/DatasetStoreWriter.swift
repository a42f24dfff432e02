import ApusChemistry
import ApusFiles

/// Writes a ``DatasetStore`` configuration by configuration, in constant memory.
final class DatasetStoreWriter {
    private let spool: SafetensorsSpool
    private let path: String
    private let units: UnitSystem
    /// Whether positions and forces are kept in 32 bits.
    private let isSingle: Bool
    private let offsets: SafetensorsSpool.Column
    private let numbers: SafetensorsSpool.Column
    private let positions: SafetensorsSpool.Column
    private let records: SafetensorsSpool.Column
    private let recordNames: SafetensorsSpool.Column
    private let recordOffsets: SafetensorsSpool.Column
    private let sources: SafetensorsSpool.Column
    private let frames: SafetensorsSpool.Column
    private let lines: SafetensorsSpool.Column
    private var cells: (vectors: SafetensorsSpool.Column, periodic: SafetensorsSpool.Column)?
    private var labels: [Property: SafetensorsSpool.Column] = [:]
    private var recordIndex: [String: Int32] = [:]
    private var lastRecord: (name: String, index: Int32)?
    private var recordBytes = 0
    private var atomCount = 0
    /// Configurations so far.
    private(set) var count = 0

    init(_ path: String, units: UnitSystem, isSingle: Bool) throws {
        (self.path, self.units, self.isSingle) = (path, units, isSingle)
        spool = SafetensorsSpool(path)
        offsets = try spool.add("atom_offsets", .i64)
        numbers = try spool.add("atomic_numbers", .u8)
        positions = try spool.add("positions", isSingle ? .f32 : .f64, rowShape: [3])
        records = try spool.add("record", .i32)
        recordNames = try spool.add("record_names", .u8)
        recordOffsets = try spool.add("record_offsets", .i64)
        sources = try spool.add("source", .i32)
        frames = try spool.add("frame", .i64)
        lines = try spool.add("line", .i64)
        try offsets.append(Int64(0))
        try recordOffsets.append(Int64(0))
    }

    /// Adds a configuration in the units of the file.
    ///
    /// - Throws: `ApusError` of kind `io`, or `data` for a number that does not fit into 32 bits.
    func append(_ configuration: Configuration, source: Int) throws {
        let system = configuration.system
        try numbers.append(system.numbers.map { UInt8($0) })
        let coordinates = system.positions.flatMap { [$0.x, $0.y, $0.z] }
        try append(coordinates, to: positions, isSingle: isSingle, of: configuration)
        try appendCell(system.cell)
        for property in configuration.labels.keys where labels[property] == nil {
            labels[property] = try newColumn(property)
        }
        for (property, column) in labels {
            let values =
                configuration.labels[property] ?? [Double](repeating: .nan, count: property.count(atoms: system.count))
            try append(values, to: column, isSingle: isSingle && property == .forces, of: configuration)
        }
        atomCount += system.count
        count += 1
        try offsets.append(Int64(atomCount))
        try records.append(try index(ofRecord: configuration.record))
        try sources.append(Int32(source))
        try frames.append(Int64(configuration.place.frame))
        try lines.append(Int64(configuration.place.line ?? 0))
    }

    private func append(
        _ values: [Double], to column: SafetensorsSpool.Column, isSingle: Bool, of configuration: Configuration
    ) throws {
        guard isSingle else { return try column.append(values) }
        let singles = values.map { Float($0) }
        guard zip(singles, values).allSatisfy({ $0.isFinite || !$1.isFinite }) else {
            throw configuration.place.error(
                "a number is too large for 32 bits", remedy: "import with --precision float64")
        }
        try column.append(singles)
    }

    private func appendCell(_ cell: Cell?) throws {
        if cells == nil, cell != nil {
            let vectors = try spool.add("cells", .f64, rowShape: [9])
            let periodic = try spool.add("periodic", .u8, rowShape: [3])
            for _ in 0..<count {
                try vectors.append([Double](repeating: .nan, count: 9))
                try periodic.append([UInt8](repeating: 0, count: 3))
            }
            cells = (vectors, periodic)
        }
        guard let cells else { return }
        try cells.vectors.append(
            cell?.vectors.flatMap { [$0.x, $0.y, $0.z] } ?? [Double](repeating: .nan, count: 9))
        try cells.periodic.append((cell?.isPeriodicAlong ?? [false, false, false]).map { UInt8($0 ? 1 : 0) })
    }

    /// A column for a property that occurs for the first time; the configurations before do not have it.
    private func newColumn(_ property: Property) throws -> SafetensorsSpool.Column {
        let column = try spool.add(
            property.key, isSingle && property == .forces ? .f32 : .f64,
            rowShape: property.components > 1 ? [property.components] : [])
        var missing = (property.owner == .atom ? atomCount : count) * property.components
        while missing > 0 {
            let part = min(missing, 1 << 15)
            if column.elementType == .f32 {
                try column.append([Float](repeating: .nan, count: part))
            } else {
                try column.append([Double](repeating: .nan, count: part))
            }
            missing -= part
        }
        return column
    }

    private func index(ofRecord name: String) throws -> Int32 {
        if let last = lastRecord, last.name == name { return last.index }
        let index: Int32
        if let known = recordIndex[name] {
            index = known
        } else {
            index = Int32(recordIndex.count)
            recordIndex[name] = index
            let text = Array(name.utf8)
            try recordNames.append(text)
            recordBytes += text.count
            try recordOffsets.append(Int64(recordBytes))
        }
        lastRecord = (name, index)
        return index
    }

    /// Completes the file, which still waits for its name.
    ///
    /// - Throws: `ApusError` of kind `io`.
    func finish(
        sources: [DatasetInformation.Source], options: [String], program: String, selfEnergies: [Int: Double]
    ) throws -> PendingFile {
        var checksums: [String: UInt32] = [:]
        for column in spool.columns { checksums[column.name] = try column.checksum() }
        let information = DatasetInformation(
            units: units, properties: labels.keys.sorted { $0.key < $1.key }, sources: sources, options: options,
            program: program, selfEnergies: selfEnergies, checksums: checksums)
        let tensors = Dictionary(
            uniqueKeysWithValues: spool.columns.map { ($0.name, (elementType: $0.elementType, shape: $0.shape)) })
        return try spool.finish(metadata: information.metadata(tensors: tensors))
    }
}
