import Testing

@testable import ApusReporting

@Suite struct ProgressDisplayTests {
    private let recorder = OutputRecorder()

    private func display(isTerminal: Bool, width: Int = 80, epochs: Int = 10, isQuiet: Bool = false) -> ProgressDisplay
    {
        let terminal = Terminal(environment: ["TERM": "xterm"], isTerminal: isTerminal, width: width)
        return ProgressDisplay(
            epochs: epochs, isQuiet: isQuiet, terminal: terminal, clock: { [recorder] in recorder.time },
            output: recorder.append)
    }

    @Test func aPipeGetsOneLinePerEpoch() {
        var display = display(isTerminal: false)
        for epoch in 1...2 {
            display.beginEpoch(epoch, molecules: 1000)
            for _ in 0..<10 {
                recorder.time += 0.5
                display.advance(molecules: 100, values: [ReportedValue("loss", 0.5)])
            }
            // Validation counts for the time left, not for the rate.
            recorder.time += 1
            display.endEpoch(values: [
                ReportedValue("loss", 0.0123), ReportedValue("rmse", 34.1, unit: "meV/Å"),
            ])
        }
        display.clear()
        #expect(
            recorder.text == """
                epoch  1/10  loss 0.01230  rmse 34.10 meV/Å  200 molecules/s  0:54 left
                epoch  2/10  loss 0.01230  rmse 34.10 meV/Å  200 molecules/s  0:48 left

                """)
    }

    @Test func aTerminalGetsABar() {
        var display = display(isTerminal: true)
        display.beginEpoch(3, molecules: 1000)
        recorder.time = 1
        display.advance(molecules: 400, values: [ReportedValue("loss", 0.25)])
        let bar = recorder.take()
        #expect(bar.hasPrefix("\repoch  3/10   40%|"))
        #expect(bar.hasSuffix("| 400 molecules/s, loss 0.2500, 0:19 left\u{1b}[K"))
        // 40 % of the room between the bars.
        let blocks = bar.drop { $0 != "|" }.dropFirst().prefix { $0 != "|" }
        let full = Double(blocks.filter { $0 == "█" }.count)
        #expect(abs(full / Double(blocks.count) - 0.4) <= 1 / Double(blocks.count))

        display.endEpoch(values: [ReportedValue("loss", 0.5)])
        #expect(recorder.take() == "\r\u{1b}[Kepoch  3/10  loss 0.5000  400 molecules/s  0:07 left\n")
    }

    @Test func atMostTwentyDrawingsPerSecond() {
        var display = display(isTerminal: true)
        display.beginEpoch(1, molecules: 10_000)
        for _ in 0..<2000 {
            recorder.time += 0.001
            display.advance(molecules: 1)
        }
        let drawings = recorder.text.split(separator: "\r").count
        #expect((38...41).contains(drawings))
    }

    @Test(arguments: [10, 20, 40, 60, 80, 200])
    func theBarIsNarrowerThanTheTerminal(width: Int) {
        var display = display(isTerminal: true, width: width)
        display.beginEpoch(1, molecules: 7)
        for _ in 0..<7 {
            recorder.time += 1
            display.advance(molecules: 1, values: [ReportedValue("loss", 0.25)])
        }
        for drawing in recorder.text.split(separator: "\r") {
            #expect(drawing.replacing("\u{1b}[K", with: "").count < width)
        }
    }

    @Test func clearingIsDoneOnce() {
        var display = display(isTerminal: true)
        display.beginEpoch(1, molecules: 10)
        display.clear()
        #expect(recorder.take() == "")
        recorder.time = 1
        display.advance(molecules: 1)
        _ = recorder.take()
        display.clear()
        display.clear()
        #expect(recorder.take() == "\r\u{1b}[K")
    }

    @Test func quietMeansQuiet() {
        var display = display(isTerminal: true, isQuiet: true)
        display.beginEpoch(1, molecules: 10)
        recorder.time = 1
        display.advance(molecules: 10)
        display.endEpoch(values: [ReportedValue("loss", 1)])
        display.clear()
        #expect(recorder.text == "")
    }

    @Test func theTimeLeftOfAResumedRunCountsItsOwnEpochs() {
        var display = display(isTerminal: false)
        display.beginEpoch(8, molecules: 10)
        recorder.time = 5
        display.advance(molecules: 10)
        display.endEpoch(values: [])
        #expect(recorder.take() == "epoch  8/10  2 molecules/s  0:10 left\n")
        display.beginEpoch(10, molecules: 10)
        display.endEpoch(values: [])
        #expect(recorder.take() == "epoch 10/10\n")
    }
}
