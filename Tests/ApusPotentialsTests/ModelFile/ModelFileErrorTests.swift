import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph
import ApusTestSupport
import Testing

@testable import ApusPotentials

/// Each fault of a model file ends in one sentence that names it.
@Suite struct ModelFileErrorTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout Safetensors) throws -> Void

        /// A fault in the metadata.
        init(_ key: String, _ value: String?, _ message: String) {
            testDescription = "metadata '\(key)': \(message)"
            change = { $0.metadata[key] = value }
        }

        /// A fault in the architecture, a text replaced by another.
        init(replacing old: String, by new: String, _ message: String) {
            testDescription = message
            change = { file in
                let text = file.metadata["architecture"]!
                let parts = text.split(separator: old, omittingEmptySubsequences: false)
                #expect(parts.count == 2)
                file.metadata["architecture"] = parts.joined(separator: new)
            }
        }

        /// A fault in a tensor.
        init(tensor: String, _ value: Safetensors.Tensor?, _ message: String) {
            testDescription = message
            change = { $0.tensors[tensor] = value }
        }
    }

    private static let edited = "the file is damaged or was edited."

    static let faults: [Fault] = [
        Fault("format_version", nil, "the key is missing; \(edited)"),
        Fault("format_version", "x", "'x' is not a version, a whole number from 1 on; \(edited)"),
        Fault(
            "format_version", "4", "format version 4 is newer than this program understands (3); update apus."),
        Fault("program", nil, "the key is missing; \(edited)"),
        Fault("energy_unit", nil, "the key is missing; \(edited)"),
        Fault("energy_unit", "foe", "unknown unit \"foe\"; accepted are"),
        Fault("length_unit", "eV", "\"eV\" is a unit of energy, but a unit of length is needed"),
        Fault("scale", "inf", "'inf' is not a finite number; \(edited)"),
        Fault("shift", "0,3", "'0,3' is not a finite number; \(edited)"),
        Fault("self_energies", "{", "the text is no JSON: "),
        Fault("self_energies", "[1]", "the JSON text is not an object; \(edited)"),
        Fault("self_energies", "{}", "there is no element; \(edited)"),
        Fault("self_energies", #"{"Xx":1}"#, "\"Xx\" is not the symbol of an element"),
        Fault("self_energies", #"{"H":NaN}"#, "the energy of H is NaN, not a finite number; \(edited)"),
        Fault(
            "elements", "H C", "'H C' is listed, but there are self-energies of 'H C N O'; \(edited)"),
        Fault("self_energies", #"{"H":1e300}"#, "the energy of H is 1e+300, but must be from -1e15 to 1e15; \(edited)"),
        Fault("compositions", "{}", "the JSON text is not a list; \(edited)"),
        Fault("compositions", #"[{"Xe":1}]"#, "'Xe' is not among the elements; \(edited)"),
        Fault("compositions", #"[{"H":0}]"#, "the number of atoms of H is 0, not a whole number from 1 on; \(edited)"),
        Fault("scale", "1e308", "the number is 1e+308, but must be from -1e15 to 1e15; \(edited)"),
        Fault("energy_offset", "-1e308", "the number is -1e+308, but must be from -1e15 to 1e15; \(edited)"),
        Fault(
            "heads", #"[{"name":"per_atom_spin_multiplicity"},{"name":"per_atom_spin_multiplicity"}]"#,
            "the head 'per_atom_spin_multiplicity' occurs twice; \(edited)"),
        Fault(
            "featurization", #"{"periodFeatures":0,"spinMultiplicity":false,"totalCharge":true}"#,
            "periodFeatures is 0, but must be from 1 to 4096; \(edited)"),
        Fault(
            "featurization", #"{"groupFeatures":-1,"spinMultiplicity":false,"totalCharge":true}"#,
            "groupFeatures is -1, but must be from 1 to 4096; \(edited)"),
        Fault("provenance", "", "the text is no JSON: "),
        Fault("architecture", "PaiNN", "the text is no JSON: "),
        Fault("architecture", "{}", "the name is missing; "),
        Fault(
            replacing: #""name":"PaiNN""#, by: #""name":"GemNet""#,
            "metadata 'architecture': the architecture 'GemNet' is unknown (SchNet and PaiNN are known); update apus."),
        Fault(
            replacing: #""features":20,"#, by: "",
            "metadata 'architecture': the hyper-parameter 'features' is missing; "),
        Fault(
            replacing: #""SiLU""#, by: #""Softmax""#,
            "metadata 'architecture': the hyper-parameter 'activation' is \"Softmax\", which does not fit; "),
        Fault(
            replacing: #""SiLU""#, by: #""ELU""#,
            "metadata 'architecture': the hyper-parameter 'activation' is \"ELU\", which does not fit; "),
        Fault(
            replacing: #""SiLU""#, by: #"{"name":"ELU"}"#,
            "metadata 'architecture': the hyper-parameter 'activation.alpha' is missing; "),
        Fault(
            replacing: #""SiLU""#, by: #"{"alpha":0,"name":"ELU"}"#,
            #"metadata 'architecture': the hyper-parameter 'activation' is {"alpha":0,"name":"ELU"}, which does not fit; "#
        ),
        Fault(
            replacing: #""SiLU""#, by: #"{"alpha":1,"beta":2,"name":"CeLU"}"#,
            #"metadata 'architecture': the hyper-parameter 'activation' is {"alpha":1,"beta":2,"name":"CeLU"}, which does not fit; "#
        ),
        Fault(
            replacing: #""SiLU""#, by: #"{"alpha":1,"name":"ReLU"}"#,
            #"metadata 'architecture': the hyper-parameter 'activation' is {"alpha":1,"name":"ReLU"}, which does not fit; "#
        ),
        Fault(
            replacing: #""features":20"#, by: #""features":"20""#,
            "metadata 'architecture': the hyper-parameter 'features' is \"20\", which does not fit; "),
        Fault(
            replacing: #""features":20"#, by: #""dropout":0.5,"features":20"#,
            "metadata 'architecture': the hyper-parameter 'dropout' of PaiNN is unknown; update apus."),
        Fault(
            replacing: #""features":20"#, by: #""features":-1"#,
            "architecture PaiNN: features is -1, but must be from 1 to 4096; "),
        Fault(
            replacing: #""interactions":1"#, by: #""interactions":0"#,
            "architecture PaiNN: interactions is 0, but must be from 1 to 64; "),
        Fault(
            replacing: #""cutoff":4"#, by: #""cutoff":0"#,
            "architecture PaiNN: the cutoff is 0.0, but must be above 0.001 and at most 100000.0; "),
        Fault(
            replacing: #""cutoff":4"#, by: #""cutoff":1e300"#,
            "architecture PaiNN: the cutoff is 1e+300, but must be above 0.001 and at most 100000.0; "),
        Fault(
            replacing: #""epsilon":1e-08"#, by: #""epsilon":0"#,
            "architecture PaiNN: epsilon is 0.0, but must be positive; "),
        Fault(
            replacing: #""centers":["#, by: #""centers":[1,"#,
            "architecture PaiNN: the radial basis has 8 centres and 7 widths, but must have as many of both, from 1 to 4096; "
        ),
        Fault(
            replacing: #""widths":["#, by: #""widths":[0,"#,
            "architecture PaiNN: the radial basis has 7 centres and 8 widths, but must have as many of both, from 1 to 4096; "
        ),
        Fault(
            replacing: #""embeddingRows":101"#, by: #""embeddingRows":8"#,
            "architecture PaiNN: the embedding has 8 rows, too few for O, whose atomic number is 8; "),
        Fault(
            replacing: #""embeddingRows":101"#, by: #""embeddingRows":102"#,
            "tensor 'embedding.weight': the shape is [101, 20], but must be [102, 20]; \(edited)"),
        Fault(tensor: "readout.1.bias", nil, "tensor 'readout.1.bias': there is no such tensor"),
        Fault(
            tensor: "readout.1.bias", .init([1.0 as Float, 2], shape: [1, 2]),
            "tensor 'readout.1.bias': the shape is [1, 2], but must be [1, 1]; \(edited)"),
        Fault(
            tensor: "readout.1.bias", .init([1.0], shape: [1, 1]),
            "tensor 'readout.1.bias': the element type is F64, unlike others before; \(edited)"),
        Fault(
            tensor: "readout.1.bias", .init([1], shape: [1, 1]),
            "tensor 'readout.1.bias': the element type is I64, but must be F32 or F64; \(edited)"),
        Fault(
            tensor: "readout.1.bias", .init([Float.nan], shape: [1, 1]),
            "parameter 'readout.1.bias': element 0 (counted from 0) is nan, not a finite number; "),
        Fault(
            tensor: "readout.2.bias", .init([1.0 as Float], shape: [1, 1]),
            "tensor 'readout.2.bias': the architecture has no parameter of this name; \(edited)"),
        Fault(tensor: "golden/numbers", nil, "tensor 'golden/numbers': there is no such tensor"),
        Fault(
            tensor: "golden/atom_counts", .init([1, Int.max], shape: [2]),
            "tensor 'golden/atom_counts': [1, 9223372036854775807] are not the sizes of systems of "),
        Fault(
            tensor: "golden/atom_counts", .init([Int](), shape: [0]),
            "tensor 'golden/atom_counts': [] are not the sizes of systems of "),
        Fault(
            tensor: "golden/forces", .init([1.0], shape: [1]),
            "tensor 'golden/forces': the shape is [1], but must be ["),
        Fault(
            tensor: "golden/energies", .init([1.0], shape: [1]),
            "tensor 'golden/energies': the shape is [1], but must be ["),
    ]

    @Test(arguments: faults)
    func faultsAreNamed(fault: Fault) throws {
        try expectError(fault.testDescription, fault.change)
    }

    private func expectError(_ message: String, _ change: (inout Safetensors) throws -> Void) throws {
        var contents = try ModelFileTests.file().contents
        try change(&contents)
        contents.seal()
        try withTemporaryFolder { folder in
            try contents.write(to: "\(folder)/a")
            let error = #expect(throws: ApusError.self) { _ = try ModelFile.read("\(folder)/a") }
            #expect(error?.kind == .data)
            #expect(error?.description.hasPrefix("\(folder)/a, \(message)") == true, "\(error?.description ?? "")")
        }
    }

    private func values(_ name: String, in contents: Safetensors, _ change: (inout [Double]) -> Void) throws
        -> Safetensors.Tensor
    {
        var values = try contents.doubles(name)
        change(&values)
        return .init(values, shape: contents.tensors[name]!.shape)
    }

    @Test func examplesThatComeOutDifferentlyAreNamed() throws {
        try expectError("golden example 0 (counted from 0): the model predicts an energy of ") { contents in
            contents.tensors["golden/energies"] = try values("golden/energies", in: contents) { $0[0] += 1e-3 }
        }
        try expectError("golden example 0 (counted from 0): the model predicts an energy of ") { contents in
            contents.tensors["golden/energies"] = try values("golden/energies", in: contents) { $0[0] = .nan }
        }
        try expectError("golden example 0 (counted from 0): the model predicts a force of (") { contents in
            contents.tensors["golden/forces"] = try values("golden/forces", in: contents) { $0[4] += 1e-3 }
        }
        // A parameter, a self-energy and a hyper-parameter that were edited.
        try expectError("golden example 0 (counted from 0): the model predicts an energy of ") { contents in
            var bias = try contents.floats("readout.1.bias")
            bias[0] *= 1.001
            contents.tensors["readout.1.bias"] = .init(bias, shape: [1, 1])
        }
        for (key, value) in [
            ("scale", "2.5001"), ("shift", "0.3001"),
            ("self_energies", #"{"C":-1029.41,"H":-13.61,"N":-1484.91,"O":-2041.81}"#),
        ] {
            try expectError("golden example 0 (counted from 0): the model predicts an energy of ") { contents in
                contents.metadata[key] = value
            }
        }
    }

    @Test func examplesThatAreNoSystemsAreNamed() throws {
        try expectError("golden example 0 (counted from 0): atom 0 is He, which is not among the elements H C N O; ") {
            var numbers = try $0.integers("golden/numbers")
            numbers[0] = 2
            $0.tensors["golden/numbers"] = .init(numbers, shape: [numbers.count])
        }
        try expectError("golden example 0 (counted from 0): atom 0 (counted from 0): no element has") {
            var numbers = try $0.integers("golden/numbers")
            numbers[0] = 200
            $0.tensors["golden/numbers"] = .init(numbers, shape: [numbers.count])
        }
        try expectError("golden example 0 (counted from 0): atom 0 (") { contents in
            contents.tensors["golden/positions"] = try values("golden/positions", in: contents) { $0[0] = .infinity }
        }
        try expectError("golden example 0 (counted from 0): atoms 0 (") { contents in
            contents.tensors["golden/positions"] = try values("golden/positions", in: contents) {
                for axis in 0..<3 { $0[3 + axis] = $0[axis] }
            }
        }
    }

    @Test func otherFilesAreNotModels() throws {
        try withTemporaryFolder { folder in
            let missing = #expect(throws: ApusError.self) { _ = try ModelFile.read("\(folder)/a") }
            #expect(missing?.kind == .missingInput)
            try Safetensors(tensors: ["x": .init([1.0], shape: [1])]).write(to: "\(folder)/a")
            let other = #expect(throws: ApusError.self) { _ = try ModelFile.read("\(folder)/a") }
            #expect(
                other?.description
                    == "\(folder)/a: this is not a model: its metadata have no 'format' of 'apus-model'; "
                    + "name a file that apus train wrote.")
            try writeFileAtomically(path: "\(folder)/a", bytes: Array("12\ncomment\nH 0 0 0\n".utf8))
            let text = #expect(throws: ApusError.self) { _ = try ModelFile.read("\(folder)/a") }
            #expect(text?.kind == .data)
        }
    }

    @Test func truncatedFilesAreRefused() throws {
        let bytes = try ModelFileTests.file().contents.serialized()
        for length in stride(from: 0, to: bytes.count, by: bytes.count / 97) {
            let error = #expect(throws: ApusError.self) {
                let contents = try Safetensors(bytes: Array(bytes[..<length]), file: "a")
                _ = try ModelFile(contents: contents, file: "a")
            }
            #expect(error?.kind == .data)
        }
    }

    /// Numbers at the ends of their types in every place that holds one end in an error or a model, never in a trap.
    @Test func extremeNumbersDoNotCrash() throws {
        var (refused, accepted) = (0, 0)
        for old in OldModel.all {
            let original = try Safetensors.read(old.path)
            for (key, text) in original.metadata.sorted(by: { $0.key < $1.key }) where key != ModelFile.digestKey {
                for changed in Self.withExtremeNumbers(text) {
                    var contents = original
                    contents.metadata[key] = changed
                    contents.seal()
                    do {
                        try ModelFile(contents: contents, file: "a").verifyExamples(
                            file: "a", instructionSet: bestInstructionSet)
                        accepted += 1
                    } catch is ApusError {
                        refused += 1
                    }
                }
            }
        }
        // What is accepted are other words about the origin, and numbers that are as good.
        #expect(refused > 1000 && accepted < refused, "\(refused) refused, \(accepted) accepted")
    }

    /// The text with each of its numbers replaced by each of the extreme ones; lists have their first changed.
    private static func withExtremeNumbers(_ text: String) -> [String] {
        let extremes = ["0", "-1", "1e-300", "1e300", "-1e300", "NaN", "Infinity", "9223372036854775807", "2147483648"]
        let characters = Array(text)
        var results: [String] = []
        var index = 0
        var inList = false
        while index < characters.count {
            if characters[index] == "[" { inList = false }
            guard characters[index].isNumber || characters[index] == "-", index == 0 || !characters[index - 1].isLetter
            else {
                index += 1
                continue
            }
            var end = index + 1
            while end < characters.count, characters[end].isNumber || ".e-+".contains(characters[end]) { end += 1 }
            if !inList {
                results += extremes.map { String(characters[..<index]) + $0 + String(characters[end...]) }
            }
            inList =
                end < characters.count && characters[end] == ","
                && end + 1 < characters.count && characters[end + 1] != "\""
            index = end
        }
        return results
    }
}

extension Safetensors {
    /// Gives a changed file the digest of its content, as if it had been written so.
    mutating func seal() {
        metadata[ModelFile.digestKey] = nil
        metadata[ModelFile.digestKey] = digest()
    }
}
