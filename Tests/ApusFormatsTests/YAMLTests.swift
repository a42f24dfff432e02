import ApusFiles
import Testing

@testable import ApusFormats

@Suite struct YAMLTests {
    @Test func everyForm() throws {
        let text = """
            # a comment
            plain: a b   # behind
            number: -13.5 * kilojoule_per_mole
            single: 'it''s'
            double: "a\\tb\\u00e9"
            empty:
            flow: [1, {a: x, b: [y]}, "z"]
            base: &base {k: v}
            again: *base
            list:
            - one
            - two:
                deep
            folded: >
              first
              second
            literal: |-
              first
              second
            """
        let expected: JSONValue = .object([
            "plain": .string("a b"), "number": .string("-13.5 * kilojoule_per_mole"), "single": .string("it's"),
            "double": .string("a\tbé"), "empty": .null,
            "flow": .array([
                .string("1"), .object(["a": .string("x"), "b": .array([.string("y")])]), .string("z"),
            ]), "base": .object(["k": .string("v")]), "again": .object(["k": .string("v")]),
            "list": .array([.string("one"), .object(["two": .string("deep")])]),
            "folded": .string("first second\n"), "literal": .string("first\nsecond"),
        ])
        #expect(try YAMLDocument.read(text) == expected)
        #expect(try YAMLDocument.read("") == .object([:]))
        #expect(try YAMLDocument.read("a: !!str 1") == .object(["a": .string("1")]))
        #expect(try YAMLDocument.read("---\na: 1\n...\n") == .object(["a": .string("1")]))
    }

    /// Aliases of aliases: a billion values from nine lines.
    private static let bomb =
        "a0: &a0 [x]\n"
        + (1...9).map { k in
            let alias = "*a\(k - 1)"
            return "a\(k): &a\(k) [\(repeatElement(alias, count: 9).joined(separator: ","))]\n"
        }.joined()

    @Test(arguments: [
        ("a: 1\na: 2\n", 2, "the key 'a' occurs twice"),
        ("a: [1\nb: 2\n", 2, "did not find expected ',' or ']'"),
        ("a: 'b\n", 2, "found unexpected end of stream"),
        ("a: *b\n", 1, "nothing before this has the name 'b'"),
        ("a: &b [*b]\n", 1, "nothing before this has the name 'b'"),
        ("a: 1\n---\nb: 2\n", 2, "a second document begins"),
        ("a: !python/object x\n", 1, "the tag '!python/object' is not read"),
        (
            "a: !!python/object/apply [x]\n", 1,
            "the tag 'tag:yaml.org,2002:python/object/apply' is not read"
        ),
        ("a: !!binary eA==\n", 1, "the tag 'tag:yaml.org,2002:binary' is not read"),
        ("a:\n  [x]: 1\n", 2, "a key must be a text"),
        ("\ta: 1\n", 1, "found character that cannot start any token"),
        (String(repeating: "[", count: 100_000), 1, "the nesting is too deep"),
        (String(repeating: "a: {", count: 100_000), 1, "the nesting is too deep"),
        (bomb, 6, "there are more than 100,000 values"),
        ("- 1\n" + String(repeating: "- 2\n", count: 100_000), 100_000, "there are more than 100,000 values"),
        ("a: \u{1}\n", 1, "control characters are not allowed"),
        ("a: 1\nb: 2\nc: \u{1}\n", 3, "control characters are not allowed"),
    ]) func refusals(text: String, line: Int, problem: String) {
        #expect(throws: YAMLDocument.Failure(line: line, problem: problem)) { try YAMLDocument.read(text) }
    }
}
