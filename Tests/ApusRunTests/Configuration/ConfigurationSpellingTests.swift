import Testing

@testable import ApusRun

@Suite struct ConfigurationSpellingTests {
    @Test(arguments: [
        ("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("abc", "acb", 1), ("abc", "abd", 1), ("abc", "abcd", 1),
        ("kitten", "sitting", 3), ("batchsize", "batch_size", 1), ("ca", "abc", 3),
    ])
    func distances(left: String, right: String, distance: Int) {
        #expect(editDistance(left, right) == distance)
        #expect(editDistance(right, left) == distance)
    }

    @Test func onlyNearNamesAreSuggested() {
        let names = ["lr", "batch_size", "monitor"]
        #expect(nearest(to: "BatchSize", among: names) == "batch_size")
        #expect(nearest(to: "lt", among: names) == "lr")
        #expect(nearest(to: "mointor", among: names) == "monitor")
        #expect(nearest(to: "epochs", among: names) == nil)
    }

    @Test func linesOfKeys() {
        let lines = TOMLLines(
            """
            # [comment]
            top = "x # y"   # z
            [a]
            one = [1,   # ]
              "]", '[', [2,
            3]]
            "two" = \"""
            [fake]
            one = 3
            \"""
              three.four = { five = 5 }
            [ a . "b" ]
            c = ''
            d = '''
            e = \\'''
            f = "\\"["
            [[list]]
            g = 1
            """)
        #expect(lines.line(of: "top") == 2)
        #expect(lines.line(of: "a") == 3)
        #expect(lines.line(of: "a.one") == 4)
        #expect(lines.line(of: "a.two") == 7)
        #expect(lines.line(of: "a.three.four.five") == 11)
        #expect(lines.line(of: "a.b") == 12)
        #expect(lines.line(of: "a.b.c") == 13)
        #expect(lines.line(of: "a.b.d") == 14)
        #expect(lines.line(of: "a.b.e") == 12)
        #expect(lines.line(of: "a.b.f") == 16)
        #expect(lines.line(of: "list.g") == 18)
        #expect(lines.line(of: "fake") == nil)
    }

    @Test func syntaxTreeOfTOML() throws {
        let members = try SettingValue.members(
            ofTOML: "a = 1\nb = 0x10\nc = 1e3\nd = true\ne = ['x', \"é\"]\nf.g = {h = 2}\ni = 07:32:00\n[j]\n")
        #expect(members["a"] == .integer(1) && members["b"] == .integer(16) && members["c"] == .real(1000))
        #expect(members["d"] == .flag(true) && members["e"] == .list([.text("x"), .text("é")]))
        #expect(members["f"] == .table(["g": .table(["h": .integer(2)])]))
        #expect(members["j"] == .table([:]))
        guard case .date = members["i"] else {
            Issue.record("07:32:00 is not a time")
            return
        }
    }
}
