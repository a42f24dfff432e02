import ApusChemistry
import ApusFiles
import ApusFormats

/// Atoms of ASE with what is known about them, as its databases and trajectories have them.
struct ASERow {
    /// The name in messages of what holds a value.
    let noun: String
    let place: Configuration.Place
    var numbers: [Int] = []
    var positions: [Double] = []
    /// The nine numbers of the lattice vectors.
    var lattice: [Double] = []
    var isPeriodicAlong = [false, false, false]
    /// The numbers under each key: those of the calculator, then key-value pairs, then further data in their place.
    private(set) var arrays: [String: ASEData.Array] = [:]
    /// The keys that come from the calculator.
    private(set) var calculatorKeys: Set<String> = []
    /// The name of the molecule.
    var name: String?
    /// Which atoms are held fixed, as ASE describes it.
    var constraints: JSONValue = .null

    init(_ noun: String, _ place: Configuration.Place) { (self.noun, self.place) = (noun, place) }

    /// The results of a calculator.
    static let results: Set = [
        "energy", "energies", "free_energy", "forces", "stress", "stresses", "dipole", "charges", "magmom", "magmoms",
    ]

    mutating func addResult(_ key: String, _ array: ASEData.Array) {
        arrays[key] = array
        calculatorKeys.insert(key)
    }

    mutating func add(_ key: String, _ array: ASEData.Array) {
        arrays[key] = array
        calculatorKeys.remove(key)
    }

    /// Whether there are as many numbers under a key as the property has.
    func has(_ key: String, for property: Property) -> Bool {
        arrays[key].map { property.accepts($0.values.count, atoms: numbers.count) } ?? false
    }

    func failure(_ key: String, _ problem: String) -> ApusError {
        place.error("the \(noun) '\(key)' \(problem)", remedy: "the file is damaged")
    }

    /// The atoms without labels.
    ///
    /// - Throws: `ApusError` when sizes do not fit.
    func frame() throws -> SourceFrame {
        guard !numbers.isEmpty else { throw failure("numbers", "names no atom") }
        guard positions.count == 3 * numbers.count else {
            throw failure("positions", "has \(positions.count) numbers for \(numbers.count) atoms")
        }
        var frame = SourceFrame(numbers: numbers, positions: vectors(positions), record: name, place: place)
        guard [0, 9].contains(lattice.count) else {
            throw failure("cell", "has \(lattice.count) numbers, not three vectors")
        }
        guard !lattice.isEmpty || !isPeriodicAlong.contains(true) else {
            throw place.error(
                "the atoms are periodic, but have no cell", remedy: "write them with a cell, or with pbc = False")
        }
        frame.cell = SourceFrame.Cell(lattice, isPeriodicAlong: isPeriodicAlong)
        return frame
    }
}
