#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Invented molecules for tests, hydrogen and water in turn, distorted, with springs between all atoms.
package enum Molecules {
    /// Frames of extended XYZ in eV and Å: the number of atoms, the comment, a line for each atom.
    ///
    /// `change` may alter the lines of the frame with the given number, counted from 0.
    package static func text(frames: Int = 16, change: (inout [String], Int) -> Void = { _, _ in }) -> String {
        (0..<frames).map { k in
            var lines = frame(k)
            change(&lines, k)
            return lines.joined(separator: "\n") + "\n"
        }.joined()
    }

    private static func frame(_ k: Int) -> [String] {
        let symbols = k % 2 == 0 ? ["H", "H"] : ["O", "H", "H"]
        var positions = Array([SIMD3(0.0, 0, 0), SIMD3(0.95, 0, 0), SIMD3(-0.2, 0.9, 0)].prefix(symbols.count))
        // Angles that never repeat distort every frame in another way.
        for atom in positions.indices {
            let phase = Double(7 * k + 3 * atom)
            positions[atom] += 0.06 * SIMD3(sin(phase), cos(1.3 * phase), sin(2.1 * phase + 1))
        }
        var energy = -10.0 * Double(symbols.count)
        var forces = [SIMD3<Double>](repeating: .zero, count: symbols.count)
        for j in symbols.indices {
            for i in 0..<j {
                let vector = positions[j] - positions[i]
                let distance = (vector * vector).sum().squareRoot()
                energy += (distance - 0.9) * (distance - 0.9) / 2
                forces[i] += (distance - 0.9) / distance * vector
                forces[j] -= (distance - 0.9) / distance * vector
            }
        }
        let rows = symbols.indices.map { atom in
            let (r, f) = (positions[atom], forces[atom])
            return "\(symbols[atom]) \(r.x) \(r.y) \(r.z) \(f.x) \(f.y) \(f.z)"
        }
        let comment = "Properties=species:S:1:pos:R:3:forces:R:3 energy=\(energy) length_unit=angstrom energy_unit=eV"
        return ["\(symbols.count)", comment] + rows
    }

    /// A configuration that trains a small network in a moment; lines can be added to two tables.
    package static func configuration(
        run: String, data: String = "data.extxyz", cutoff: String = "4.0 angstrom", dataset: String = "",
        training: String = ""
    ) -> String {
        """
        [potential]
        potential_name = "SchNet"
        [potential.core_parameter]
        maximum_interaction_radius = "\(cutoff)"
        number_of_radial_basis_functions = 8
        number_of_interaction_modules = 1
        featurization.atomic_number.number_of_per_atom_features = 8
        [dataset]
        file = "\(data)"
        \(dataset)
        [training]
        number_of_epochs = 2
        batch_size = 4
        \(training)
        [runtime]
        threads = 2
        output_directory = "\(run)"

        """
    }
}
