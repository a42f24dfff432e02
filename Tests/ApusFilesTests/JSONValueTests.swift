import Testing

@testable import ApusFiles

@Suite struct JSONValueTests {
    @Test func parsesEveryKind() throws {
        let value = try JSONValue(
            parsing: #" {"a": [1, -2.5, 1e3, true, false, null], "b": {"c": "x\n\u00fc\ud83d\ude00\/"}, "": []} "#)
        #expect(
            value
                == .object([
                    "a": .array([.integer(1), .real(-2.5), .real(1000), .logical(true), .logical(false), .null]),
                    "b": .object(["c": .string("x\nü😀/")]), "": .array([]),
                ]))
        #expect(value["b"]?["c"]?.string == "x\nü😀/")
        #expect(value["a"]?.array?[0].integer == 1)
        #expect(value["a"]?.array?[1].real == -2.5)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "[1 2]", "nul", "\"abc", "\"\\x\"", "\"\\u12\"", "\"\\ud83d\"",
        "1 2",
        "{1:2}", "1e999", "[\"\\ud83d\\u0041\"]", "{\"a\":1,\"a\":2}", "--1",
    ])
    func refuses(text: String) {
        #expect(throws: JSONValue.SyntaxError.self) { try JSONValue(parsing: text) }
    }

    @Test func refusesDeepNesting() {
        #expect(throws: JSONValue.SyntaxError.self) {
            try JSONValue(parsing: String(repeating: "[", count: 1_000_000))
        }
    }

    @Test func saysWhereAndWhy() {
        #expect(throws: JSONValue.SyntaxError(offset: 8, problem: "the key 'a' occurs twice")) {
            try JSONValue(parsing: #"{"a": 1,"a": 2}"#)
        }
    }

    @Test func textReadsBack() throws {
        let value = JSONValue.object([
            "z": .array([.real(0.1), .real(1e-300), .real(2), .integer(.min), .real(-.infinity)]),
            "a\u{1}\"\\\t": .string("ü\r\n😀"), "n": .null, "l": .logical(true),
        ])
        #expect(try JSONValue(parsing: value.description) == value)
        #expect(JSONValue.object(["b": .integer(1), "a": .null]).description == #"{"a":null,"b":1}"#)
    }
}
