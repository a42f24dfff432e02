import Testing

@testable import ApusReporting

@Suite struct NumberTextTests {
    @Test(arguments: [
        (0.0123, "0.01230"), (1, "1.000"), (0, "0.000"), (-2.5, "-2.500"), (9.9996, "10.00"), (12345.6, "12346"),
        (999.96, "1000"), (1e-4, "0.0001000"), (4.56e-7, "4.560e-07"), (1.5e7, "1.500e+07"), (.infinity, "inf"),
        (-.infinity, "-inf"), (.nan, "nan"), (0.00009999999, "0.0001000"), (9_999_999, "9.999999e+06"),
        (.greatestFiniteMagnitude, "1.798e+308"), (.leastNonzeroMagnitude, "4.941e-324"),
    ])
    func fourDigits(value: Double, text: String) {
        // Four digits round 9 999 999 up to 10⁷, which has an exponent; seven do not.
        let expected = value == 9_999_999 ? "1.000e+07" : text
        #expect(numberText(value, significantDigits: 4) == expected)
    }

    @Test func otherCounts() {
        #expect(numberText(1234.5, significantDigits: 1) == "1234")
        #expect(numberText(0.1, significantDigits: 17) == "0.10000000000000001")
        #expect(numberText(0.00012, significantDigits: 17).count == 22)
    }

    @Test(arguments: [(0, "0:00"), (59.6, "1:00"), (581, "9:41"), (3600, "1:00:00"), (-3, "0:00"), (.nan, "?")])
    func times(seconds: Double, text: String) {
        #expect(timeText(seconds) == text)
    }
}
