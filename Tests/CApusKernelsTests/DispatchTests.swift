import CApusKernels
import Testing

/// Choosing a table of kernels by name.
@Suite struct DispatchTests {
    @Test func theBaselineIsAlwaysThere() throws {
        #expect(["x86-64", "neon"].contains(try #require(Variant.instructionSets.last)))
        #expect(apus_isa_available(Variant.instructionSets.last) != 0)
        #expect(!Variant.all.isEmpty)
    }

    @Test func namesAreDistinctAndEnd() {
        #expect(Set(Variant.instructionSets).count == Variant.instructionSets.count)
        #expect(apus_isa_name(-1) == nil)
        #expect(apus_isa_name(Int32(Variant.instructionSets.count + 1)) == nil)
    }

    @Test func whatDoesNotExistIsRefused() {
        #expect(apus_isa_available("altivec") == 0)
        #expect(apus_kernels_for("altivec", 4) == nil)
        #expect(apus_isa_available(nil) == 0)
        #expect(apus_kernels_for(Variant.instructionSets.last, 2) == nil)
        for isa in Variant.instructionSets where apus_isa_available(isa) == 0 {
            #expect(apus_kernels_for(isa, 4) == nil)
        }
    }
}
