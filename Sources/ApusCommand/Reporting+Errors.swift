import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph
import ApusReporting
import ApusRun
import ApusSystem
import ArgumentParser

/// Runs the work of a command; an error becomes one sentence on standard error and an exit code.
func reportingErrors(_ work: () throws -> Void) throws {
    removeUnfinishedFilesOnSignals()
    Threads.whenNoneCanBeMade {
        Log().warning(
            "the system makes no more threads (a limit on processes or memory), so that the work is done by fewer; "
                + "raise 'ulimit -u' or 'ulimit -v', or lower the number of threads")
    }
    do {
        try work()
    } catch let code as ExitCode {
        throw code
    } catch {
        let sentence = ApusError(error)
        Log().error(sentence?.description ?? "\(error)")
        throw ExitCode(sentence?.exitCode ?? internalError)
    }
}

/// `EX_SOFTWARE` of sysexits.
private let internalError: Int32 = 70

extension ApusError {
    /// The error in the form of the program; modules that know no files have errors of their own.
    fileprivate init?(_ error: any Error) {
        switch error {
        case let error as ApusError: self = error
        case let error as InstructionSetError:
            self.init(.usage, place: error.place, problem: error.problem, remedy: error.remedy)
        case is UnitError, is ElementError: self.init(.usage, problem: "\(error)")
        case is AtomicSystemError: self.init(.data, problem: "\(error)")
        default: return nil
        }
    }
}
