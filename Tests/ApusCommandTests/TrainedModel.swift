import ApusTestSupport

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A model that the program trained on invented molecules, once for all tests.
struct TrainedModel: Sendable {
    let run: ProgramRun
    let folder: String
    var model: String { "\(folder)/run/model.apus" }
    var data: String { "\(folder)/data.extxyz" }
    var configuration: String { "\(folder)/config.toml" }

    private static let shared = Result { try TrainedModel() }
    /// Removed when the tests end.
    private static let home = Result { try TemporaryFolder() }

    /// The run, or the error that prevented it.
    static func get() throws -> TrainedModel { try shared.get() }

    private init() throws {
        let home = try TrainedModel.home.get()
        atexit { if case .success(let home) = TrainedModel.home { removeTree(home.path) } }
        folder = home.path
        _ = try home.write(Molecules.text(), to: "data.extxyz")
        run = try ProgramRun([
            "train", home.write(Molecules.configuration(run: "\(home.path)/run"), to: "config.toml"),
        ])
    }
}
