import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph
import Testing

@testable import ApusPotentials

/// A model file in which anything has changed is refused.
@Suite struct ModelFileDigestTests {
    /// The error of reading bytes as a model; nil where they are accepted.
    private func fault(_ bytes: [UInt8]) throws -> ApusError? {
        do {
            _ = try ModelFile(contents: try Safetensors(bytes: bytes, file: "a"), file: "a")
            return nil
        } catch let error as ApusError {
            return error
        }
    }

    /// Every bit of the header of a small model, and of the rest a sample that is spread over all of it.
    @Test func everyFlippedBitIsRefused() throws {
        let bytes = try ModelFileTests.file(Variant.all.last!).contents.serialized()
        #expect(try fault(bytes) == nil)
        let header = 8 + bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        let bits = Array(0..<8 * header) + stride(from: 8 * header, to: 8 * bytes.count, by: 101)
        for bit in bits {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            let error = try fault(damaged)
            #expect(error?.kind == .data && error?.description.hasSuffix(".") == true, "bit \(bit) of \(bits.count)")
        }
    }

    @Test func changedContentIsRefused() throws {
        let contents = try ModelFileTests.file().contents
        let changes: [@Sendable (inout Safetensors) -> Void] = [
            { $0.metadata["energy_unit"] = "kcal/mol" }, { $0.metadata["length_unit"] = "nm" },
            { $0.metadata["program"] = "another" }, { $0.metadata["further"] = "text" },
            { $0.tensors["embedding.weight"] = .init([Float](repeating: 0, count: 2020), shape: [101, 20]) },
            { $0.metadata["sha256"] = "" }, { $0.metadata["format_version"] = "1" },
        ]
        for change in changes {
            var changed = contents
            change(&changed)
            let error = try fault(changed.serialized())
            #expect(
                error?.description == "a: the checksum is wrong, so something in the file has changed since it was "
                    + "written; copy it again, or train again.")
        }
        var without = contents
        without.metadata["sha256"] = nil
        #expect(
            try fault(without.serialized())?.description
                == "a, metadata 'sha256': the key is missing; the file is damaged or was edited.")
    }

    /// Another library writes the same content in another order.
    @Test func theOrderOfTheFileDoesNotMatter() throws {
        let contents = try ModelFileTests.file().contents
        let again = Safetensors(metadata: contents.metadata, tensors: contents.tensors)
        #expect(again.digest() == contents.digest())
        var moved = again
        moved.metadata["a"] = "b\0c"
        var other = again
        (other.metadata["a"], other.metadata["c"]) = ("b", "")
        #expect(moved.digest() != other.digest())
    }

    @Test func elementsThatNoSystemHasAreInAnExample() throws {
        let systems = [try AtomicSystem(numbers: [1, 1], positions: [.zero, SIMD3(0.8, 0, 0)])]
        for variant in Variant.all {
            let file = try ModelFile(variant.model(), precision: .float32, program: "a", examplesFrom: systems)
            #expect(Set(file.examples.flatMap(\.system.numbers)) == [1, 6, 7, 8])
            // All of them see a neighbour.
            for system in file.examples.map(\.system) { #expect(system.count > 1) }
            try file.verifyExamples(file: "a", instructionSet: bestInstructionSet)
        }
    }
}
