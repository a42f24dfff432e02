import ApusCPU
import ApusChemistry
import ApusGraph

/// What a potential may know of systems and atoms beside the geometry.
public enum SystemInput: String, CaseIterable, Sendable {
    /// The total charge, `systems`, `[1]`.
    case totalCharges = "total_charge"
    /// The spin multiplicity, `systems`, `[1]`; 1 where it is not known.
    case spinMultiplicities = "spin_multiplicity"
    /// The position from the centre of mass, `atoms`, `[3, 1]`.
    case centeredPositions = "centered_positions"
    /// 3 r rᵀ − r² 1 of the position r from the centre of mass, `atoms`, `[9, 1]`.
    case quadrupoleTensors = "quadrupole_tensors"
    /// 1/V, `systems`, `[1]`; 0 for a system without a volume.
    case inverseVolumes = "inverse_volume"

    private var rows: RowSpace {
        switch self {
        case .totalCharges, .spinMultiplicities, .inverseVolumes: .systems
        case .centeredPositions, .quadrupoleTensors: .atoms
        }
    }

    fileprivate func tensor(_ graph: Graph) -> Tensor {
        let components = self == .centeredPositions ? 3 : self == .quadrupoleTensors ? 9 : 1
        return graph.input(rawValue, rows: rows, shape: Shape(components: components))
    }

    /// The numbers of a system, row by row.
    private func values(of system: AtomicSystem) -> [Double] {
        switch self {
        case .totalCharges: return [Double(system.charge)]
        case .spinMultiplicities: return [Double(system.spinMultiplicity ?? 1)]
        case .inverseVolumes: return [system.volume.map { 1 / $0 } ?? 0]
        case .centeredPositions:
            let center = system.centerOfMass
            return system.positions.flatMap { position in (0..<3).map { position[$0] - center[$0] } }
        case .quadrupoleTensors:
            let center = system.centerOfMass
            return system.positions.flatMap { quadrupoleTensor($0 - center) }
        }
    }

    fileprivate func values(of systems: some Collection<AtomicSystem>) -> [Double] {
        systems.flatMap { values(of: $0) }
    }
}

/// 3 r rᵀ − r² 1, row by row: what a unit charge at r adds to a quadrupole moment.
public func quadrupoleTensor(_ r: SIMD3<Double>) -> [Double] {
    let square = (r * r).sum()
    var tensor = [Double](repeating: 0, count: 9)
    for row in 0..<3 {
        for column in 0..<3 { tensor[3 * row + column] = 3 * r[row] * r[column] }
        tensor[4 * row] -= square
    }
    return tensor
}

extension Graph {
    /// A quantity of systems or atoms that is given with every batch.
    public func input(_ input: SystemInput) -> Tensor { input.tensor(self) }
}

extension Chunk {
    /// Adds quantities of the systems that fill the chunk.
    public mutating func add(_ inputs: [SystemInput], of systems: some Collection<AtomicSystem>) {
        for input in inputs { self.inputs[input.rawValue] = input.values(of: systems) }
    }
}
