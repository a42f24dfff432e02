import ApusChemistry
import ApusSystem

/// What one pass over a data set shows of its labels.
struct LabelScreen {
    /// The energies of configurations with the same atoms and charge.
    struct Group {
        /// The atomic numbers, ascending.
        let numbers: [Int]
        var members: [(position: Int, energy: Double)] = []
    }

    /// A value and the configuration that has it.
    typealias Found = (position: Int, value: Double)

    let dataset: Dataset
    /// By atoms and charge, in the order in which they appear.
    private(set) var groups: [Group] = []
    /// Configurations of two atoms and more with forces.
    private(set) var withForces = 0
    /// Those of them whose forces are all exactly zero.
    private(set) var zeroForces: [Int] = []
    /// Those of them where a quarter of the atoms and more, but not all, have a force of exactly zero.
    private(set) var frozen: [Int] = []
    /// The largest force in eV/Å.
    private(set) var largestForce: (size: Double, position: Int, atom: Int)?
    /// The root mean square of the force components of each configuration in eV/Å.
    private(set) var forceSizes: [Double] = []
    /// The quadrupole moments with a trace: its size over that of the largest component.
    private(set) var traces: [Found] = []
    private(set) var quadrupoles = 0
    /// Configurations that repeat the geometry and state of an earlier one with another energy, and the difference.
    private(set) var contradictions: [(first: Int, second: Int, difference: Double)] = []

    /// - Parameter concerns: Which labels matter.
    init(_ dataset: Dataset, _ concerns: (Property) -> Bool) throws {
        self.dataset = dataset
        let all = dataset.configurations
        let (hasEnergy, hasForces, hasQuadrupole) =
            (all.hasLabel(.energy), all.hasLabel(.forces), all.hasLabel(.quadrupole))
        let forceFactor = try dataset.units.force.factor(to: .electronvolt / .angstrom)
        let energyFactor = try dataset.units.energy.factor(to: .electronvolt)
        var groupOfAtoms: [[Int]: Int] = [:]
        var known: [Int: (position: Int, energy: Double)] = [:]
        for position in all.indices {
            if position % 10_000 == 0 { all.releasePages() }
            if concerns(.energy), hasEnergy(position), let energy = all.energy(position).map({ $0 * energyFactor }) {
                var numbers: [Int] = []
                all.forEachAtomicNumber(position) { numbers.append($0) }
                numbers.sort()
                let key = numbers + [Int(all.label(.totalCharge, position)?[0] ?? 0)]
                let group = groupOfAtoms[key] ?? groups.count
                if group == groups.count {
                    groupOfAtoms[key] = group
                    groups.append(Group(numbers: numbers))
                }
                groups[group].members.append((position, energy))
                let hash = all.system(position).hashValue
                if let earlier = known[hash] {
                    // Printed with eight digits, or computed on another machine.
                    let difference = abs(earlier.energy - energy)
                    if difference > max(1e-3, 1e-8 * abs(energy)) {
                        contradictions.append((earlier.position, position, difference))
                    }
                } else {
                    known[hash] = (position, energy)
                }
            }
            if concerns(.forces), hasForces(position), let forces = all.label(.forces, position) {
                take(forces, forceFactor, position)
            }
            if concerns(.quadrupole), hasQuadrupole(position), let tensor = all.label(.quadrupole, position) {
                quadrupoles += 1
                let largest = tensor.reduce(0) { max($0, abs($1)) }
                let trace = abs(tensor[0] + tensor[4] + tensor[8])
                if trace > 1e-3 * largest, trace > 1e-4 { traces.append((position, trace / largest)) }
            }
        }
    }

    private mutating func take(_ forces: [Double], _ factor: Double, _ position: Int) {
        guard forces.count > 3 else { return }
        withForces += 1
        var (squares, zeros) = (0.0, 0)
        for atom in 0..<forces.count / 3 {
            let force = SIMD3(forces[3 * atom], forces[3 * atom + 1], forces[3 * atom + 2]) * factor
            let square = (force * force).sum()
            squares += square
            if square == 0 { zeros += 1 }
            if square > (largestForce?.size ?? 0) * (largestForce?.size ?? 0) {
                largestForce = (square.squareRoot(), position, atom)
            }
        }
        forceSizes.append((squares / Double(forces.count)).squareRoot())
        if squares == 0 { zeroForces.append(position) } else if 12 * zeros >= forces.count { frozen.append(position) }
    }

    /// `ethanol (frame 3, line 45)`.
    func name(_ position: Int) -> String {
        "\(dataset.configurations.record(position)) (\(dataset.configurations.place(position)))"
    }
}
