import ApusDatasets
import ApusSystem

/// How the samples of an epoch are cut into batches.
public enum BatchSize: Sendable, Equatable {
    /// So many systems.
    case systems(Int)
    /// As many systems as have at most so many atoms together; at least one.
    case budget(atoms: Int)

    /// Cuts the order of an epoch; atom counts alone decide, so it is the same on every machine.
    func batches(_ order: [Int], atomCount: (Int) -> Int) -> [ArraySlice<Int>] {
        switch self {
        case .systems(let size):
            return stride(from: 0, to: order.count, by: size).map { order[$0..<min($0 + size, order.count)] }
        case .budget(let atoms):
            var batches: [ArraySlice<Int>] = []
            var start = 0
            var sum = 0
            for (index, sample) in order.enumerated() {
                let count = atomCount(sample)
                if index > start, sum + count > atoms {
                    batches.append(order[start..<index])
                    (start, sum) = (index, 0)
                }
                sum += count
            }
            if start < order.count { batches.append(order[start...]) }
            return batches
        }
    }

    /// How many steps an epoch has; where atoms are counted, its order may change the number a little.
    public func stepCount(_ samples: Samples, limit: BatchLimit? = nil) -> Int {
        let count = batches(Array(samples.indices), atomCount: samples.atomCount).count
        return limit?.count(of: count) ?? count
    }

    /// The first batches of a part, in its order.
    public func limited(_ samples: Samples, to limit: BatchLimit?) -> Samples {
        guard let limit else { return samples }
        let batches = batches(Array(samples.indices), atomCount: samples.atomCount)
        return samples.first(batches.prefix(limit.count(of: batches.count)).reduce(0) { $0 + $1.count })
    }

    /// How many of so many systems are in a batch, about.
    func estimate(atomsPerSystem: Int) -> Int {
        switch self {
        case .systems(let size): size
        case .budget(let atoms): max(1, atoms / max(atomsPerSystem, 1))
        }
    }
}

/// How many batches of a part are looked at, for trials.
public enum BatchLimit: Sendable, Equatable {
    /// The first so many.
    case batches(Int)
    /// The first of so large a part, at least one.
    case fraction(Double)

    /// How many of `total` batches are looked at.
    func count(of total: Int) -> Int {
        switch self {
        case .batches(let count): min(count, total)
        case .fraction(let part): min(total, max(1, Int(part * Double(total))))
        }
    }
}

extension BatchSize: ExpressibleByIntegerLiteral {
    /// So many systems.
    public init(integerLiteral value: Int) { self = .systems(value) }
}

/// The batches of an epoch, the next of which is made in the background while the present one is trained on.
final class BatchStream {
    private let samples: Samples
    private var batches: ArraySlice<ArraySlice<Int>>
    private var ahead: BackgroundResult<[Sample]>?
    private var unreleased = 0

    init(_ samples: Samples, batches: [ArraySlice<Int>]) {
        (self.samples, self.batches) = (samples, batches[...])
        prefetch()
    }

    /// The next batch; nil after the last.
    func next() throws -> [Sample]? {
        guard let batch = try ahead?.value() else { return nil }
        // A touched page stays in memory with its neighbours, about 64 KiB for each tensor of a sample.
        unreleased += batch.count
        if unreleased > 256 {
            samples.releasePages()
            unreleased = 0
        }
        prefetch()
        return batch
    }

    private func prefetch() {
        let samples = samples
        ahead = batches.popFirst().map { batch in
            BackgroundResult {
                let made = batch.map { samples[$0] }
                try samples.requireUnchanged()
                return made
            }
        }
    }
}
