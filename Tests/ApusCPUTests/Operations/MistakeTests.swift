import Testing

@testable import ApusCPU
@testable import ApusGraph

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Mistakes stop where they are made, with the names of the tensors in the message, in optimised builds too.
@Suite struct MistakeTests {
    @Test(arguments: Mistake.allCases) func mistakesAreNamed(_ mistake: Mistake) async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [mistake] in
            mistake.make()
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        for name in mistake.names { #expect(message.contains(name), "\(message)") }
    }

    @Test func inputOfTheWrongSizeIsNamed() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let graph = Graph()
            let evaluation = Evaluation([graph.input("charges", rows: .atoms)])
            var batch = Batch(for: evaluation.tensors)
            batch.parts[1].inputs["charges"] = [1]
            _ = try evaluation(batch)
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("input 'charges': 1 numbers given, 3 needed (atoms [1])"), "\(message)")
    }

    @Test func parametersOfTheWrongSizeAreRefused() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let graph = Graph()
            let evaluation = Evaluation([matmul(graph.input("x", rows: .atoms), graph.parameter("w", features: 3))])
            var batch = Batch(for: evaluation.tensors)
            batch.parameters.append(1)
            _ = try evaluation(batch)
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("4 float64 parameters do not fit the program"), "\(message)")
    }

    @Test func numberBeyondTheEndIsRefused() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            print(Numbers([1, 2], precision: .float32)[2])
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("index 2 is not in 0..<2"), "\(message)")
    }

    @Test func instructionSetOfTheEnvironmentIsUsed() async {
        await #expect(processExitsWith: .success) {
            for set in InstructionSet.available {
                setenv("APUS_ISA", set.description, 1)
                let preferred = try InstructionSet.preferred()
                #expect(preferred == set)
            }
            setenv("APUS_ISA", "", 1)
            let unnamed = try InstructionSet.preferred()
            unsetenv("APUS_ISA")
            let unset = try InstructionSet.preferred()
            #expect([unnamed, unset] == [InstructionSet.available[0], InstructionSet.available[0]])
            setenv("APUS_ISA", "mmx", 1)
            let error = #expect(throws: InstructionSetError.self) { try InstructionSet.preferred() }
            let names = InstructionSet.available.map(\.description).joined(separator: ", ")
            #expect(
                error?.description == "environment variable APUS_ISA: 'mmx' is not an instruction set of this machine; "
                    + "unset it or choose one of \(names).")
        }
    }
}
