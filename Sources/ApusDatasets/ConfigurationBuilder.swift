import ApusChemistry
import ApusFiles

/// The values of one configuration as they stand in a file, in the units of the file.
struct SourceFrame {
    var numbers: [Int]
    var positions: [SIMD3<Double>]
    var charge = 0
    var record: String?
    var energy: Double?
    var forces: [SIMD3<Double>]?
    var dipole: SIMD3<Double>?
    var charges: [Double]?
    var place: Configuration.Place
}

/// Converts what stands in a file into the units of the data set, and refuses what no reference value can be.
struct ConfigurationBuilder {
    private let factors: (length: Double, energy: Double, force: Double, dipole: Double)
    private let units: UnitSystem
    /// Atoms closer than this are on one point; neighbours are searched with the same bound later.
    private let minimumDistance = NeighborPairs.defaultMinimumDistance
    private var pairs = NeighborPairs()

    init(from source: SourceUnits, to units: UnitSystem) throws(UnitError) {
        factors = (
            try source.length.unit.factor(to: units.length), try source.energy.unit.factor(to: units.energy),
            try source.force.unit.factor(to: units.force), try source.dipole.unit.factor(to: units.dipole)
        )
        self.units = units
    }

    /// Converts and checks one frame.
    ///
    /// - Throws: ``ApusError`` for a number that is not finite, an unknown element, and atoms on one point.
    mutating func configuration(_ frame: SourceFrame) throws -> Configuration {
        try checkFinite(frame)
        let system: AtomicSystem
        do throws(AtomicSystemError) {
            system = try AtomicSystem(
                numbers: frame.numbers, positions: frame.positions.map { $0 * factors.length }, charge: frame.charge)
            pairs.removeAll()
            try pairs.append(system, cutoff: 2 * minimumDistance, minimumDistance: minimumDistance)
        } catch .atomsCoincide(let first, let second, let elements, let distance) {
            throw frame.place.error(
                "the atoms \(first) (\(elements[0])) and \(second) (\(elements[1])), counted from 0, are "
                    + "\(distance) \(units.length.symbol) apart, which is as good as on one point",
                remedy: "remove one of them or correct its position")
        } catch {
            throw frame.place.error("\(error)")
        }
        return Configuration(
            system: system, record: frame.record, energy: frame.energy.map { $0 * factors.energy },
            forces: frame.forces?.map { $0 * factors.force }, dipole: frame.dipole.map { $0 * factors.dipole },
            charges: frame.charges, place: frame.place)
    }

    private func checkFinite(_ frame: SourceFrame) throws {
        func check(_ property: Property, _ value: Double, atom: Int? = nil) throws {
            guard !value.isFinite else { return }
            let owner = atom.map { " of atom \($0) (counted from 0)" } ?? ""
            throw frame.place.error(
                "the \(property.name)\(owner) must be finite, but \(value) was found",
                remedy: "correct the value or remove the frame")
        }
        func check(_ property: Property, _ vectors: [SIMD3<Double>]) throws {
            for (atom, vector) in vectors.enumerated() where !vector.sum().isFinite {
                for component in 0..<3 { try check(property, vector[component], atom: atom) }
            }
        }
        try check(.positions, frame.positions)
        if let energy = frame.energy { try check(.energy, energy) }
        if let forces = frame.forces { try check(.forces, forces) }
        if let dipole = frame.dipole { for component in 0..<3 { try check(.dipole, dipole[component]) } }
        for (atom, charge) in (frame.charges ?? []).enumerated() { try check(.charges, charge, atom: atom) }
    }
}

/// Groups numbers by threes.
func vectors(_ numbers: some RandomAccessCollection<Double>) -> [SIMD3<Double>] {
    var vectors: [SIMD3<Double>] = []
    vectors.reserveCapacity(numbers.count / 3)
    var index = numbers.startIndex
    for _ in 0..<numbers.count / 3 {
        let (y, z) = (numbers.index(after: index), numbers.index(index, offsetBy: 2))
        vectors.append(SIMD3(numbers[index], numbers[y], numbers[z]))
        index = numbers.index(after: z)
    }
    return vectors
}
