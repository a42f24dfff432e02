/// The error of the whole program: one sentence that says where something is wrong, what, and what to do about it.
///
/// The description reads `FILE, PLACE: PROBLEM; REMEDY.`, for example
/// `train.xyz, frame 3, line 45: column 'forces' holds '1.2.3', which is not a number; correct the line.`
public struct ApusError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The reason for stopping, which decides the exit code.
    public enum Kind: Sendable, Hashable, CaseIterable {
        /// The command line is wrong.
        case usage
        /// The content of an input file is wrong.
        case data
        /// An input file does not exist or cannot be opened.
        case missingInput
        /// Reading or writing failed.
        case io
        /// The configuration is wrong.
        case configuration
        /// Training has diverged: its numbers are no longer finite.
        case divergence
    }

    /// The reason for stopping.
    public let kind: Kind
    /// The file concerned, as the user named it.
    public let file: String?
    /// The place in the file: a line, a key, a frame, a tensor.
    public let place: String?
    /// The rule that is broken and the value that was found, without a final full stop.
    public let problem: String
    /// What the user can do about it, without a final full stop.
    public let remedy: String?

    /// Creates an error from the parts of its sentence.
    public init(_ kind: Kind, file: String? = nil, place: String? = nil, problem: String, remedy: String? = nil) {
        self.kind = kind
        self.file = file
        self.place = place
        self.problem = problem
        self.remedy = remedy
    }

    /// The same error with the file and the place filled in where they are missing.
    public func located(file: String? = nil, place: String? = nil) -> ApusError {
        ApusError(kind, file: self.file ?? file, place: self.place ?? place, problem: problem, remedy: remedy)
    }

    /// The whole sentence, on one line: what a file holds stands in it as `printable(_:keepingLines:)` writes it.
    public var description: String {
        let location = [file, place].compactMap { $0 }.joined(separator: ", ")
        let sentence = [problem, remedy].compactMap { $0 }.joined(separator: "; ")
        // A remedy may be a question, such as: did you mean "C"?
        return printable(
            (location.isEmpty ? "" : location + ": ") + sentence + (sentence.hasSuffix("?") ? "" : "."))
    }

    /// The exit code of the program, as in BSD's `sysexits.h`.
    public var exitCode: Int32 {
        switch kind {
        case .usage: 64
        case .data: 65
        case .missingInput: 66
        case .io: 74
        case .configuration: 78
        // EX_UNAVAILABLE, "something you wanted to do does not work": neither the files nor the program are wrong.
        case .divergence: 69
        }
    }
}

/// Text found in a file, in quotes and cut to a length that suits a sentence.
package func quoted(_ text: String) -> String {
    let limit = 40
    return text.count > limit ? "'\(text.prefix(limit))…'" : "'\(text)'"
}

/// `1 atom`, `2 atoms`: a count and its noun.
public func counted(_ count: Int, _ noun: String) -> String {
    count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
}
