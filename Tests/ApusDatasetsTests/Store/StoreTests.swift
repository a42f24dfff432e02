import ApusChemistry
import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusDatasets

/// The packed file: what is written reads back, and what is damaged is refused.
@Suite struct StoreTests {
    private let path = fixture("ase.extxyz")

    @Test func severalSourcesAreJoined() throws {
        try withFolder { folder in
            let store = try DatasetImport().run(
                [fixture("md17.npz"), fixture("ase.extxyz"), fixture("modelforge.hdf5")], to: folder + "/data.apus")
            #expect(store.count == 13)
            #expect(store.information.units == .kilocaloriePerMoleAngstrom)
            #expect(store.place(0).file == fixture("md17.npz"))
            #expect(store.place(4).file == fixture("ase.extxyz"))
            #expect(store.place(4).frame == 2)
            #expect(store.place(4).line == 6)
            #expect(store.recordName(store.recordIndex(7)) == "fluorane")
            #expect(store.recordIndex(3) == store.recordIndex(0))
            #expect(store.count(of: .dipole) == 10)
            // eV in the second source.
            let factor = try Unit.electronvolt.factor(to: .kilocaloriePerMole)
            #expect(store.label(.energy, 3) == [-80 * factor])
            // Without dipole before the second source.
            #expect(store.label(.dipole, 0) == nil)
            #expect(store.hasLabel(.dipole)(5))
        }
    }

    @Test func otherUnits() throws {
        try withFolder { folder in
            let store = try DatasetImport().run([path], to: folder + "/data.apus")
            var options = ReadingOptions()
            options.units = .kilojoulePerMoleNanometer
            let direct = try Dataset.read(path: path, options: options)
            let stored = try Dataset(store, options: options)
            #expect(Array(stored.configurations) == Array(direct.configurations))
            #expect(
                stored.configurations[[4, 0]].map(\.energy) == [
                    direct.configurations[4].energy, direct.configurations[0].energy,
                ])
            for position in stored.configurations.indices {
                let configuration = direct.configurations[position]
                #expect(stored.configurations.energy(position) == configuration.energy)
                #expect(stored.configurations.label(.forces, position) == configuration[.forces])
                #expect(stored.configurations.record(position) == configuration.record)
                #expect(stored.configurations.place(position) == configuration.place)
                var numbers: [Int] = []
                stored.configurations.forEachAtomicNumber(position) { numbers.append($0) }
                #expect(numbers == configuration.system.numbers)
            }
        }
    }

    @Test func precision() throws {
        try withFolder { folder in
            var importing = DatasetImport()
            importing.precision = .float32
            let single = try importing.run([path], to: folder + "/a.apus")
            #expect(single.hasSinglePositions)
            let double = try DatasetImport().run([path], to: folder + "/b.apus")
            #expect(!double.hasSinglePositions)
            // The fixture's numbers have few digits.
            #expect(single.label(.forces, 4) == double.label(.forces, 4))
        }
    }

    /// Every byte matters: a flip of any bit, and a cut anywhere, is noticed.
    @Test func damageIsNoticed() throws {
        try withFolder { folder in
            let store = folder + "/data.apus"
            try DatasetImport().run([path], to: store)
            let bytes = try readFile(path: store)
            for position in bytes.indices where position < 64 || position % 7 == 0 {
                var flipped = bytes
                flipped[position] ^= 1 << UInt8(position % 8)
                try writeFileAtomically(path: store, bytes: flipped)
                let error = apusError { _ = try DatasetStore(path: store) }
                #expect(error?.kind == .data, "byte \(position)")
            }
            for count in [0, 1, 7, 8, 100, bytes.count / 2, bytes.count - 1] {
                try writeFileAtomically(path: store, bytes: Array(bytes[..<count]))
                #expect(apusError { _ = try DatasetStore(path: store) }?.kind == .data, "\(count) bytes")
            }
            try writeFileAtomically(path: store, bytes: bytes + [0])
            #expect(apusError { _ = try DatasetStore(path: store) }?.kind == .data)
        }
    }

    @Test func otherSafetensors() throws {
        try withFolder { folder in
            let path = folder + "/x.safetensors"
            try Safetensors(metadata: ["format": "pt"]).write(to: path)
            #expect(
                apusError { _ = try Dataset.read(path: path) }?.description
                    == "\(path): this is no data set of Apus; make one with 'apus data import'.")
            try Safetensors(metadata: ["format": "apus data set", "version": "9"]).write(to: path)
            #expect(
                apusError { _ = try Dataset.read(path: path) }?.description
                    == "\(path): the data set has version 9, but this program reads 1; import the sources again.")
        }
    }

    @Test func aFailedImportLeavesNothing() throws {
        try withFolder { folder in
            let source = folder + "/a.xyz"
            try writeFileAtomically(path: source, bytes: try readFile(path: path) + Array("3\nbroken".utf8))
            #expect(apusError { try DatasetImport().run([source], to: folder + "/data.apus") }?.kind == .data)
            #expect(try namesInFolder(folder) == ["a.xyz"])
        }
    }

    @Test func optionsAreForImports() throws {
        try withFolder { folder in
            let store = folder + "/data.apus"
            try DatasetImport().run([path], to: store)
            var options = ReadingOptions()
            options.sourceUnits[.energy] = .hartree
            #expect(
                apusError { _ = try Dataset.read(path: store, options: options) }?.place
                    == "dataset.source_energy_unit")
            options = ReadingOptions()
            options.assignment[.energy] = "U0"
            #expect(
                apusError { _ = try Dataset.read(path: store, options: options) }?.place
                    == "dataset.properties_assignment.E")
            #expect(
                apusError { try DatasetImport().run([store], to: folder + "/b.apus") }?.problem
                    == "this is a data set that was imported already")
        }
    }
}
