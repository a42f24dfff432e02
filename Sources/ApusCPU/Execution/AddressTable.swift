/// Where the places and maps of a program stand for one thread, and how many rows each set has for it at the moment.
final class AddressTable {
    /// By the number of the place.
    let places: Locations
    /// By the number of the map.
    let maps: UnsafeMutablePointer<UnsafePointer<Int32>>
    /// By the number of the set.
    let counts: UnsafeMutablePointer<Int>
    private let sizes: (maps: Int, sets: Int)

    /// - Parameter anywhere: where everything stands at first.
    init(places placeCount: Int, maps mapCount: Int, sets: Int, anywhere: UnsafeMutableRawPointer) {
        places = Locations(count: placeCount, anywhere: anywhere)
        maps = .allocate(capacity: max(mapCount, 1))
        maps.initialize(repeating: UnsafePointer(anywhere.assumingMemoryBound(to: Int32.self)), count: max(mapCount, 1))
        counts = .allocate(capacity: max(sets, 1))
        counts.initialize(repeating: 0, count: max(sets, 1))
        sizes = (mapCount, sets)
    }

    deinit {
        places.deallocate()
        maps.deallocate()
        counts.deallocate()
    }

    func copyCountsAndMaps(from other: AddressTable) {
        maps.update(from: other.maps, count: sizes.maps)
        counts.update(from: other.counts, count: sizes.sets)
    }
}

/// Where each place of a program stands, by its number.
struct Locations {
    private let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer>

    fileprivate init(count: Int, anywhere: UnsafeMutableRawPointer) {
        pointers = .allocate(capacity: max(count, 1))
        pointers.initialize(repeating: anywhere, count: max(count, 1))
    }

    fileprivate func deallocate() { pointers.deallocate() }

    subscript(place: Int) -> UnsafeMutableRawPointer {
        get { pointers[place] }
        nonmutating set { pointers[place] = newValue }
    }
}

/// Places and maps with a row for every row of a set, which can begin at any of them.
struct MovableRows {
    private var places: [(place: Int, start: UnsafeMutableRawPointer, rowBytes: Int)] = []
    private var maps: [(map: Int, start: UnsafePointer<Int32>)] = []
    private var first = 0

    mutating func removeAll() {
        places.removeAll(keepingCapacity: true)
        maps.removeAll(keepingCapacity: true)
        first = 0
    }

    mutating func append(place: Int, start: UnsafeMutableRawPointer, rowBytes: Int) {
        places.append((place, start, rowBytes))
    }

    mutating func append(map: Int, start: UnsafePointer<Int32>) { maps.append((map, start)) }

    mutating func move(to row: Int, _ table: AddressTable) {
        guard row != first else { return }
        for place in places { table.places[place.place] = place.start + row * place.rowBytes }
        for map in maps { table.maps[map.map] = map.start + row }
        first = row
    }

    mutating func reset(_ table: AddressTable) {
        first = -1
        move(to: 0, table)
    }
}

/// Memory for one owner, which grows and never shrinks; what it held is lost when it grows.
final class RawBuffer {
    private(set) var start = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
    private(set) var byteCount = 0

    deinit { start.deallocate() }

    func reserve(_ count: Int) {
        guard count > byteCount else { return }
        start.deallocate()
        start = .allocate(byteCount: count, alignment: 64)
        byteCount = count
    }
}
