import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph
import ApusSystem
import ApusTestSupport
import Testing

@testable import ApusPotentials

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension Collection<Prediction> {
    var flatForces: [Double] { flatMap { $0.forces.flatMap { [$0.x, $0.y, $0.z] } } }
}

/// The kernels of this machine that come first.
let bestInstructionSet = InstructionSet.available[0]

/// Those kernels on one thread.
func bestDevice(_ precision: Precision = .float32, threads: Int = 1) -> Device {
    Device(precision: precision, threads: threads, instructionSet: bestInstructionSet)
}

/// An architecture that tests run on.
struct Variant: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let potential: any Potential

    static let all: [Variant] = [
        schNet("SchNet F=20 K=7 T=1", functions: 7) {
            ($0.features, $0.filters, $0.interactions) = (20, 20, 1)
        },
        schNet("SchNet F=16, 12 filters, shared interactions, tanh") {
            ($0.features, $0.filters, $0.sharedInteractions, $0.activation) = (16, 12, true, .tanh)
        },
        schNet("SchNet F=17, 33 filters, SiLU") {
            ($0.features, $0.filters, $0.interactions, $0.activation) = (17, 33, 2, .silu)
        },
        paiNN("PaiNN F=20 K=7 T=1", functions: 7) { ($0.features, $0.interactions) = (20, 1) },
        paiNN("PaiNN F=16 T=3") { $0.features = 16 },
        paiNN("PaiNN F=16, shared interactions, tanh") {
            ($0.features, $0.sharedInteractions, $0.activation) = (16, true, .tanh)
        },
        paiNN("PaiNN F=17, shared filters") { ($0.features, $0.interactions, $0.sharedFilters) = (17, 2, true) },
        paiNN("PaiNN F=8, all shared, shifted softplus") {
            ($0.features, $0.sharedInteractions, $0.sharedFilters, $0.activation) = (8, true, true, .shiftedSoftplus)
        },
        // Parameters that would be shared with further interactions have no effect.
        paiNN("PaiNN F=8 T=1, all shared") {
            ($0.features, $0.interactions, $0.sharedInteractions, $0.sharedFilters) = (8, 1, true, true)
        },
        schNet("SchNet F=20, CeLU") { ($0.features, $0.interactions, $0.activation) = (20, 2, .celu(alpha: 0.7)) },
        schNet("SchNet F=20, GeLU") { ($0.features, $0.interactions, $0.activation) = (20, 2, .gelu) },
        paiNN("PaiNN F=20, ELU") { ($0.features, $0.interactions, $0.activation) = (20, 2, .elu(alpha: 1.5)) },
        paiNN("PaiNN F=20, leaky ReLU") {
            ($0.features, $0.interactions, $0.activation) = (20, 2, .leakyReLU(negativeSlope: 0.1))
        },
    ]

    private static func schNet(
        _ name: String, functions: Int = 12, _ change: (inout SchNet) -> Void
    ) -> Variant {
        var network = SchNet(cutoff: 4, radialFunctions: functions)
        change(&network)
        return Variant(testDescription: name, potential: network)
    }

    private static func paiNN(_ name: String, functions: Int = 12, _ change: (inout PaiNN) -> Void) -> Variant {
        var network = PaiNN(cutoff: 4, radialFunctions: functions)
        change(&network)
        return Variant(testDescription: name, potential: network)
    }

    /// A model with random parameters, biases included.
    func model(seed: UInt64 = 1, scale: Double = 2.5, shift: Double = 0.3) -> EnergyModel {
        var generator = SeededGenerator(seed: seed + 1000)
        let declarations = EnergyGraph(potential, scale: scale, shift: shift).declarations
        let parameters = EnergyModel.initialParameters(declarations, seed: seed).map {
            $0 == 0 ? 0.1 * generator.normal() : $0
        }
        return EnergyModel(
            potential: potential, parameters: parameters, units: .electronvoltAngstrom,
            selfEnergies: [1: -13.6, 6: -1029.4, 7: -1484.9, 8: -2041.8], scale: scale, shift: shift)
    }
}

/// A molecule of random H, C, N and O, no two atoms closer than 0.8 Å.
func randomMolecule(_ count: Int, _ generator: inout SeededGenerator) throws -> AtomicSystem {
    var positions: [SIMD3<Double>] = []
    let edge = 2.2 * pow(Double(count), 1.0 / 3)
    while positions.count < count {
        let place = edge * SIMD3(generator.uniform(), generator.uniform(), generator.uniform())
        let isFree = positions.allSatisfy { ((($0 - place) * ($0 - place)).sum()) > 0.64 }
        if isFree { positions.append(place) }
    }
    let numbers = positions.map { _ in [1, 6, 7, 8][generator.index(below: 4)] }
    return try AtomicSystem(numbers: numbers, positions: positions)
}

/// Molecules of random sizes, a single atom among them.
func randomMolecules(seed: UInt64 = 5) throws -> [AtomicSystem] {
    var generator = SeededGenerator(seed: seed)
    return try [9, 3, 1, 14, 2].map { try randomMolecule($0, &generator) }
}

/// Small models of H, C and O to which heads and inputs can be given.
enum Model {
    static func small(_ name: String) -> EnergyModel {
        let variant = Variant.all.first { $0.testDescription.hasPrefix("\(name) F=16") }!
        var model = EnergyModel(
            potential: variant.potential, parameters: [], units: .electronvoltAngstrom,
            selfEnergies: [1: 0, 6: 0, 8: 0], scale: 1.5, shift: 0.3)
        model.parameters = randomParameters(model)
        return model
    }

    /// First parameters, biases included.
    static func randomParameters(_ model: EnergyModel) -> [Double] {
        var generator = SeededGenerator(seed: 17)
        return EnergyModel.initialParameters(model.declarations, seed: 5).map {
            $0 == 0 ? 0.1 * generator.normal() : $0
        }
    }
}
