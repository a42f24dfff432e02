import ApusGraph

/// Where the time of batches went: an average over the batches since profiling began.
public struct ExecutionProfile: Sendable {
    /// Work of one kind over the rows of one space.
    public struct Entry: Sendable {
        /// The kind of operation, such as `matrix product`.
        public var kind: String
        /// What its rows are: `systems`, `atoms`, `pairs`, or `once per step`.
        public var rows: String
        /// Seconds per batch, summed over threads.
        public var seconds: Double
        /// Calls of kernels per batch.
        public var calls: Double
        /// Rows of all calls per batch.
        public var rowCount: Double
        /// Operations and bytes per batch.
        public var cost: Cost
        /// Whether it runs block by block, on numbers that the operations before left in the nearest cache.
        public var isBlocked: Bool

        /// Work with what it took.
        public init(
            kind: String, rows: String, seconds: Double, calls: Double, rowCount: Double, cost: Cost,
            isBlocked: Bool = false
        ) {
            self.kind = kind
            self.rows = rows
            self.seconds = seconds
            self.calls = calls
            self.rowCount = rowCount
            self.cost = cost
            self.isBlocked = isBlocked
        }
    }

    /// One of the parts that a batch goes through, one after another.
    public struct Phase: Sendable {
        /// What happens in it.
        public var name: String
        /// Seconds per batch on the wall.
        public var seconds: Double
        /// Its pieces, one after another: the seconds of all threads, and how many threads can share them.
        public var pieces: [(threadSeconds: Double, width: Int)]

        /// A phase of a batch.
        public init(name: String, seconds: Double, pieces: [(threadSeconds: Double, width: Int)]) {
            self.name = name
            self.seconds = seconds
            self.pieces = pieces
        }

        /// The seconds it would take on so many threads that share each piece evenly.
        public func seconds(threads: Int) -> Double {
            pieces.reduce(0) { $0 + $1.threadSeconds / Double(max(1, min(threads, $1.width))) }
        }
    }

    /// Kinds of operations, and what threads do between them; the longest first.
    public var entries: [Entry]
    /// The parts of a batch in their order.
    public var phases: [Phase]
}

/// The parts of a training step that an executor runs or is told of.
public enum ExecutionPhase: String, Sendable, CaseIterable {
    /// What depends on parameters alone.
    case prologue
    /// All chunks.
    case chunks
    /// The accumulators of the lanes, added up.
    case lanes = "sum of lanes"
    /// What follows from the sums.
    case epilogue
    /// The norm of the gradient.
    case norm = "gradient norm"
    /// The errors of the batch, added to those of the epoch.
    case errors = "errors of the batch"
    /// The change of the parameters.
    case optimizer = "optimiser"
}
