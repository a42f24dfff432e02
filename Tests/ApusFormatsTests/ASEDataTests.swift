import ApusFiles
import Testing

@testable import ApusFormats

@Suite struct ASEDataTests {
    /// The layout that ASE writes: offset, bytes of arrays, keys.
    private func blob(_ arrays: [UInt8], _ json: String) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: (8 + arrays.count) >> (8 * $0)) } + arrays + Array(json.utf8)
    }

    private let pair = [1.5, -2].flatMap { (value: Double) -> [UInt8] in withUnsafeBytes(of: value) { Array($0) } }

    @Test func binary() throws {
        let data = try ASEData(
            bytes: blob(
                pair + [1, 0],
                #"{"F":{"__ndarray__":[[1,2],"float64",8]},"b":{"__ndarray__":[[2],"bool",24]},"n":"x","e":3,"l":[[1,2],[3,4]]}"#
            ))
        #expect(data.arrays["F"] == ASEData.Array(shape: [1, 2], values: [1.5, -2]))
        #expect(data.arrays["b"]?.values == [1, 0])
        #expect(data.arrays["e"] == ASEData.Array(shape: [], values: [3]))
        #expect(data.arrays["l"] == ASEData.Array(shape: [2, 2], values: [1, 2, 3, 4]))
        #expect(data.values == ["n": .string("x")])
    }

    @Test func text() throws {
        let data = try ASEData(
            text: #"{"F":[[1.5,-2]],"a":{"__ndarray__":[[2],"float64",[1,2]]},"ragged":[[1],[2,3]]}"#)
        #expect(data.arrays["F"] == ASEData.Array(shape: [1, 2], values: [1.5, -2]))
        #expect(data.arrays["a"] == ASEData.Array(shape: [2], values: [1, 2]))
        #expect(data.arrays["ragged"] == nil)
        #expect(data.values.keys.sorted() == ["ragged"])
    }

    @Test(arguments: [
        (#"{"F":{"__ndarray__":[[3],"float64",8]}}"#, "'F' of shape [3] reaches beyond the end"),
        (#"{"F":{"__ndarray__":[[1],"float64",-8]}}"#, "'F' of shape [1] reaches beyond the end"),
        (#"{"F":{"__ndarray__":[[9223372036854775807,2],"float64",8]}}"#, "reaches beyond the end"),
        (#"{"F":{"__ndarray__":[[-1],"float64",8]}}"#, "'F' is no sound array"),
        (#"{"F":{"__ndarray__":[[3],"float64",[1,2]]}}"#, "not as many numbers as its shape [3] says"),
        ("{", "its keys are no JSON"),
    ])
    func mistakes(json: String, problem: String) {
        #expect {
            _ = try ASEData(bytes: blob(pair, json))
        } throws: {
            ($0 as? ASEData.Failure)?.problem.contains(problem) == true
        }
    }

    @Test func truncated() {
        #expect(throws: ASEData.Failure(problem: "it has only 3 bytes")) { try ASEData(bytes: [1, 2, 3]) }
        #expect(throws: ASEData.Failure(problem: "it announces its keys at byte 99 of 8")) {
            try ASEData(bytes: [99, 0, 0, 0, 0, 0, 0, 0])
        }
    }
}
