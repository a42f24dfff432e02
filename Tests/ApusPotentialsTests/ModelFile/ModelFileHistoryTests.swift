import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph
import ApusTestSupport
import Testing

@testable import ApusPotentials

/// A committed model file and what the program that wrote it predicted.
///
/// `Tools/make_model_files.py` writes such files once; they never change.
struct OldModel: Sendable, CustomTestStringConvertible {
    /// The format version that its folder promises.
    let version: Int
    let path: String

    var testDescription: String { "v\(version)/\(path.split(separator: "/").last ?? "")" }

    /// All on disk.
    static let all: [OldModel] = {
        let folder = "\(goldenFolder)/../Models"
        return ((try? namesInFolder(folder)) ?? []).flatMap { name -> [OldModel] in
            guard name.hasPrefix("v"), let version = Int(name.dropFirst()) else { return [] }
            let names = (try? namesInFolder("\(folder)/\(name)")) ?? []
            return names.filter { $0.hasSuffix(".apus") }.map {
                OldModel(version: version, path: "\(folder)/\(name)/\($0)")
            }
        }
    }()

    /// A system and the numbers that were predicted for it.
    struct Expectation {
        let system: AtomicSystem
        let numbers: [Property: [Double]]
    }

    func expectations() throws -> [Expectation] {
        let json = try JSONValue(parsing: try readFile(path: "\(path.dropLast(".apus".count)).json"))
        return try #require(json.array).map { system in
            let symbols = try #require(system["symbols"]?.array).map { try #require($0.string) }
            let positions = try #require(system["positions"]?.array).map { row in
                let numbers = Self.numbers(row)
                return SIMD3(numbers[0], numbers[1], numbers[2])
            }
            let charge = try #require(system["total_charge"]?.integer)
            let known: [Property] = [.energy, .forces, .charges, .dipole, .quadrupole, .atomicEnergies]
            return Expectation(
                system: try AtomicSystem(
                    numbers: try symbols.map { try Element(symbol: $0).atomicNumber }, positions: positions,
                    charge: charge),
                numbers: Dictionary(
                    uniqueKeysWithValues: known.compactMap { property in
                        system[property.target].map { (property, Self.numbers($0)) }
                    }))
        }
    }

    private static func numbers(_ value: JSONValue) -> [Double] {
        value.array.map { $0.flatMap(numbers) } ?? value.real.map { [$0] } ?? []
    }
}

@Suite struct ModelFileHistoryTests {
    /// Without files the other tests would be empty; a new version needs files of its own.
    @Test func everyVersionHasFiles() {
        #expect(Set(OldModel.all.map(\.version)) == Set(1...ModelFile.formatVersion))
    }

    /// The file is of the version of its folder and passes the check of its examples, which every load makes.
    @Test(arguments: OldModel.all)
    func filesLoad(old: OldModel) throws {
        let file = try ModelFile.read(old.path)
        #expect(try Safetensors.read(old.path).metadata["format_version"] == "\(old.version)")
        #expect(file.examples.count >= 2)
        if old.version > 2 {
            #expect(Set(file.examples.flatMap(\.system.numbers)) == Set(file.model.elements.map(\.atomicNumber)))
        }
        // What is read is all that there is: written again, it is the same model.
        #expect(try ModelFile(contents: file.contents, file: old.path) == file)
    }

    @Test(arguments: OldModel.all)
    func modelsPassTheirChecks(old: OldModel) throws {
        let file = try ModelFile.read(old.path)
        let systems = file.examples.map(\.system)
        for result in try ModelChecks(file.model, on: systems, instructionSet: bestInstructionSet).run() {
            #expect(result.passed, "\(result)")
        }
    }

    /// Energies, forces and what heads predict, by every set of kernels of this machine.
    ///
    /// Kernels add in other orders and round differently, by some 10⁻¹⁶ in each of some hundred operations: 10⁻¹³. The
    /// bound leaves a thousandfold of that, and is far below anything that a change of a formula would bring.
    @Test(arguments: OldModel.all, InstructionSet.available)
    func predictionsAreThoseOfOld(old: OldModel, instructionSet: InstructionSet) throws {
        let model = try ModelFile.read(old.path).model
        let expectations = try old.expectations()
        #expect(expectations.count == 3)
        let predictor = Predictor(model, on: Device(precision: .float64, threads: 1, instructionSet: instructionSet))
        for (expected, found) in zip(expectations, try predictor.predict(expectations.map(\.system))) {
            let labels = found.labels
            // All that the model predicts is compared.
            let properties = Set(labels.keys).subtracting([.totalCharge])
            #expect(Set(properties.map(\.target)) == Set(expected.numbers.keys.map(\.target)))
            let prediction = Prediction(energy: expected.numbers[.energy]![0], forces: found.forces)
            let scale = PredictionScale(model, expected.system, prediction)
            for (property, numbers) in expected.numbers {
                let values = try #require(labels[property])
                try #require(values.count == numbers.count)
                // Totals are sums that contain self-energies and round to 10⁻¹⁶ for each atom.
                let size =
                    switch property {
                    case .energy, .atomicEnergies: scale.energy + 1e-3 * numbers.map(abs).max()!
                    case .forces: scale.force
                    default: 1 + numbers.map(abs).max()!
                    }
                let worst = zip(values, numbers).map { abs($0 - $1) }.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
                #expect(worst <= 1e-10 * size, "\(property.name): \(worst) of \(size)")
            }
        }
    }
}
