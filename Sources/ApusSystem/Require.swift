/// Stops the program with a message unless a condition holds: for mistakes of programmers, which no caller can mend.
///
/// Optimised builds drop the messages of `precondition`, and a trap without a word tells nobody what went wrong.
@inlinable @inline(__always)
public func require(
    _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
    if !condition { stop(message(), file, line) }
}

/// A function of its own, so that the caller's fast path is a comparison and nothing else.
@inline(never) @usableFromInline
func stop(_ message: String, _ file: StaticString, _ line: UInt) -> Never {
    fatalError(message, file: file, line: line)
}
