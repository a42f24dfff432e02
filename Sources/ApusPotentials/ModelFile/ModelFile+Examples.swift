import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph

extension ModelFile {
    /// A system and its prediction in float64.
    public struct Example: Sendable, Equatable {
        /// The atoms and the cell; charge and multiplicity only where predictions depend on them.
        public let system: AtomicSystem
        /// The energy, the forces, of a system with a volume the stress, and what heads predict, which every load must find
        /// again.
        public let prediction: Prediction
    }

    /// Repeats the predictions of the examples in float64.
    ///
    /// - Throws: `ApusError` of kind `data` when an energy or a force comes out differently.
    func verifyExamples(file: String, instructionSet: InstructionSet) throws {
        let systems = examples.map(\.system)
        let predictor = Predictor(
            model, on: Device(precision: .float64, threads: 1, instructionSet: instructionSet))
        for (k, example) in examples.enumerated() {
            func failure(_ problem: String) -> ApusError {
                ApusError(
                    .data, file: file, place: "golden example \(k) (counted from 0)", problem: problem,
                    remedy: "the file is damaged or was edited; train again or copy it again")
            }
            let found: Prediction
            do {
                found = try predictor.predict([systems[k]])[0]
            } catch {
                throw failure("\(error)")
            }
            // Instruction sets add in other orders and round differently, which in float64 changes energies and forces
            // by some 10⁻¹³ of their size, while one changed bit in the upper half of a float32 parameter that matters
            // changes them by more than 10⁻⁶. Self-energies are sums that round to 10⁻¹⁶ for each atom.
            let scale = PredictionScale(model, example.system, example.prediction)
            let total = abs(example.prediction.energy)
            let tolerance = (energy: 1e-6 * scale.energy + 1e-13 * total, force: 1e-6 * scale.force)
            guard abs(found.energy - example.prediction.energy) <= tolerance.energy else {
                throw failure(
                    "the model predicts an energy of \(found.energy) \(model.units.energy.symbol) where the file "
                        + "promises \(example.prediction.energy)")
            }
            for (property, promised) in example.prediction.further.sorted(by: { $0.key.key < $1.key.key }) {
                // Further properties are numbers of order one in charges, dipoles and the like. Stresses are sums of forces times
                // distances over a volume.
                let volume = property == .stress ? example.system.volume : nil
                let size =
                    volume.map { Double(example.system.count) * scale.force * model.cutoff / $0 }
                    ?? (promised.map(abs).max() ?? 0) + 1
                let worst = zip(found.further[property] ?? [], promised).map { abs($0 - $1) }.max() ?? .infinity
                guard worst <= 1e-6 * size else {
                    throw failure("the model predicts other \(property.name) than the file promises")
                }
            }
            for (atom, (force, promised)) in zip(found.forces, example.prediction.forces).enumerated() {
                guard (0..<3).allSatisfy({ abs(force[$0] - promised[$0]) <= tolerance.force }) else {
                    throw failure(
                        "the model predicts a force of (\(force.x), \(force.y), \(force.z)) "
                            + "\(model.units.force.symbol) on atom \(atom) (counted from 0) where the file promises "
                            + "(\(promised.x), \(promised.y), \(promised.z))")
                }
            }
        }
    }
}

extension ModelFile.Example {
    /// Two or more small systems in which all elements of the systems occur, one with a volume where there are such.
    static func representatives(of systems: [AtomicSystem]) -> [AtomicSystem] {
        var chosen: [AtomicSystem] = []
        var missing = Set(systems.flatMap(\.numbers))
        var candidates = systems.filter { $0.count > 0 }
        while !candidates.isEmpty, chosen.count < 2 || !missing.isEmpty {
            let ranks = candidates.enumerated().map { k, system in
                (-missing.intersection(system.numbers).count, system.count, k)
            }
            let system = candidates.remove(at: ranks.min { $0 < $1 }!.2)
            missing.subtract(system.numbers)
            chosen.append(system)
        }
        if !chosen.contains(where: { $0.volume != nil }),
            let crystal = candidates.filter({ $0.volume != nil }).min(by: { $0.count < $1.count })
        {
            chosen.append(crystal)
        }
        return chosen
    }

    /// The elements that a model claims and no system has, in a row half a cutoff apart: a system that need not exist in
    /// nature, but on which all their parameters have an effect. None where nothing is missing.
    static func constructed(for model: EnergyModel, beside systems: [AtomicSystem]) throws -> [AtomicSystem] {
        let present = Set(systems.flatMap(\.numbers))
        let missing = model.elements.map(\.atomicNumber).filter { !present.contains($0) }
        guard !missing.isEmpty else { return [] }
        // A second atom of the last element: a single atom would have no neighbour.
        let numbers = missing + missing.suffix(1)
        let spacing = model.cutoff / 2
        return [
            try AtomicSystem(numbers: numbers, positions: numbers.indices.map { SIMD3(spacing * Double($0), 0, 0) })
        ]
    }

    /// Examples with what a model predicts for systems.
    static func predicted(_ systems: [AtomicSystem], by model: EnergyModel) throws -> [ModelFile.Example] {
        let predictor = Predictor(model, on: try Device(precision: .float64, threads: 1))
        let bare = try systems.map { system in
            try AtomicSystem(
                numbers: system.numbers, positions: system.positions,
                cell: system.cell?.isPeriodic == true ? system.cell : nil,
                charge: model.inputs.contains(.totalCharges) ? system.charge : 0,
                spinMultiplicity: model.inputs.contains(.spinMultiplicities) ? system.spinMultiplicity ?? 1 : nil)
        }
        return zip(bare, try predictor.predict(bare)).map { system, prediction in
            var prediction = prediction
            // It is −V times the stress.
            prediction.further[.virial] = nil
            return ModelFile.Example(system: system, prediction: prediction)
        }
    }

    /// The tensors that hold examples, one array for all systems.
    static func tensors(_ examples: [ModelFile.Example], _ model: EnergyModel) -> [String: Safetensors.Tensor] {
        func flat(_ vectors: [SIMD3<Double>]) -> Safetensors.Tensor {
            Safetensors.Tensor(vectors.flatMap { [$0.x, $0.y, $0.z] }, shape: [vectors.count, 3])
        }
        let numbers = examples.flatMap(\.system.numbers)
        var tensors: [String: Safetensors.Tensor] = [
            "golden/atom_counts": .init(examples.map(\.system.count), shape: [examples.count]),
            "golden/numbers": .init(numbers, shape: [numbers.count]),
            "golden/positions": flat(examples.flatMap(\.system.positions)),
            "golden/energies": .init(examples.map(\.prediction.energy), shape: [examples.count]),
            "golden/forces": flat(examples.flatMap(\.prediction.forces)),
        ]
        if model.inputs.contains(.totalCharges) {
            tensors["golden/total_charges"] = .init(examples.map(\.system.charge), shape: [examples.count])
        }
        if model.inputs.contains(.spinMultiplicities) {
            tensors["golden/spin_multiplicities"] = .init(
                examples.map { $0.system.spinMultiplicity ?? 1 }, shape: [examples.count])
        }
        if examples.contains(where: { $0.system.cell != nil }) {
            let cells = examples.map(\.system.cell)
            tensors["golden/cells"] = .init(
                cells.flatMap { ($0?.vectors ?? [.zero, .zero, .zero]).flatMap { [$0.x, $0.y, $0.z] } },
                shape: [examples.count, 3, 3])
            tensors["golden/periodic"] = .init(
                cells.flatMap { ($0?.isPeriodicAlong ?? [false, false, false]).map { $0 ? 1 : 0 } },
                shape: [examples.count, 3])
            let stresses = examples.flatMap { $0.prediction.stress ?? [] }
            tensors["golden/\(Property.stress.target)"] = .init(stresses, shape: [stresses.count])
        }
        for property in model.furtherProperties {
            let values = examples.flatMap { $0.prediction.further[property] ?? [] }
            tensors["golden/\(property.target)"] = .init(values, shape: [values.count])
        }
        return tensors
    }
}
