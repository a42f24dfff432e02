import Testing

@testable import ApusFiles

@Suite struct ApusErrorTests {
    @Test func descriptionIsOneSentence() {
        let error = ApusError(
            .data, file: "a.xyz", place: "line 3", problem: "the number is missing", remedy: "add it")
        #expect(error.description == "a.xyz, line 3: the number is missing; add it.")
        #expect(ApusError(.usage, problem: "no file").description == "no file.")
        #expect(ApusError(.io, file: "b", problem: "broken").description == "b: broken.")
        #expect(
            ApusError(.data, problem: "no 'x'", remedy: "did you mean 'y'?").description == "no 'x'; did you mean 'y'?")
    }

    @Test func placesAreFilledInWhereTheyAreMissing() {
        let error = ApusError(.data, problem: "broken", remedy: "mend it")
        #expect(error.located(file: "a", place: "line 1").description == "a, line 1: broken; mend it.")
        #expect(
            error.located(file: "a").located(file: "b", place: "line 2").description == "a, line 2: broken; mend it.")
    }

    @Test func exitCodesAreThoseOfSysexits() {
        let codes = ApusError.Kind.allCases.map { ApusError($0, problem: "").exitCode }
        #expect(codes == [64, 65, 66, 74, 78, 69])
    }

    @Test func longTextIsCut() {
        #expect(quoted("short") == "'short'")
        #expect(quoted(String(repeating: "x", count: 100)).count == 43)
    }
}
