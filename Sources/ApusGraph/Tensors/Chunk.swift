/// A few systems of a batch, as flat arrays: what one run of a program's body works on.
public struct Chunk: Sendable {
    /// How many rows the index sets have.
    public private(set) var counts = RowCounts()
    private var maps: [RowMap: [Int32]] = [:]
    /// The numbers of each input of the graph, row-major.
    public var inputs: [String: [Double]] = [:]

    /// A chunk without systems.
    public init() {}

    /// The entries of a map; setting them sets the number of rows of its source.
    public subscript(map: RowMap) -> [Int32] {
        get { maps[map] ?? [] }
        _modify {
            yield &maps[map, default: []]
            counts[map.source] = maps[map]!.count
        }
    }

    /// The number of systems.
    public var systems: Int {
        get { counts[.systems] }
        set { counts[.systems] = newValue }
    }

    /// Forgets the systems and keeps the memory.
    public mutating func removeAll() {
        counts = RowCounts()
        for index in maps.indices { maps.values[index].removeAll(keepingCapacity: true) }
        for index in inputs.indices { inputs.values[index].removeAll(keepingCapacity: true) }
    }

    /// What is wrong with the maps, in words: kernels trust them, so they are checked once, here.
    ///
    /// - Parameters:
    ///   - used: The maps that kernels read.
    ///   - tableRows: The rows that the tables have which a map without a target reads.
    package func fault(of used: some Sequence<RowMap>, tableRows: Int) -> String? {
        for map in used {
            let (entries, needed) = (self[map], counts[map.source])
            if entries.count != needed {
                return "the \(map) has \(entries.count) entries for \(needed) rows of \(map.source)"
            }
            let limit = map.target.map { counts[$0] } ?? tableRows
            // One comparison finds what is negative too.
            let largest = entries.reduce(UInt32(0)) { max($0, UInt32(bitPattern: $1)) }
            if !entries.isEmpty, Int(largest) >= limit {
                let wrong = entries.first { $0 < 0 || Int($0) >= limit }!
                return "the \(map) has the entry \(wrong), which is not one of \(limit) rows of \(map.targetName)"
            }
        }
        return nil
    }
}

/// The values of a program's outputs for one chunk, in the order of the outputs, row-major.
public typealias ChunkOutputs = [[Double]]
