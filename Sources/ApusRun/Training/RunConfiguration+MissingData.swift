import ApusFiles

extension RunConfiguration {
    /// An error about data that are not there says how to name their new place.
    package func naming(_ error: ApusError, run folder: String) -> ApusError {
        let files = [
            ("file", Optional(dataset.file)), ("validation_file", dataset.validationFile),
            ("test_file", dataset.testFile),
            ("isolated_atoms_file", dataset.isolatedAtomsFile),
        ]
        guard error.kind == .missingInput, let key = files.first(where: { $0.1?.path == error.file })?.0 else {
            return error
        }
        return ApusError(
            .missingInput, file: error.file,
            problem: "the data of the run \(folder) are not there any more (\(error.problem))",
            remedy: "put the file back, or name its new place with 'apus resume \(shellWord(folder)) --set "
                + "dataset.\(key)=FILE', where a relative path begins in \(folder)")
    }
}
