import ApusFiles
import ApusSystem

/// Which configurations are trained on, which choose the best model, and which test it.
///
/// Every part holds positions in ``Dataset/configurations``, ascending; no position is in two parts.
public struct Split: Sendable, Equatable {
    /// What the weights, self-energies and statistics are fitted to.
    public let training: [Int]
    /// What decides when to stop and which weights are best.
    public let validation: [Int]
    /// What the final errors are measured on.
    public let test: [Int]

    /// How configurations are assigned to the parts.
    public enum Strategy: String, CaseIterable, Sendable {
        /// All configurations of a record go to the same part; the records are drawn at random.
        case randomRecord = "random_record_splitting_strategy"
        /// Every configuration is drawn at random.
        case randomConformer = "random_conformer_splitting_strategy"
        /// The configurations are taken in the order of the file.
        case firstComeFirstServe = "first_come_first_serve"
    }

    /// Makes a split from its parts.
    ///
    /// - Precondition: No position is in two parts.
    public init(training: [Int], validation: [Int], test: [Int]) {
        self.training = training.sorted()
        self.validation = validation.sorted()
        self.test = test.sorted()
        let all = [self.training, self.validation, self.test].joined()
        var isUsed = [Bool](repeating: false, count: (all.max() ?? -1) + 1)
        for position in all {
            require(!isUsed[position], "a configuration is in two parts of the split")
            isUsed[position] = true
        }
    }

    /// Splits configurations, of which the records are given.
    ///
    /// The drawn things are records or configurations, depending on the strategy; `sizes` counts them. They are
    /// brought into random order with `seed`; the first are trained on, the next validate, the next test. With
    /// `testSeed` the test part is drawn first with this seed alone, so that it stays the same for every `seed`.
    ///
    /// - Throws: `ApusError` of kind `configuration` when the sizes are not possible, or when a part that
    ///   is asked for stays empty.
    public init(
        records: [some Hashable], strategy: Strategy, sizes: Sizes, seed: UInt64 = 42, testSeed: UInt64? = nil
    ) throws {
        let groups = strategy == .randomRecord ? Split.groups(records) : []
        let things = strategy == .randomRecord ? groups.count : records.count
        let counts = try sizes.counts(of: things, noun: strategy == .randomRecord ? "record" : "configuration")
        var order = Array(0..<things)
        if strategy != .firstComeFirstServe {
            Split.shuffle(&order, testRange: counts.testRange, seed: seed, testSeed: testSeed)
        }
        func part(_ range: Range<Int>) -> [Int] {
            strategy == .randomRecord ? order[range].flatMap { groups[$0] } : Array(order[range])
        }
        self.init(
            training: part(counts.trainingRange), validation: part(counts.validationRange),
            test: part(counts.testRange))
    }

    /// Brings `order` into random order; with `testSeed`, what stands in `testRange` then depends on it alone.
    private static func shuffle(_ order: inout [Int], testRange: Range<Int>, seed: UInt64, testSeed: UInt64?) {
        var generator = SeededGenerator(seed: seed)
        guard let testSeed else {
            generator.shuffle(&order)
            return
        }
        var testGenerator = SeededGenerator(seed: testSeed)
        testGenerator.shuffle(&order)
        let test = order[..<testRange.count]
        // Sorted, so that the order depends on `seed` and on what is left, but not on how it was left.
        var rest = order[testRange.count...].sorted()
        generator.shuffle(&rest)
        rest.insert(contentsOf: test, at: testRange.lowerBound)
        order = rest
    }

    /// The positions that share a record, in the order in which the records first appear.
    private static func groups<Record: Hashable>(_ records: [Record]) -> [[Int]] {
        var groups: [[Int]] = []
        var groupOfRecord: [Record: Int] = [:]
        for (index, record) in records.enumerated() {
            if let group = groupOfRecord[record] {
                groups[group].append(index)
            } else {
                groupOfRecord[record] = groups.count
                groups.append([index])
            }
        }
        return groups
    }
}

extension Dataset {
    /// Splits the configurations; see ``Split/init(records:strategy:sizes:seed:testSeed:)``.
    ///
    /// - Throws: `ApusError` of kind `configuration`.
    public func split(
        _ strategy: Split.Strategy, sizes: Split.Sizes, seed: UInt64 = 42, testSeed: UInt64? = nil
    ) throws -> Split {
        try Split(
            records: configurations.recordIndices, strategy: strategy, sizes: sizes, seed: seed, testSeed: testSeed)
    }
}
