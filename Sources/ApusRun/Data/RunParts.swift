import ApusDatasets
import ApusFiles

/// The configurations of a run, divided into its parts.
struct RunParts {
    /// All that `dataset.file` has, after selection.
    let dataset: Dataset
    /// Which configurations of it are in which part.
    let split: Split
    /// The training, the validation and the test part, of which the last two may have files of their own.
    let configurations: [Configurations]
    /// The position of each configuration in its file, after selection.
    let positions: [[Int]]
    /// How many single atoms are left out.
    let singleAtoms: Int
    /// How many configurations are in no part, single atoms apart.
    let unused: Int

    var training: Configurations { configurations[0] }

    /// Reads and divides the files of a configuration, and reports what the parts share.
    init(_ configuration: RunConfiguration, _ reader: RunReader, _ log: RunLog, _ findings: FindingLog) throws {
        let settings = configuration.dataset
        let dataset = try reader.read(settings.file)
        let keepsAtoms = settings.trainsOnIsolatedAtoms
        let split = try Self.split(dataset, configuration.training.split, withSingleAtoms: keepsAtoms)
        func report(_ leak: SplitLeak) {
            if let finding = leak.finding { findings.report([finding]) } else if let text = leak.text { log.info(text) }
        }
        dataset.leaks(of: split).forEach(report)

        var parts = [split.training, split.validation, split.test].map { (dataset[$0], $0) }
        for (index, file) in [(1, settings.validationFile), (2, settings.testFile)] {
            guard let file else { continue }
            let other = try reader.read(file)
            let kept = keepsAtoms ? Array(other.configurations.indices) : other.molecules
            parts[index] = (other[kept], kept)
        }
        for (index, file) in [(1, settings.validationFile), (2, settings.testFile)] where file != nil {
            report(parts[0].0.leak(into: parts[index].0, named: Split.partNames[index]))
        }
        (self.dataset, self.split) = (dataset, split)
        (configurations, positions) = (parts.map(\.0), parts.map(\.1))
        singleAtoms = keepsAtoms ? 0 : dataset.count - dataset.molecules.count
        unused = dataset.count - split.training.count - split.validation.count - split.test.count - singleAtoms
    }

    /// The configurations of single atoms, which may give self-energies.
    func atoms(_ configuration: RunConfiguration, _ reader: RunReader) throws -> Configurations {
        if let file = configuration.dataset.isolatedAtomsFile { return try reader.isolatedAtoms(file) }
        let all = configuration.dataset.trainsOnIsolatedAtoms ? training : dataset.configurations
        return all[all.singleAtoms]
    }

    private static func split(
        _ dataset: Dataset, _ settings: RunConfiguration.Split, withSingleAtoms keepsAtoms: Bool
    ) throws -> Split {
        let split: Split
        do {
            split = try dataset.divided(settings, withSingleAtoms: keepsAtoms)
        } catch let error as ApusError {
            guard settings.indexFiles == nil else { throw error }
            throw error.located(place: "training.splitting_strategy.data_split")
        }
        try dataset.requireElements(of: split)
        return split
    }
}

extension Sequence<Configurations> {
    /// The SHA-256 digest of parts in turn.
    var digest: String {
        var digest = SHA256()
        for part in self { part.add(to: &digest) }
        return digest.hexadecimal()
    }
}
