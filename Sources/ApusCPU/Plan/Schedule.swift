import ApusGraph

/// Steps that run once per batch, on several threads.
struct Schedule: Sendable {
    /// The steps, each after those that it depends on. The longer the chain of steps that one needs, the later it comes, so
    /// that neighbours in the list seldom wait for each other.
    let steps: [Step]
    /// The positions of the steps that each one needs.
    let dependencies: [[Int]]

    /// - Parameter steps: each follows what it depends on.
    init(_ steps: [Step]) {
        var writers: [Int: Int] = [:]
        var levels: [Int] = []
        let needs = steps.enumerated().map { position, step in
            // A place that is written again waits for what it held.
            let needs = Set((step.inputs.map(\.place) + [step.output.place]).compactMap { writers[$0] })
            levels.append(needs.map { levels[$0] + 1 }.max() ?? 0)
            writers[step.output.place] = position
            return needs
        }
        let order = steps.indices.sorted { (levels[$0], $0) < (levels[$1], $1) }
        var positions = order
        for (position, step) in order.enumerated() { positions[step] = position }
        self.steps = order.map { steps[$0] }
        dependencies = order.map { needs[$0].map { positions[$0] }.sorted() }
    }

    /// How many threads can share the steps: as many as the longest chain of them fits into the whole.
    ///
    /// - Parameter seconds: of each step.
    func width(_ seconds: [Double]) -> Int {
        var ends: [Double] = []
        for (time, needed) in zip(seconds, dependencies) { ends.append(time + (needed.map { ends[$0] }.max() ?? 0)) }
        let longest = ends.max() ?? 0
        return longest > 0 ? Int(seconds.reduce(0, +) / longest) : 1
    }
}
