import ApusChemistry
import ApusFiles
import ApusGraph
import ApusReporting
import ArgumentParser

/// Runs the work of a command; an error becomes one sentence on standard error and an exit code.
func reportingErrors(_ work: () throws -> Void) throws {
    do {
        try work()
    } catch let code as ExitCode {
        throw code
    } catch {
        Log().error("\(error)")
        throw ExitCode(exitCode(of: error))
    }
}

/// The exit code of an error, after sysexits.
private func exitCode(of error: any Error) -> Int32 {
    switch error {
    case let error as ApusError: error.exitCode
    case is InstructionSetError, is UnitError, is ElementError: ApusError(.usage, problem: "").exitCode
    case is AtomicSystemError: ApusError(.data, problem: "").exitCode
    default: 70
    }
}
