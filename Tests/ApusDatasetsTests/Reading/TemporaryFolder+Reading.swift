import ApusDatasets
import ApusFiles
import ApusTestSupport

extension TemporaryFolder {
    /// Reads a data set from the text of an extended XYZ file.
    func read(_ text: String, options: ReadingOptions = ReadingOptions()) throws -> Dataset {
        try Dataset.read(path: try write(text, to: "data.xyz"), options: options)
    }

    /// The error of reading such a text, without the folder; nil when there is none.
    func readingError(_ text: String, options: ReadingOptions = ReadingOptions()) -> ApusError? {
        apusError { _ = try read(text, options: options) }
    }
}

/// The folder with large public data sets, if it is there.
let sharedData: String? = exists("\(sharedFolder)/data") ? "\(sharedFolder)/data" : nil
