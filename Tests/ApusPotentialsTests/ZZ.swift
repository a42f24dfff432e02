import ApusGraph
import Testing
@testable import ApusPotentials
@Test func zz() throws {
    for variant in Variant.all { for seed in 1...30 {
        let c = ModelChecks(variant.model(seed: UInt64(seed)), on: try randomMolecules(seed: UInt64(seed)), instructionSet: bestInstructionSet, seed: UInt64(seed))
        let rs = try [c.forces(), c.parameterGradients()]
        print("ZZ", variant.testDescription, seed, rs.map { "\($0.name)=\(Float($0.worst/$0.bound))" }.joined(separator: " "))
    } }
}
