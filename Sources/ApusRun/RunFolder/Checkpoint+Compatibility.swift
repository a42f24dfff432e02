import ApusCPU
import ApusFiles
import ApusTraining

extension Checkpoint {
    /// Makes sure that a checkpoint is of this model on these data.
    ///
    /// - Parameter folder: The run folder, for messages.
    package func require(
        _ identity: Checkpoint.Identity, _ settings: TrainingSettings, on device: Device, run folder: String
    )
        throws
    {
        func failure(_ kind: ApusError.Kind, _ problem: String) -> ApusError {
            ApusError(
                kind, file: folder, problem: problem,
                remedy: "undo the change, or begin a new run with 'apus train'")
        }
        guard self.identity.data == identity.data else {
            throw failure(.data, "the data or their division are not those that the run began with")
        }
        guard self.identity.model == identity.model else {
            throw failure(.configuration, "the architecture is not that which the run began with")
        }
        guard Set(state.moments.keys) == Set(settings.optimizer.momentNames) else {
            throw failure(.configuration, "the optimiser is not that which the run began with")
        }
        guard precision == device.precision else {
            throw failure(
                .configuration, "the precision is \(device.precision), but the run began with \(precision)"
            )
        }
    }
}
