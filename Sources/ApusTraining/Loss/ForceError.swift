import ApusCPU
import ApusChemistry
import ApusDatasets
import ApusGraph

/// The error of the force on one atom of a sample, for messages.
struct ForceError: Sendable {
    /// The name of the sample.
    let sample: String
    /// The atom, from 0.
    let atom: Int
    let element: Element
    /// |ΔF|, in the units of the model.
    let size: Double
    /// |F| of the label.
    let reference: Double

    /// `atom 2 (C, counted from 0)`.
    var atomText: String { "atom \(atom) (\(element), counted from 0)" }

    /// `5.25 eV/Å on atom 2 (C, counted from 0) of a (frame 3), whose label is 6.0 eV/Å`.
    func text(_ unit: Unit) -> String {
        "\(Float(size)) \(unit.symbol) on \(atomText) of \(sample), where the label is \(Float(reference)) \(unit.symbol)"
    }
}

extension BatchLayout {
    /// The errors of the forces of one chunk, atom by atom; none where forces are not predicted or a sample has none.
    func forceErrors(_ outputs: ChunkOutputs, _ samples: ArraySlice<Sample>) -> [ForceError] {
        var errors: [ForceError] = []
        eachForceError(outputs, samples) { sample, atom, size, reference in
            errors.append(makeError(sample, atom, size, reference))
        }
        return errors
    }

    /// The largest finite error of a force in one chunk.
    func largestForceError(_ outputs: ChunkOutputs, _ samples: ArraySlice<Sample>) -> ForceError? {
        var largest: (sample: Sample, atom: Int, size: Double, reference: Double)?
        eachForceError(outputs, samples) { sample, atom, size, reference in
            if size.isFinite && size > largest?.size ?? 0 { largest = (sample, atom, size, reference) }
        }
        return largest.map { makeError($0.sample, $0.atom, $0.size, $0.reference) }
    }

    private func makeError(_ sample: Sample, _ atom: Int, _ size: Double, _ reference: Double) -> ForceError {
        ForceError(
            sample: sample.name, atom: atom, element: sample.system.elements[atom], size: size, reference: reference)
    }

    private func eachForceError(
        _ outputs: ChunkOutputs, _ samples: ArraySlice<Sample>, _ body: (Sample, Int, Double, Double) -> Void
    ) {
        guard let index = properties.firstIndex(of: .forces) else { return }
        let forces = outputs[index]
        var start = 0
        for sample in samples {
            defer { start += 3 * sample.system.count }
            guard let labels = sample.labels[.forces] else { continue }
            let mask = sample.forceMask
            for atom in 0..<sample.system.count where mask?[atom] != 0 {
                var (difference, reference) = (0.0, 0.0)
                for k in 3 * atom..<3 * atom + 3 {
                    difference += (forces[start + k] - labels[k]) * (forces[start + k] - labels[k])
                    reference += labels[k] * labels[k]
                }
                body(sample, atom, difference.squareRoot(), reference.squareRoot())
            }
        }
    }
}
