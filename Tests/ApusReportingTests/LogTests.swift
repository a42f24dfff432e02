import Testing

@testable import ApusReporting

@Suite struct LogTests {
    private let plain = Terminal(environment: [:], isTerminal: false)
    private let colored = Terminal(environment: ["TERM": "xterm"], isTerminal: true)

    @Test func levels() {
        let recorder = OutputRecorder()
        let log = Log(minimum: .warning, terminal: plain, output: recorder.append)
        log.info("a")
        log.warning("b")
        log.error("c")
        #expect(recorder.text == "warning: b\nerror: c\n")
    }

    @Test func onlyThePrefixIsColored() {
        let recorder = OutputRecorder()
        let log = Log(terminal: colored, output: recorder.append)
        log.info("a")
        log.warning("b")
        log.error("c")
        #expect(
            recorder.text
                == "\u{1b}[36minfo:\u{1b}[0m a\n\u{1b}[33mwarning:\u{1b}[0m b\n\u{1b}[1;31merror:\u{1b}[0m c\n")
    }

    @Test func aMessageIsOneLine() {
        let recorder = OutputRecorder()
        Log(terminal: plain, output: recorder.append).info("a\nerror: b\u{1b}[2J\u{202e}")
        #expect(recorder.text == "info: a\\nerror: b\\u{1b}[2J\\u{202e}\n")
    }
}
