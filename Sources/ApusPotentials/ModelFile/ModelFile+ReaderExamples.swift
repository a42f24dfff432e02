import ApusChemistry
import ApusFiles

extension ModelReader {
    /// The examples of a file, with what the model predicted of them.
    func examples(_ model: EnergyModel) throws -> [ModelFile.Example] {
        let counts = try contents.integers("golden/atom_counts")
        let numbers = try contents.integers("golden/numbers")
        // Each count is bounded first, so that the sum cannot overflow.
        guard !counts.isEmpty, counts.allSatisfy({ (1...max(numbers.count, 1)).contains($0) }),
            counts.reduce(0, +) == numbers.count
        else {
            throw failure(
                tensor: "golden/atom_counts", "\(counts) are not the sizes of systems of \(numbers.count) atoms")
        }
        _ = try tensor("golden/energies", shape: [counts.count])
        let energies = try contents.doubles("golden/energies")
        let positions = try vectors("golden/positions", count: numbers.count)
        let forces = try vectors("golden/forces", count: numbers.count)
        func integers(_ name: String, _ input: SystemInput) throws -> [Int]? {
            guard model.inputs.contains(input) else { return nil }
            _ = try tensor(name, shape: [counts.count])
            return try contents.integers(name)
        }
        let charges = try integers("golden/total_charges", .totalCharges)
        let multiplicities = try integers("golden/spin_multiplicities", .spinMultiplicities)
        var further: [Property: [Double]] = [:]
        for property in model.furtherProperties {
            let name = "golden/\(property.target)"
            let rows = property.owner == .atom ? numbers.count : counts.count
            _ = try tensor(name, shape: [rows * property.components])
            further[property] = try contents.doubles(name)
        }
        let cells = try cells(counts.count)
        let stresses = try stresses(of: cells)
        var first = 0
        return try zip(counts, energies).enumerated().map { k, example in
            let atoms = first..<first + example.0
            first = atoms.upperBound
            let system: AtomicSystem
            do {
                system = try AtomicSystem(
                    numbers: Array(numbers[atoms]), positions: Array(positions[atoms]), cell: cells[k],
                    charge: charges?[k] ?? 0, spinMultiplicity: multiplicities?[k])
            } catch {
                throw failure("golden example \(k) (counted from 0)", "\(error)")
            }
            if let atom = model.unknownAtom(in: system) {
                let symbols = model.elements.map(\.symbol).joined(separator: " ")
                throw failure(
                    "golden example \(k) (counted from 0)",
                    "atom \(atom) is \(system.elements[atom]), which is not among the elements \(symbols)")
            }
            var prediction = Prediction(energy: example.1, forces: Array(forces[atoms]))
            for (property, values) in further {
                let first = property.components * (property.owner == .atom ? atoms.lowerBound : k)
                prediction.further[property] = Array(values[first..<first + property.count(atoms: atoms.count)])
            }
            prediction.further[.stress] = stresses[k]
            return ModelFile.Example(system: system, prediction: prediction)
        }
    }

    /// The cell of each example that has one; versions 1 and 2, and files of molecules, have none.
    private func cells(_ count: Int) throws -> [Cell?] {
        let name = "golden/cells"
        guard contents.tensors[name] != nil else { return [Cell?](repeating: nil, count: count) }
        _ = try tensor(name, shape: [count, 3, 3])
        _ = try tensor("golden/periodic", shape: [count, 3])
        let lattice = ApusPotentials.vectors(try contents.doubles(name))
        let flags = try contents.integers("golden/periodic").map { $0 != 0 }
        return try (0..<count).map { k in
            let isPeriodicAlong = Array(flags[3 * k..<3 * k + 3])
            guard isPeriodicAlong.contains(true) else { return nil }
            do {
                return try Cell(vectors: Array(lattice[3 * k..<3 * k + 3]), isPeriodicAlong: isPeriodicAlong)
            } catch {
                throw failure("golden example \(k) (counted from 0)", "\(error)")
            }
        }
    }

    /// The stress of each example with a volume.
    private func stresses(of cells: [Cell?]) throws -> [[Double]?] {
        guard cells.contains(where: { $0 != nil }) else { return cells.map { _ in nil } }
        let name = "golden/\(Property.stress.target)"
        let size = Property.stress.components
        let haveVolume = cells.map { $0.map { $0.volume > 0 } ?? false }
        _ = try tensor(name, shape: [size * haveVolume.count { $0 }])
        var numbers = try contents.doubles(name)[...]
        return haveVolume.map { hasVolume in
            guard hasVolume else { return nil }
            defer { numbers = numbers.dropFirst(size) }
            return Array(numbers.prefix(size))
        }
    }
}
