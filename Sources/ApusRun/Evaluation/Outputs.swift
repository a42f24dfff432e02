import ApusDatasets
import ApusFiles

extension OutputOption {
    /// Configurations as extended XYZ.
    package static func extendedXYZ(_ content: String) -> OutputOption {
        OutputOption(content, endings: [".extxyz", ".xyz"], isStream: true)
    }

    /// Configurations in any format that can be written.
    package static let data = OutputOption("data", endings: Dataset.OutputFormat.endings, isStream: true)

    /// A page for the browser.
    package static let page = OutputOption("a report", endings: [".html", ".htm"], isStream: true)
}

extension OutputOption {
    /// As ``target(_:inputs:)``, but no file that a run consists of either, under whatever name.
    ///
    /// - Throws: `ApusError` of kind `usage`.
    package func targetSparingRuns(_ value: String, inputs: [String]) throws -> OutputTarget {
        let target = try target(value, inputs: inputs)
        guard case .file = target, fileExists(value) else { return target }
        let file = absolutePath(value)
        let parts = file.split(separator: "/")
        for depth in 1...2 where parts.count > depth {
            let folder = "/" + parts.dropLast(depth).joined(separator: "/")
            let name = parts.suffix(depth).joined(separator: "/")
            guard fileExists(folder + "/config.toml"), RunFolder.names.contains(name) || name.hasPrefix("checkpoints/")
            else { continue }
            throw ApusError(
                .usage, place: "\(option) \(value)", problem: "this is the file \(name) of the run \(folder)",
                remedy: "name another file")
        }
        return target
    }
}

extension RunConfiguration {
    /// The files that training reads beside the configuration.
    package var inputs: [String] {
        ([dataset.file] + [dataset.validationFile, dataset.testFile, dataset.isolatedAtomsFile].compactMap { $0 }
            + (training.split.indexFiles ?? [])).map(\.path)
    }

    /// The files that training writes, without those whose names count steps or seconds.
    private var outputs: [String] {
        (RunFolder.names + ["report.html"]).map { "\(runtime.outputDirectory)/\($0)" }
    }

    /// Makes sure that training writes over none of the files that it reads.
    ///
    /// - Parameter file: The configuration.
    /// - Throws: `ApusError` of kind `usage`.
    package func requireDistinctOutputs(from file: String) throws {
        try requireDistinct(
            outputs, from: [file] + inputs.filter { !isFolder($0) },
            place: "runtime.output_directory = '\(runtime.outputDirectory)'", remedy: "choose another folder")
    }
}
