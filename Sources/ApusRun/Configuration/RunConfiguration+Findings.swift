import ApusDatasets
import ApusTraining

extension RunConfiguration {
    /// What is done as it is written, though hardly anybody wants it.
    package var findings: [Finding] {
        guard (training.schedule.make() as? ReduceOnPlateau)?.mode == .maximum else { return [] }
        return [
            Finding(
                .settings,
                "training.lr_scheduler.mode is \"max\": the learning rate is reduced unless "
                    + "\(training.schedule.monitor.name) grows, though errors are better when smaller; "
                    + "\"min\" is what errors need")
        ]
    }
}
