import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph
import ApusTestSupport
import Testing

@testable import ApusPotentials

@Suite struct ModelFileTests {
    static func file(_ variant: Variant = Variant.all[3], _ precision: Precision = .float32) throws -> ModelFile {
        try ModelFile(
            variant.model(), precision: precision, program: "apus 0.1.0",
            provenance: ["data": .string("random molecules"), "metrics": .object(["forces_mae": .real(0.1)])],
            examplesFrom: try randomMolecules())
    }

    @Test(arguments: Variant.all, Precision.allCases)
    func modelsReadBack(variant: Variant, precision: Precision) throws {
        let file = try Self.file(variant, precision)
        try withTemporaryFolder { folder in
            try file.write(to: "\(folder)/a")
            let read = try ModelFile.read("\(folder)/a")
            #expect(read == file)
            // Equal models give equal bytes.
            try read.write(to: "\(folder)/b")
            #expect(try readFile(path: "\(folder)/a") == readFile(path: "\(folder)/b"))
        }
        if precision == .float64 { #expect(file.model == variant.model()) }
    }

    /// Compositions are in the file only where they say something, and no part of the identity of a model.
    @Test func compositionsReadBack() throws {
        var model = Variant.all[3].model()
        let bare = model.metadata
        var span = CompositionSpan(elements: model.elements)
        let (hydrogen, carbon, oxygen) = (Element.all[0], Element.all[5], Element.all[7])
        for composition in [[hydrogen: 6, carbon: 2, oxygen: 1], [hydrogen: 2, oxygen: 1]] { span.insert(composition) }
        model.compositions = span
        let file = try ModelFile(
            model, precision: .float64, program: "apus 0.1.0", examplesFrom: try randomMolecules())
        #expect(file.contents.metadata["compositions"] == #"[{"C":2,"H":6,"O":1},{"H":2,"O":1}]"#)
        #expect(model.metadata == bare)
        #expect(try ModelFile(contents: file.contents, file: "a").model.compositions == span)
        #expect(try Self.file().contents.metadata["compositions"] == nil)
    }

    @Test func predictionsAreThoseOfTheModel() throws {
        let variant = Variant.all[0]
        let file = try Self.file(variant, .float64)
        let predictor = Predictor(
            variant.model(), on: bestDevice(.float64))
        for example in file.examples {
            let prediction = try predictor.predict([example.system])[0]
            #expect(relativeError([prediction.energy], [example.prediction.energy]) < 1e-12)
        }
    }

    @Test func metadataIsReadable() throws {
        let contents = try Self.file().contents
        #expect(contents.metadata["format"] == "apus-model")
        #expect(contents.metadata["format_version"] == "3")
        #expect(contents.metadata["program"] == "apus 0.1.0")
        #expect(contents.metadata["elements"] == "H C N O")
        #expect(contents.metadata["energy_unit"] == "eV")
        #expect(contents.metadata["length_unit"] == "Å")
        #expect(contents.metadata["self_energies"] == #"{"C":-1029.4,"H":-13.6,"N":-1484.9,"O":-2041.8}"#)
        #expect(contents.metadata["scale"] == "2.5" && contents.metadata["shift"] == "0.3")
        #expect(
            contents.metadata["architecture"]?.hasPrefix(
                #"{"activation":"SiLU","cutoff":4,"embeddingRows":101,"epsilon":1e-08,"features":20,"interactions":1,"#)
                == true)
        #expect(contents.tensors["embedding.weight"]?.shape == [101, 20])
        #expect(contents.tensors["embedding.weight"]?.elementType == .f32)
        #expect(contents.tensors["readout.1.bias"]?.shape == [1, 1])
    }

    @Test(arguments: [UnitSystem.kilojoulePerMoleNanometer, .kilocaloriePerMoleAngstrom, .atomic])
    func unitsReadBack(units: UnitSystem) throws {
        var model = Variant.all[0].model()
        model.units = units
        let file = try ModelFile(
            model, precision: .float32, program: "apus", examplesFrom: try randomMolecules())
        #expect(try ModelFile(contents: file.contents, file: "a").model.units == units)
    }

    @Test func examplesAreFewSmallAndHoldAllElements() throws {
        func system(_ numbers: [Int]) throws -> AtomicSystem {
            try AtomicSystem(numbers: numbers, positions: numbers.indices.map { SIMD3(Double($0), 0, 0) })
        }
        let systems = try [[1, 1, 6, 8], [6, 8, 1], [7, 1, 1, 1], [1], [8, 1, 1]].map { try system($0) }
        let chosen = ModelFile.Example.representatives(of: systems)
        #expect(chosen.map(\.numbers) == [[6, 8, 1], [7, 1, 1, 1]])
        let alike = try (0..<5).map { _ in try system([8, 1, 1]) }
        #expect(ModelFile.Example.representatives(of: alike).count == 2)
        let many = try (1...9).map { try system([$0]) }
        #expect(ModelFile.Example.representatives(of: many).count == 9)
        #expect(ModelFile.Example.representatives(of: [systems[0]]).count == 1)
    }

    /// A model that was trained on crystals checks itself on one, with its stress.
    @Test func crystalsAreExamplesToo() throws {
        let cell = try Cell(
            vectors: [SIMD3(6, 0, 0), SIMD3(1, 6, 0), SIMD3(0, -1, 7)], isPeriodicAlong: [true, true, true])
        let slab = try Cell(vectors: [SIMD3(6, 0, 0), .zero, SIMD3(0, -1, 7)], isPeriodicAlong: [true, false, true])
        let molecules = try randomMolecules()
        let systems = [molecules[0].inCell(cell), molecules[1], molecules[1].inCell(slab), molecules[3].inCell(cell)]
        let file = try ModelFile(Variant.all[3].model(), precision: .float32, program: "apus", examplesFrom: systems)
        #expect(file.examples.contains { $0.system.cell == cell && $0.prediction.stress?.count == 9 })
        #expect(try ModelFile(contents: file.contents, file: "a") == file)
        #expect(throws: Never.self) { try file.verifyExamples(file: "a", instructionSet: bestInstructionSet) }
        // One crystal among many smaller molecules.
        let chosen = ModelFile.Example.representatives(of: molecules + [systems[3]])
        #expect(chosen.last == systems[3] && chosen.dropLast().allSatisfy { $0.volume == nil })
        // Molecules alone have files as before.
        let plain = try ModelFile(
            Variant.all[3].model(), precision: .float32, program: "apus", examplesFrom: molecules)
        #expect(plain.contents.tensors.keys.filter { $0.hasPrefix("golden/") }.count == 5)

        // Cells and stresses are compared on every load.
        for (name, change) in [
            ("golden/cells", 0.1), ("golden/per_system_stress", 1e-4),
        ] {
            var contents = file.contents
            let tensor = try #require(contents.tensors[name])
            var numbers = try contents.doubles(name)
            let k = try #require(numbers.firstIndex { $0 != 0 })
            numbers[k] += change
            contents.tensors[name] = .init(numbers, shape: tensor.shape)
            contents.metadata["sha256"] = nil
            contents.metadata["sha256"] = contents.digest()
            let changed = try ModelFile(contents: contents, file: "a")
            let error = apusError { try changed.verifyExamples(file: "a", instructionSet: bestInstructionSet) }
            #expect(error?.place?.hasPrefix("golden example") == true, "\(name): \(error?.description ?? "")")
        }
        for name in ["golden/periodic", "golden/per_system_stress"] {
            var contents = file.contents
            contents.tensors[name] = nil
            contents.metadata["sha256"] = nil
            contents.metadata["sha256"] = contents.digest()
            #expect(apusError { _ = try ModelFile(contents: contents, file: "a") }?.description.contains(name) == true)
        }
    }

    @Test(arguments: InstructionSet.available)
    func everyInstructionSetFindsTheExamplesAgain(instructionSet: InstructionSet) throws {
        for variant in Variant.all {
            let file = try Self.file(variant)
            #expect(throws: Never.self) { try file.verifyExamples(file: "a", instructionSet: instructionSet) }
        }
    }

    @Test func modelsThatAreNoNumbersAreNotWritten() throws {
        var model = Variant.all[0].model()
        model.parameters[2020] = .nan
        let error = #expect(throws: ApusError.self) {
            _ = try ModelFile(model, precision: .float32, program: "apus", examplesFrom: try randomMolecules())
        }
        #expect(
            error?.description
                == "parameter 'interactions.0.inward.weight': element 0 (counted from 0) is nan, not a finite number; "
                + "use a model from before the training diverged.")
    }
}
