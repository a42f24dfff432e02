import Testing

@testable import ApusFiles

@Suite struct PrintableTests {
    @Test(arguments: [
        ("plain, é, Å, 水, 😀, \\n", "plain, é, Å, 水, 😀, \\n"), ("\u{1b}[31m", "\\u{1b}[31m"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"), ("\0\u{7f}\u{85}\u{9b}", "\\u{0}\\u{7f}\\u{85}\\u{9b}"),
        ("\u{202e}\u{2066}\u{200f}\u{61c}", "\\u{202e}\\u{2066}\\u{200f}\\u{61c}"),
        ("\u{2028}\u{2029}\u{feff}\u{200b}\u{ad}", "\\u{2028}\\u{2029}\\u{feff}\\u{200b}\\u{ad}"),
        ("\u{e0041}", "\\u{e0041}"), ("نمی\u{200c}شود", "نمی\u{200c}شود"),
    ])
    func charactersThatDoNotShowAreEscaped(text: String, written: String) {
        #expect(Array(printable(text).unicodeScalars) == Array(written.unicodeScalars))
        #expect(printable(written) == written)
    }

    @Test func linesMayStay() {
        #expect(printable("a\n\tb\u{1b}", keepingLines: true) == "a\n\tb\\u{1b}")
        #expect(printable("a\r\nb", keepingLines: true).unicodeScalars.elementsEqual("a\\r\nb".unicodeScalars))
        #expect(printable(String(decoding: [0x61, 0xff], as: UTF8.self)) == "a\u{fffd}")
    }

    @Test func anErrorIsOneLine() {
        let error = ApusError(
            .data, file: "a\nerror: b", place: "\u{1b}]0;x\u{7}", problem: "'\u{202e}'", remedy: "c\r")
        #expect(error.description == "a\\nerror: b, \\u{1b}]0;x\\u{7}: '\\u{202e}'; c\\r.")
    }

    @Test func jsonEscapesWithoutLoss() throws {
        let text = "\u{1b}\u{7f}\u{9b}\u{202e}\u{2028}\u{feff}\u{e0041} é 😀"
        let json = JSONValue.string(text).description
        #expect(json == #""\u001b\u007f\u009b\u202e\u2028\ufeff\udb40\udc41 é 😀""#)
        #expect(try JSONValue(parsing: json).string.map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
    }
}
