/// Stops the program with a message unless a condition holds: for mistakes of programmers, which no caller can mend.
///
/// Optimised builds drop the messages of `precondition`; a mistake in a graph is nothing without its names.
func require(
    _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
    if !condition { fatalError(message(), file: file, line: line) }
}
