/// What a reader notices on its way and tells once, with the number of configurations concerned.
final class ReadingNotes {
    private var counts: [(text: String, count: Int)] = []

    /// Notes something about one more configuration.
    func add(_ text: String) {
        if let index = counts.firstIndex(where: { $0.text == text }) {
            counts[index].count += 1
        } else {
            counts.append((text, 1))
        }
    }

    /// A line for each, in the order in which they were noticed.
    var lines: [String] {
        counts.map { "\($0.text) (in \($0.count == 1 ? "1 configuration" : "\($0.count) configurations"))" }
    }
}
