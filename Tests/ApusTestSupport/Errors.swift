import ApusFiles
import Testing

/// The error that `body` throws; nil when it throws none. An error of another kind is an issue of the test.
package func apusError(_ body: () throws -> Void) -> ApusError? {
    do {
        try body()
    } catch let error as ApusError {
        return error
    } catch {
        Issue.record(error)
    }
    return nil
}

/// What an error says after the file name.
package func sentence(_ error: ApusError?) -> String {
    guard let error else { return "no error" }
    return ApusError(error.kind, place: error.place, problem: error.problem, remedy: error.remedy).description
}
