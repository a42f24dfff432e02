import Synchronization

/// Keeps what is written, and a clock that moves only when told.
final class OutputRecorder: Sendable {
    private let state = Mutex((text: "", time: 0.0))

    var text: String { state.withLock { $0.text } }

    var time: Double {
        get { state.withLock { $0.time } }
        set { state.withLock { $0.time = newValue } }
    }

    func append(_ text: String) { state.withLock { $0.text += text } }

    /// Returns what was written since the last call.
    func take() -> String {
        state.withLock { state in
            defer { state.text = "" }
            return state.text
        }
    }
}
