import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph
import ApusTestSupport
import Testing

@testable import ApusPotentials

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Repulsion of screened nuclei by one Gaussian, E = ½ Σ_ij A Z_i Z_j exp(−d_ij²/(2w²)) f_c(d_ij); A may be trained.
struct ScreenedRepulsion: EnergyTerm {
    static let name = "ScreenedRepulsion"
    static let hyperparameters: [Hyperparameter<ScreenedRepulsion>] = [
        .cutoff(\.cutoff),
        .real("strength", \.strength, .positive, key: "strength", "Strength A."),
        .real("width", \.width, .positive, key: "width", "Width w."),
        .flag("isTrained", \.isTrained, key: "trained", "Whether the strength is trained."),
    ]

    var cutoff = 6.0
    var strength = 0.03
    var width = 1.5
    var isTrained = false

    /// A list of its own, longer than that of the network.
    var pairLists: [PairRequest] { [PairRequest(PairList("repulsion"), cutoff: cutoff)] }

    func energy(of atoms: TermInput, _ layers: Layers) -> Tensor {
        let (graph, distances) = (atoms.graph, atoms.geometry.distances)
        let numbers = gather(graph.constant((0..<119).map(Double.init), shape: .scalar), by: .speciesOfAtom)
        let gaussian = RadialBasis(centers: [0], widths: [width])
        let screened = gaussian(distances) * cosineCutoff(distances, radius: cutoff)
        let scale = layers.parameter(
            "strength", features: 1, .values([strength]), group: isTrained ? .others : .frozen)
        let energies = 0.5 * (numbers * matmul(pairConvolution(numbers, filter: screened), scale))
        return segmentSum(energies, by: .systemOfAtom, into: .systems)
    }
}

@Suite struct EnergyTermTests {
    private func model(_ name: String, _ term: ScreenedRepulsion = ScreenedRepulsion()) -> EnergyModel {
        var model = Model.small(name)
        model.terms = [term]
        model.parameters = EnergyModel.initialParameters(model.declarations, seed: 5)
        return model
    }

    private var registry: ModelRegistry {
        var registry = ModelRegistry.standard
        registry.terms.append(ScreenedRepulsion.self)
        return registry
    }

    private func systems() throws -> [AtomicSystem] {
        try randomMolecules().map { system in
            try AtomicSystem(numbers: system.numbers.map { $0 == 7 ? 6 : $0 }, positions: system.positions)
        }
    }

    /// What the term adds is its formula, and the forces are its slope.
    @Test(arguments: ["SchNet", "PaiNN"]) func theTermIsAdded(_ name: String) throws {
        let term = ScreenedRepulsion()
        let with = model(name, term)
        var without = with
        without.terms = []
        without.parameters.removeLast()
        let systems = try systems()
        let found = try Predictor(with, on: bestDevice(.float64)).predict(systems)
        let bare = try Predictor(without, on: bestDevice(.float64)).predict(systems)
        var largest = 0.0
        for (system, (found, bare)) in zip(systems, zip(found, bare)) {
            var expected = 0.0
            for i in 0..<system.count {
                for j in 0..<i {
                    let vector = system.positions[i] - system.positions[j]
                    let d = (vector * vector).sum().squareRoot()
                    guard d < term.cutoff else { continue }
                    let envelope = 0.5 * (1 + cos(.pi * d / term.cutoff))
                    expected +=
                        term.strength * Double(system.numbers[i] * system.numbers[j])
                        * exp(-d * d / (2 * term.width * term.width))
                        * envelope
                }
            }
            largest = max(largest, expected)
            // Energies of some ten eV in float64, summed in another order.
            #expect(abs(found.energy - bare.energy - expected) < 1e-10)
        }
        #expect(largest > 1)
        for result in try ModelChecks(with, on: systems, instructionSet: bestInstructionSet).run() {
            #expect(result.passed, "\(result.name): \(result.worst)")
        }
    }

    @Test func theModelFileKeepsTerms() throws {
        var term = ScreenedRepulsion()
        (term.strength, term.isTrained) = (0.7, true)
        let model = model("PaiNN", term)
        try withTemporaryFolder { folder in
            try ModelFile(model, precision: .float64, program: "test", examplesFrom: systems()).write(to: folder + "/a")
            #expect(try ModelFile.read(folder + "/a", registry: registry).model == model)
            let error = #expect(throws: ApusError.self) { _ = try ModelFile.read(folder + "/a") }
            #expect(
                error?.description.contains("the energy term 'ScreenedRepulsion' is unknown (none is known)") == true)
        }
    }

    @Test func rulesAreChecked() throws {
        func fault(_ change: (inout ScreenedRepulsion) -> Void) throws -> String {
            var model = model("SchNet")
            var term = ScreenedRepulsion()
            change(&term)
            model.terms = [term]
            let error = #expect(throws: ApusError.self) {
                _ = try ModelFile(
                    model, precision: .float64, program: "test", examplesFrom: systems())
            }
            return error?.description ?? ""
        }
        #expect(
            try fault { $0.width = 0 }.contains("energy term ScreenedRepulsion: width is 0.0, but must be a number > 0")
        )
        #expect(
            try fault { $0.cutoff = 0 }.contains("energy term ScreenedRepulsion: the cutoff is 0.0, but must be above"))
    }
}
