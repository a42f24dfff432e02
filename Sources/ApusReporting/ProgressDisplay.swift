import ApusSystem

/// The progress of a training run on standard error.
///
/// A terminal shows one bar for the current epoch, drawn at most 20 times per second, and one line per finished
/// epoch above it; a file or pipe gets the lines alone:
///
///     epoch   3/100  42%|████▏     | 2410 molecules/s, loss 0.01230, 9:41 left
///     epoch   2/100  loss 0.01310  val/per_atom_force/rmse 0.03410 eV/Å  2405 molecules/s  9:45 left
///
/// The time left is that of all epochs at the mean rate so far, validation included.
public struct ProgressDisplay: Sendable {
    private let terminal: Terminal
    private let isQuiet: Bool
    private let epochs: Int
    private let clock: @Sendable () -> Double
    private let output: @Sendable (String) -> Void

    private var epoch = 0
    private var isDrawn = false
    private var lastDrawing = -Double.infinity
    /// Molecules to do and done in the current epoch, and the time of its start.
    private var epochMolecules = 0
    private var doneMolecules = 0
    private var epochStart = 0.0
    /// Time spent in steps of the current epoch, which the rate is measured by.
    private var stepTime = 0.0
    /// The first epoch shown and its start, which the time left is measured by.
    private var first: (epoch: Int, start: Double)?

    /// Creates a display.
    ///
    /// - Parameters:
    ///   - epochs: The number of epochs of the whole run.
    ///   - isQuiet: Whether nothing is shown.
    ///   - clock: The seconds since any moment.
    ///   - output: Takes the text.
    public init(
        epochs: Int, isQuiet: Bool = false, terminal: Terminal = .standardError,
        clock: (@Sendable () -> Double)? = nil,
        output: @escaping @Sendable (String) -> Void = writeToStandardError
    ) {
        self.epochs = epochs
        self.isQuiet = isQuiet
        self.terminal = terminal
        self.output = output
        let start = ContinuousClock.now
        self.clock = clock ?? { (ContinuousClock.now - start) / .seconds(1) }
    }

    /// Starts an epoch; the first is number 1.
    public mutating func beginEpoch(_ number: Int, molecules: Int) {
        epoch = number
        epochMolecules = molecules
        doneMolecules = 0
        stepTime = 0
        epochStart = clock()
        if first == nil { first = (number, epochStart) }
    }

    /// Counts the molecules of a step and draws the bar when the last drawing is old enough.
    public mutating func advance(molecules: Int, values: [ReportedValue] = []) {
        doneMolecules += molecules
        let now = clock()
        stepTime = now - epochStart
        guard !isQuiet, terminal.canRedraw, now - lastDrawing >= 0.05 else { return }
        lastDrawing = now
        isDrawn = true
        output("\r" + bar(values, now: now) + "\u{1b}[K")
    }

    /// Ends an epoch with a line that stays.
    public mutating func endEpoch(values: [ReportedValue]) {
        guard !isQuiet else { return }
        clear()
        let parts = [epochText] + values.map(\.text) + [rateText, leftText(done: Double(epoch), now: clock())]
        output(parts.compactMap { $0 }.joined(separator: "  ") + "\n")
    }

    /// Removes the bar, so that other lines can be written or the program can end; the next step draws it again.
    public mutating func clear() {
        guard isDrawn else { return }
        isDrawn = false
        lastDrawing = -.infinity
        output("\r\u{1b}[K")
    }
}

extension ProgressDisplay {
    private var epochText: String {
        let total = String(epochs)
        let number = String(epoch)
        return "epoch " + String(repeating: " ", count: max(0, total.count - number.count)) + number + "/" + total
    }

    /// The rate of the steps of this epoch, nil before the first.
    private var rateText: String? {
        guard doneMolecules > 0, stepTime > 0 else { return nil }
        return "\(Int(saturating: (Double(doneMolecules) / stepTime).rounded())) molecules/s"
    }

    /// The time that the remaining epochs will take, nil where it is zero or unknown.
    private func leftText(done: Double, now: Double) -> String? {
        guard let first, done < Double(epochs) else { return nil }
        let finished = done - Double(first.epoch - 1)
        guard finished > 0 else { return nil }
        return timeText((now - first.start) / finished * (Double(epochs) - done)) + " left"
    }

    /// The bar and what stands beside it, no wider than the terminal.
    private func bar(_ values: [ReportedValue], now: Double) -> String {
        let fraction = epochMolecules > 0 ? min(1, Double(doneMolecules) / Double(epochMolecules)) : 1
        let percent = String(Int(saturating: fraction * 100))
        let head = epochText + "  " + String(repeating: " ", count: 3 - percent.count) + percent + "%|"
        let left = leftText(done: Double(epoch - 1) + fraction, now: now)
        let tail = "| " + ([rateText] + values.map(\.text) + [left]).compactMap { $0 }.joined(separator: ", ")
        // The last column stays free, because some terminals start a new line after it.
        let room = terminal.width - 1 - head.count - tail.count
        return String((head + blocks(fraction, width: max(5, min(30, room))) + tail).prefix(terminal.width - 1))
    }

    /// A bar in steps of an eighth of a character.
    private func blocks(_ fraction: Double, width: Int) -> String {
        let eighths = Int(saturating: fraction * Double(width * 8))
        let full = String(repeating: "█", count: eighths / 8)
        let partial = eighths % 8 > 0 ? String(Array("▏▎▍▌▋▊▉")[eighths % 8 - 1]) : ""
        return full + partial + String(repeating: " ", count: width - full.count - partial.count)
    }
}
