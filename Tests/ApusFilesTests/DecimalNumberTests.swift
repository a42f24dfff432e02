import Testing

@testable import ApusFiles

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite struct DecimalNumberTests {
    private func real(_ text: String) -> Double? {
        let bytes = Array(text.utf8)
        return parseReal(bytes, bytes.indices)
    }

    private func integer(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        return parseInteger(bytes, bytes.indices)
    }

    @Test(arguments: [
        "0", "-0", "1", "+1", "1.", ".5", "-.5", "0.1", "3.14159", "1e5", "1E-6", "1.e3", "9007199254740993",
        "9007199254740992", "123456789012345678901234567890", "0.00000000000000000000000000001", "1e22", "1e23",
        "1e-22", "1e-23", "179769313486231570000e289", "1e308", "1e309", "1e400", "-1e400", "5e-324", "2e-324",
        "1e-400",
        "2.2250738585072011e-308", "2.2250738585072014e-308", "0e999999999999999999999", "1e999999999999999999999",
        "1e-999999999999999999999", "7.2057594037927933e16", "0.000000000000000000000000000000000000e40",
        "00012.500", "1.7976931348623157e308", "8.41e21", "9.5e-5", "-309.7927031184",
    ])
    func agreesWithStrtod(text: String) {
        #expect(real(text)?.bitPattern == strtod(text, nil).bitPattern)
    }

    @Test func agreesWithStrtodOnRandomNumbers() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200_000 {
            let shift = UInt64.random(in: 0..<64, using: &generator)
            var text = String(UInt64.random(in: 0 ... .max, using: &generator) >> shift)
            let point = Int.random(in: 0...text.count, using: &generator)
            text.insert(".", at: text.index(text.startIndex, offsetBy: point))
            if Bool.random(using: &generator) { text += "e\(Int.random(in: -330...310, using: &generator))" }
            if Bool.random(using: &generator) { text = "-" + text }
            guard real(text)?.bitPattern == strtod(text, nil).bitPattern else {
                Issue.record("\(text) gives \(real(text) ?? .nan)")
                return
            }
        }
    }

    @Test func shortestFormsReadBack() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<100_000 {
            let value = Double(bitPattern: UInt64.random(in: 0 ... .max, using: &generator))
            guard value.isFinite else { continue }
            #expect(real(value.description)?.bitPattern == value.bitPattern)
        }
    }

    @Test func fortranExponents() {
        #expect(real("1.5d3") == 1500)
        #expect(real("-2D-2") == -0.02)
        #expect(real("0.30000000000000004441D+00") == 0.30000000000000004)
    }

    @Test func nonFiniteValues() {
        #expect(real("nan")?.isNaN == true)
        #expect(real("-NaN")?.isNaN == true)
        #expect(real("inf") == .infinity)
        #expect(real("-Infinity") == -.infinity)
    }

    @Test(arguments: [
        "", "-", "+", ".", "e5", "1e", "1e+", "1.2.3", "1,5", "0x10", "1 ", " 1", "--1", "infinit", "nanny", "1f",
        "1e5.0",
    ])
    func textsThatAreNoNumbers(text: String) {
        #expect(real(text) == nil)
    }

    @Test func integers() {
        #expect(integer("0") == 0)
        #expect(integer("+42") == 42)
        #expect(integer("-7") == -7)
        #expect(integer("9223372036854775807") == .max)
        #expect(integer("-9223372036854775808") == .min)
        for text in ["", "-", "1.0", "9223372036854775808", "-9223372036854775809", "99999999999999999999999", "1 "] {
            #expect(integer(text) == nil)
        }
    }
}
