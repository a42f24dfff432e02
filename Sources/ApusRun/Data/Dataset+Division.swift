import ApusDatasets
import ApusFiles

extension Dataset {
    /// Divides the data as a training does: the positions count single atoms, which are then taken out unless they are
    /// trained on.
    ///
    /// - Throws: `ApusError` when the division is not possible.
    package func divided(_ settings: RunConfiguration.Split, withSingleAtoms keepsAtoms: Bool) throws -> Split {
        let positions = keepsAtoms ? Array(configurations.indices) : molecules
        if let files = settings.indexFiles {
            let alone = Set(configurations.indices).subtracting(positions)
            return try Split(indexFiles: files.map(\.path), count: count).removing(alone)
        }
        return try restricted(to: positions).split(
            settings.strategy, sizes: settings.sizes, seed: UInt64(settings.seed),
            testSeed: settings.testSeed.map { UInt64($0) }
        ).mapped(positions)
    }
}
