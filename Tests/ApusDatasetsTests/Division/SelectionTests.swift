import ApusChemistry
import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusDatasets

@Suite struct SelectionTests {
    /// Water with forces growing from frame to frame, fluorane, and a cation.
    private let configurations: Configurations = {
        func configuration(_ numbers: [Int], _ energy: Double?, force: Double = 0, charge: Int = 0) -> Configuration {
            let positions = numbers.indices.map { SIMD3(0, 0, Double($0)) }
            let forces = numbers.map { _ in SIMD3(force, 0, 0) }
            do {
                return Configuration(
                    system: try AtomicSystem(numbers: numbers, positions: positions, charge: charge),
                    record: numbers[0] == 8 ? "water" : "other", energy: energy, forces: forces)
            } catch { preconditionFailure("\(error)") }
        }
        return Configurations(
            (0..<5).map { configuration([8, 1, 1], -75 - Double($0) / 100, force: Double($0)) } + [
                configuration([9, 1], -100), configuration([9, 1], nil), configuration([11], -160, charge: 1),
                configuration([8, 1, 1], -60),
            ])
    }()

    private func positions(_ change: (inout Selection) -> Void) throws -> [Int] {
        var selection = Selection()
        change(&selection)
        return try selection.positions(in: configurations, file: "data")
    }

    @Test func conditions() throws {
        #expect(try positions { _ in } == Array(0..<9))
        #expect(try positions { $0.elements = [[8, 1]] } == [0, 1, 2, 3, 4, 8])
        #expect(try positions { $0.elements = [[8, 1], [11]] } == [0, 1, 2, 3, 4, 7, 8])
        #expect(try positions { $0.elements = [[1, -8]] } == [5, 6])
        #expect(try positions { $0.maximumForce = 2 } == [0, 1, 2, 5, 6, 7, 8])
        #expect(try positions { $0.maximumEnergyDeviation = 0.5 } == [0, 1, 2, 3, 4, 5, 6, 7])
        #expect(try positions { $0.atoms = 2...2 } == [5, 6])
        #expect(try positions { $0.charges = [1] } == [7])
        #expect(try positions { $0.multiplicities = [1] }.count == 9)
        #expect(try positions { $0.stride = 4 } == [0, 4, 8])
        #expect(try positions { $0.perRecord = (.first, 2) } == [0, 1, 5, 6])
        #expect(try positions { $0.perRecord = (.last, 2) } == [4, 6, 7, 8])
        #expect(try positions { $0.required = ([.energy], .drop) } == [0, 1, 2, 3, 4, 5, 7, 8])
    }

    @Test func randomChoicesDependOnTheSeedAlone() throws {
        func chosen(_ seed: UInt64) throws -> [Int] {
            try positions {
                $0.perRecord = (.random, 2)
                $0.seed = seed
            }
        }
        #expect(try chosen(1).count == 4)
        #expect(try chosen(1) == chosen(1))
        #expect(Set(try (1..<20).map(chosen)).count > 5)
    }

    @Test func mistakes() throws {
        #expect(
            apusError { _ = try positions { $0.atoms = 50...60 } }?.description
                == "data: no configuration of 9 is left (atoms 50 to 60); relax the conditions.")
        #expect(
            apusError { _ = try positions { $0.required = ([.energy], .refuse) } }?.problem
                == "the energy is missing")
    }

    @Test func importsKeepWhatIsSelected() throws {
        try withFolder { folder in
            var importing = DatasetImport()
            importing.selection.elements = [[9]]
            var counts: [Int] = []
            let store = try importing.run([fixture("ase.extxyz")], to: folder + "/a.apus") { event in
                if case .selected(let count, let total) = event { counts += [count, total] }
            }
            #expect(counts == [2, 5])
            #expect(store.count == 2)
            #expect(store.place(0).frame == 4)
            #expect(store.information.options == ["elements F"])
        }
    }
}
