import ApusSystem
import Testing

/// Mistakes of programmers stop the program with their text, in optimised builds too.
@Suite struct RequireTests {
    @Test func aBrokenRuleIsNamedWithItsPlace() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let counts = [3, 4]
            require(counts[0] == counts[1], "the counts \(counts) differ")
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains(/ApusSystemTests\/RequireTests.swift:\d+: Fatal error: the counts \[3, 4\] differ/))
    }

    @Test func theTextIsMadeOnlyWhenItIsNeeded() {
        var made = 0
        func text() -> String {
            made += 1
            return ""
        }
        for number in 0..<3 { require(number < 3, text()) }
        #expect(made == 0)
    }
}
