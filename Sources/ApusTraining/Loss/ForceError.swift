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

extension SampleBatch {
    /// The errors of the forces, atom by atom; none where forces are not predicted or a sample has none.
    var forceErrors: [ForceError] {
        var errors: [ForceError] = []
        eachForceError { sample, atom, size, reference in
            errors.append(makeError(sample, atom, size, reference))
        }
        return errors
    }

    /// The largest finite error of a force.
    var largestForceError: ForceError? {
        var largest: (sample: Sample, atom: Int, size: Double, reference: Double)?
        eachForceError { sample, atom, size, reference in
            if size.isFinite && size > largest?.size ?? 0 { largest = (sample, atom, size, reference) }
        }
        return largest.map { makeError($0.sample, $0.atom, $0.size, $0.reference) }
    }

    private func makeError(_ sample: Sample, _ atom: Int, _ size: Double, _ reference: Double) -> ForceError {
        ForceError(
            sample: sample.name, atom: atom, element: sample.system.elements[atom], size: size, reference: reference)
    }

    private func eachForceError(_ body: (Sample, Int, Double, Double) -> Void) {
        guard layout.properties.contains(.forces) else { return }
        for (number, sample) in samples.enumerated() {
            guard let labels = sample.labels[.forces] else { continue }
            let forces = values[.forces, number]
            let start = forces.startIndex
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
