import ApusChemistry
import ApusFiles

/// A data set in one packed file, of which configurations are made when they are asked for.
///
/// The file is a safetensors file with the tensors
///
/// | name | type | rows | content |
/// |---|---|---|---|
/// | `atom_offsets` | I64 | configurations + 1 | where the atoms of a configuration start |
/// | `atomic_numbers` | U8 | atoms | elements |
/// | `positions` | F64 or F32 | atoms × 3 | positions |
/// | `cells`, `periodic` | F64, U8 | configurations × 9 and × 3 | cells; only if there is one, NaN for none |
/// | the key of a property | F64, `F` also F32 | configurations or atoms | labels; NaN where one is not known |
/// | `record`, `record_names`, `record_offsets` | I32, U8, I64 | | molecules and their names in UTF-8 |
/// | `source`, `frame`, `line` | I32, I64, I64 | configurations | where a configuration comes from |
///
/// and the metadata that ``DatasetInformation`` describes. Every tensor has a checksum, and the header has one too.
public final class DatasetStore: Sendable {
    /// The file as the user named it.
    public let path: String
    /// Units, sources and options.
    public let information: DatasetInformation
    /// The number of configurations.
    public let count: Int
    private let map: SafetensorsMap
    /// In memory, because whatever happens to the file no position may lead out of the map.
    private let offsets: [Int64]
    private let numbers: MappedColumn<UInt8>
    private let positions: RealColumn
    private let cells: MappedColumn<Double>?
    private let periodic: MappedColumn<UInt8>?
    private let labels: [Property: RealColumn]
    /// The energies, which are asked for most often.
    private let energies: RealColumn?
    private let records: MappedColumn<Int32>
    private let recordNames: MappedColumn<UInt8>
    private let recordOffsets: [Int64]
    private let sources: MappedColumn<Int32>
    private let frames: MappedColumn<Int64>
    private let lines: MappedColumn<Int64>

    /// Whether the first bytes of a file are those of a safetensors file.
    static func isStore(_ bytes: [UInt8]) -> Bool {
        bytes.count > 8 && bytes[8] == UInt8(ascii: "{") && bytes[4..<8].allSatisfy { $0 == 0 }
    }

    /// Opens a file and checks all of it: sizes, checksums, and that every number is one that can be.
    ///
    /// - Throws: `ApusError` when it is truncated, damaged, of a newer version, or something else.
    public convenience init(path: String) throws {
        try self.init(path: path, openedAs: path)
    }

    /// Opens a file that is complete but has no name yet.
    convenience init(_ file: PendingFile) throws {
        try self.init(path: file.path, openedAs: file.temporary)
    }

    /// Checks a file that is complete, and gives it its name.
    convenience init(completing file: PendingFile) throws {
        try self.init(file)
        try file.commit()
    }

    private init(path: String, openedAs name: String) throws {
        self.path = path
        let map = try SafetensorsMap(path: path, openedAs: name)
        self.map = map
        func damaged(_ problem: String) -> ApusError {
            ApusError(
                .data, file: path, problem: "the data set is damaged: \(problem)", remedy: "import the sources again")
        }
        information = try DatasetInformation(map.metadata, file: path)
        let checksums = try map.checksums()
        for (name, checksum) in checksums where information.checksums[name] != checksum {
            throw damaged("the checksum of '\(name)' is wrong")
        }
        guard information.headerDigest(tensors: map.tensors) == map.metadata[DatasetInformation.digestKey],
            checksums.count == information.checksums.count
        else { throw damaged("the checksum of the header is wrong") }

        func column<Element>(
            _ name: String, _ type: Safetensors.ElementType, as _: Element.Type, count: Int? = nil
        ) throws -> MappedColumn<Element> {
            guard let column = map.column(name, of: type, as: Element.self) else {
                throw damaged("'\(name)' is missing")
            }
            guard count == nil || column.count == count else { throw damaged("'\(name)' has a wrong length") }
            return column
        }
        func reals(_ name: String, count: Int) throws -> RealColumn {
            if map.tensors[name]?.elementType == .f32 {
                return .single(try column(name, .f32, as: Float.self, count: count))
            }
            return .double(try column(name, .f64, as: Double.self, count: count))
        }
        offsets = try column("atom_offsets", .i64, as: Int64.self).withElements { Array($0) }
        numbers = try column("atomic_numbers", .u8, as: UInt8.self)
        let (count, atoms) = (offsets.count - 1, numbers.count)
        guard count >= 0 else { throw damaged("'atom_offsets' is empty") }
        self.count = count
        positions = try reals("positions", count: 3 * atoms)
        let hasCells = map.tensors["cells"] != nil
        cells = hasCells ? try column("cells", .f64, as: Double.self, count: 9 * count) : nil
        periodic = hasCells ? try column("periodic", .u8, as: UInt8.self, count: 3 * count) : nil
        var labels: [Property: RealColumn] = [:]
        for property in information.properties {
            let owners = property.owner == .atom ? atoms : count
            labels[property] = try reals(property.key, count: owners * property.components)
        }
        self.labels = labels
        energies = labels[.energy]
        records = try column("record", .i32, as: Int32.self, count: count)
        recordNames = try column("record_names", .u8, as: UInt8.self)
        recordOffsets = try column("record_offsets", .i64, as: Int64.self).withElements { Array($0) }
        sources = try column("source", .i32, as: Int32.self, count: count)
        frames = try column("frame", .i64, as: Int64.self, count: count)
        lines = try column("line", .i64, as: Int64.self, count: count)
        try requireSoundContent(damaged)
        if name == path { try map.requireUnchanged() }
        map.releasePages()
    }

    /// What the importer makes sure of, and what every later access relies on.
    private func requireSoundContent(_ damaged: (String) -> ApusError) throws {
        func isAscending(_ values: [Int64], to end: Int) -> Bool {
            values.first == 0 && values.last == Int64(end) && zip(values, values.dropFirst()).allSatisfy { $0 <= $1 }
        }
        guard isAscending(offsets, to: numbers.count) else { throw damaged("'atom_offsets' do not ascend") }
        guard isAscending(recordOffsets, to: recordNames.count) else { throw damaged("'record_offsets' do not ascend") }
        guard numbers.withElements({ $0.allSatisfy { (1...118).contains($0) } }) else {
            throw damaged("'atomic_numbers' has a number that is no element")
        }
        guard positions.isWithin(Plausible.limit(of: .positions), release: map.releasePages) else {
            throw damaged("'positions' has a number that is not finite or cannot be")
        }
        for (property, column) in labels {
            // NaN stands for a label that is not known.
            guard column.isWithin(Plausible.limit(of: property), orNaN: true, release: map.releasePages) else {
                throw damaged("'\(property.key)' has a number that cannot be")
            }
        }
        for index in 0..<count where cells.map({ !$0[9 * index].isNaN }) == true {
            guard let cell = try? cell(index, 1), Plausible.isPossible(cell) else {
                throw damaged("'cells' has one that cannot be")
            }
        }
        let recordCount = Int32(clamping: recordOffsets.count - 1)
        guard records.withElements({ $0.allSatisfy { $0 >= 0 && $0 < recordCount } }) else {
            throw damaged("'record' names a molecule that is not there")
        }
        let sourceCount = Int32(clamping: information.sources.count)
        guard sources.withElements({ $0.allSatisfy { $0 >= 0 && $0 < max(sourceCount, 1) } }) else {
            throw damaged("'source' names a file that is not there")
        }
        for (property, isAllowed) in [
            (Property.totalCharge, { (value: Double) in Int(exactly: value) != nil }),
            (.spinMultiplicity, { value in (Int(exactly: value) ?? 0) > 0 }),
        ] {
            guard let label = labels[property] else { continue }
            guard (0..<count).allSatisfy({ label[$0].isNaN || isAllowed(label[$0]) }) else {
                throw damaged("'\(property.key)' has a number that cannot be")
            }
        }
    }
}

extension DatasetStore {
    /// The properties that at least one configuration has, apart from elements and positions.
    public var properties: [Property] { information.properties }

    /// Whether a configuration has a cell that repeats.
    public var hasPeriodicSystems: Bool {
        periodic.map { $0.withElements { $0.contains { $0 != 0 } } } ?? false
    }

    /// The number of atoms of a configuration.
    public func atomCount(_ index: Int) -> Int { Int(offsets[index + 1] - offsets[index]) }

    /// The atoms of a configuration.
    private func atoms(_ index: Int) -> Range<Int> { Int(offsets[index])..<Int(offsets[index + 1]) }

    /// The atomic numbers of a configuration.
    public func atomicNumbers(_ index: Int) -> [UInt8] { numbers[atoms(index)] }

    /// Calls a function with every atomic number of a configuration.
    func forEachAtomicNumber(_ index: Int, _ body: (UInt8) -> Void) {
        numbers.withElements(atoms(index)) { for number in $0 { body(min(number, 118)) } }
    }

    /// The energy in the unit of the file; nil where it is not known.
    func energy(_ index: Int) -> Double? {
        guard let value = energies?[index], !value.isNaN else { return nil }
        return value
    }

    /// The number of the molecule of a configuration; equal numbers are the same molecule.
    public func recordIndex(_ index: Int) -> Int { max(0, min(Int(records[index]), recordCount - 1)) }

    /// The name of a molecule.
    public func recordName(_ record: Int) -> String {
        String(decoding: recordNames[Int(recordOffsets[record])..<Int(recordOffsets[record + 1])], as: UTF8.self)
    }

    /// The numbers of molecules.
    public var recordCount: Int { recordOffsets.count - 1 }

    /// The numbers of a label in the units of the file; nil where it is not known.
    public func label(_ property: Property, _ index: Int) -> [Double]? {
        guard let column = labels[property] else { return nil }
        let range = property.owner == .atom ? atoms(index) : index..<(index + 1)
        let width = property.components
        guard !range.isEmpty, !column[range.lowerBound * width].isNaN else { return nil }
        return column[(range.lowerBound * width)..<(range.upperBound * width)]
    }

    /// The number of configurations that have a label.
    public func count(of property: Property) -> Int {
        guard labels[property] != nil else { return 0 }
        return (0..<count).count(where: hasLabel(property))
    }

    /// Whether a configuration has a label, as a function of its position: the column is looked up once.
    func hasLabel(_ property: Property) -> (Int) -> Bool {
        guard let column = labels[property] else { return { _ in false } }
        let components = property.components
        guard property.owner == .atom else { return { !column[$0 * components].isNaN } }
        return { [offsets] index in
            let start = offsets[index]
            return start < offsets[index + 1] && !column[Int(start) * components].isNaN
        }
    }

    /// The number of the source of a configuration.
    func sourceIndex(_ index: Int) -> Int { max(0, min(Int(sources[index]), information.sources.count - 1)) }

    /// Whether positions have 32 bits.
    var hasSinglePositions: Bool {
        if case .single = positions { true } else { false }
    }

    /// Where a configuration comes from.
    public func place(_ index: Int) -> Configuration.Place {
        let source = sourceIndex(index)
        return Configuration.Place(
            file: source < information.sources.count ? information.sources[source].path : path,
            frame: Int(frames[index]), line: lines[index] > 0 ? Int(lines[index]) : nil)
    }

    /// A configuration, with its numbers multiplied by factors for other units.
    func configuration(_ index: Int, _ factor: (Property) -> Double) -> Configuration {
        guard let system = system(index, length: factor(.positions)) else {
            return Configuration(system: AtomicSystem.hydrogenAtom, labels: [:], place: place(index))
        }
        var labels: [Property: [Double]] = [:]
        for property in information.properties {
            guard let values = label(property, index) else { continue }
            let factor = factor(property)
            labels[property] = factor == 1 ? values : values.map { $0 * factor }
        }
        return Configuration(
            system: system, record: recordName(recordIndex(index)), labels: labels, place: place(index))
    }

    /// The atoms of a configuration, with lengths multiplied by a factor for another unit.
    ///
    /// - Returns: nil where the content, which was checked when the file was opened, has changed, which
    ///   ``requireUnchanged()`` tells later.
    func system(_ index: Int, length: Double) -> AtomicSystem? {
        let atoms = atoms(index)
        let coordinates = vectors(positions[(3 * atoms.lowerBound)..<(3 * atoms.upperBound)])
        func whole(_ property: Property) -> Int? { label(property, index).map { Int(exactly: $0[0]) ?? 0 } }
        return try? AtomicSystem(
            numbers: numbers[atoms].map { Int($0) },
            positions: length == 1 ? coordinates : coordinates.map { $0 * length },
            cell: try cell(index, length), charge: whole(.totalCharge) ?? 0,
            spinMultiplicity: whole(.spinMultiplicity))
    }

    private func cell(_ index: Int, _ length: Double) throws -> Cell? {
        guard let cells, let periodic, !cells[9 * index].isNaN else { return nil }
        return try Cell(
            vectors: vectors(cells[(9 * index)..<(9 * index + 9)]).map { $0 * length },
            isPeriodicAlong: periodic[(3 * index)..<(3 * index + 3)].map { $0 != 0 })
    }

    /// Makes sure that what was read so far is what the file had when it was opened; until then it may be anything.
    ///
    /// - Throws: `ApusError` of kind `io` when the file was cut, written to or replaced since.
    public func requireUnchanged() throws { try map.requireUnchanged() }

    /// Gives the memory of pages back that were read.
    public func releasePages() { map.releasePages() }
}

extension AtomicSystem {
    /// What stands for a system that cannot be made.
    static let hydrogenAtom: AtomicSystem = {
        do { return try AtomicSystem(numbers: [1], positions: [.zero]) } catch { fatalError("\(error)") }
    }()
}

/// Real numbers of a mapped tensor in either precision.
enum RealColumn: Sendable {
    case single(MappedColumn<Float>)
    case double(MappedColumn<Double>)

    subscript(index: Int) -> Double {
        switch self {
        case .single(let column): Double(column[index])
        case .double(let column): column[index]
        }
    }

    subscript(range: Range<Int>) -> [Double] {
        switch self {
        case .single(let column): column[range].map { Double($0) }
        case .double(let column): column[range]
        }
    }

    /// Whether no number is larger than a limit.
    ///
    /// - Parameters:
    ///   - allowsNaN: Whether numbers may be NaN.
    ///   - release: Called after each block, to give its memory back.
    func isWithin(_ limit: Double, orNaN allowsNaN: Bool = false, release: () -> Void) -> Bool {
        func check<Number: BinaryFloatingPoint>(_ numbers: UnsafeBufferPointer<Number>) -> Bool {
            let block = 1 << 22
            let limit = Number(limit)
            for start in stride(from: 0, to: numbers.count, by: block) {
                // Counted without a branch, so that the loop runs on vectors.
                var faults = 0
                for index in start..<min(start + block, numbers.count) {
                    let size = abs(numbers[index])
                    faults &+= allowsNaN ? (size > limit ? 1 : 0) : (size <= limit ? 0 : 1)
                }
                guard faults == 0 else { return false }
                release()
            }
            return true
        }
        return switch self {
        case .single(let column): column.withElements(check)
        case .double(let column): column.withElements(check)
        }
    }
}
