import ApusPotentials
import ApusTestSupport
import Testing

/// What is probably not meant by a configuration.
@Suite struct ConfigurationDoubtTests {
    private static let activation = "potential.core_parameter.activation_function_parameter.activation_function_"

    /// Both doubts are told by training and by a dry run.
    @Test func doubtsAreTold() throws {
        let trained = try TrainedModel.get()
        let folder = try TemporaryFolder()
        for option in [[], ["--dry-run"]] {
            let run = try ProgramRun(
                [
                    "train", trained.configuration, "--set", "runtime.output_directory=\"\(folder.path)/run\"",
                    "--set", "training.lr_scheduler.mode=max", "--set", Self.activation + "name=relu",
                ] + option)
            #expect(run.code == 0, "\(run.messages)")
            let text = run.messages + run.output
            #expect(text.contains("warning: training.lr_scheduler.mode is \"max\": "), "\(text)")
            #expect(text.contains("warning: the forces of this network jump, because the slope of its activation"))
        }
        let file = try ModelFile.read("\(folder.path)/run/model.apus")
        #expect(file.model.potential.activation == .relu)
        let check = try ProgramRun(["check", "\(folder.path)/run/model.apus"])
        #expect(check.code == 0, "\(check.output)\(check.messages)")
    }
}
