import ApusFiles

extension Split {
    /// The sizes of the training, validation and test part.
    public enum Sizes: Sendable, Equatable, CustomStringConvertible {
        /// Parts of the whole, which sum to 1.
        case fractions(training: Double, validation: Double, test: Double)
        /// Numbers of records or configurations; what is left over stays unused.
        case counts(training: Int, validation: Int, test: Int)

        /// Reads three fractions, such as `[0.7, 0.2, 0.1]`, or three counts, such as `[950, 50, 0]`.
        ///
        /// Numbers that sum to 1 are fractions, whole numbers that sum to more are counts.
        ///
        /// - Throws: `ApusError` of kind `configuration` for anything else.
        public init(_ numbers: [Double]) throws {
            guard numbers.count == 3 else {
                throw Sizes.error(
                    "there must be three numbers, for training, validation and test, but there are \(numbers.count)")
            }
            let whole = numbers.compactMap { Int(exactly: $0) }
            if whole.count == 3, numbers.reduce(0, +) > 1 {
                try Sizes.check(notNegative: numbers)
                self = .counts(training: whole[0], validation: whole[1], test: whole[2])
            } else {
                try Sizes.check(fractions: numbers)
                self = .fractions(training: numbers[0], validation: numbers[1], test: numbers[2])
            }
        }

        /// Whether anything is wanted in each part.
        public var wanted: (training: Bool, validation: Bool, test: Bool) {
            switch self {
            case .fractions(let training, let validation, let test): (training > 0, validation > 0, test > 0)
            case .counts(let training, let validation, let test): (training > 0, validation > 0, test > 0)
            }
        }

        /// The three numbers, such as `[0.8, 0.1, 0.1]`.
        public var description: String {
            switch self {
            case .fractions(let training, let validation, let test): "\([training, validation, test])"
            case .counts(let training, let validation, let test): "\([training, validation, test])"
            }
        }

        /// How many of `total` things go to each part.
        ///
        /// A fraction f gets ⌊f·n⌋; what remains is handed out one by one, to training first.
        ///
        /// - Throws: `ApusError` when there are too few, so that a part that is asked for stays empty.
        func counts(of total: Int, noun: String) throws -> Counts {
            let counts: [Int]
            switch self {
            case .counts(let training, let validation, let test):
                counts = [training, validation, test]
                try Sizes.check(counts, total: total, noun: noun)
            case .fractions(let training, let validation, let test):
                let fractions = [training, validation, test]
                try Sizes.check(fractions: fractions)
                counts = Sizes.counts(fractions, of: total)
            }
            let parts = [("training", true), ("validation", wanted.validation), ("test", wanted.test)]
            for ((part, isWanted), count) in zip(parts, counts) where isWanted && count == 0 {
                throw Sizes.error(
                    "the \(part) part of \(total) \(noun)\(total == 1 ? "" : "s") would be empty",
                    remedy: noun == "record"
                        ? "use \(Strategy.randomConformer.rawValue) or other sizes" : "use other sizes or more data")
            }
            return Counts(training: counts[0], validation: counts[1], test: counts[2])
        }

        private static func counts(_ fractions: [Double], of total: Int) -> [Int] {
            // 0.29 · 100 is a little less than 29 in floating point.
            var counts = fractions.map { Int(($0 * Double(total) + 1e-6).rounded(.down)) }
            var part = 0
            while counts.reduce(0, +) < total {
                if fractions[part] > 0 { counts[part] += 1 }
                part = (part + 1) % 3
            }
            return counts
        }

        private static func check(fractions: [Double]) throws {
            try check(notNegative: fractions)
            let sum = fractions.reduce(0, +)
            guard abs(sum - 1) <= 1e-9 else {
                // Ten decimals tell what is wrong and hide the rounding of the sum.
                throw error("the fractions must sum to 1, but \(fractions) sum to \((sum * 1e10).rounded() / 1e10)")
            }
        }

        private static func check(notNegative sizes: [Double]) throws {
            guard let size = sizes.first(where: { !($0.isFinite && $0 >= 0) }) else { return }
            throw error("a part of the data cannot be \(Int(exactly: size).map(String.init) ?? "\(size)")")
        }

        private static func check(_ counts: [Int], total: Int, noun: String) throws {
            try check(notNegative: counts.map(Double.init))
            // Taken away one by one, because a sum could overflow.
            var left = total
            for count in counts {
                guard count <= left else {
                    throw error("\(counts) is more than the \(total) \(noun)s that there are")
                }
                left -= count
            }
        }

        private static func error(_ problem: String, remedy: String? = nil) -> ApusError {
            ApusError(
                .configuration, problem: problem,
                remedy: remedy ?? "write fractions such as [0.8, 0.1, 0.1] or counts such as [950, 50, 0]")
        }
    }

    /// The sizes in numbers, and where each part stands in the random order.
    struct Counts: Equatable {
        let training: Int
        let validation: Int
        let test: Int

        var trainingRange: Range<Int> { 0..<training }
        var validationRange: Range<Int> { training..<(training + validation) }
        var testRange: Range<Int> { (training + validation)..<(training + validation + test) }
    }
}
