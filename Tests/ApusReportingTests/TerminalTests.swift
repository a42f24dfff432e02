import Testing

@testable import ApusReporting

@Suite struct TerminalTests {
    @Test(arguments: [
        ([:], true, false, false),
        (["TERM": "xterm"], true, true, true),
        (["TERM": "xterm"], false, false, false),
        (["TERM": "dumb"], true, false, false),
        (["TERM": "xterm", "NO_COLOR": "1"], true, false, true),
        (["TERM": "xterm", "NO_COLOR": ""], true, true, true),
        (["CLICOLOR_FORCE": "1"], false, true, false),
        (["CLICOLOR_FORCE": "0"], false, false, false),
        (["CLICOLOR_FORCE": "1", "NO_COLOR": "1"], false, false, false),
        (["TERM": "dumb", "CLICOLOR_FORCE": "1"], true, true, false),
    ])
    func environment(variables: [String: String], isTerminal: Bool, hasColor: Bool, canRedraw: Bool) {
        let terminal = Terminal(environment: variables, isTerminal: isTerminal)
        #expect(terminal.hasColor == hasColor)
        #expect(terminal.canRedraw == canRedraw)
    }

    @Test func unknownWidth() {
        #expect(Terminal(environment: [:], isTerminal: true, width: nil).width == 80)
        #expect(Terminal(environment: [:], isTerminal: true, width: 0).width == 80)
        #expect(Terminal(environment: [:], isTerminal: true, width: 132).width == 132)
    }
}
