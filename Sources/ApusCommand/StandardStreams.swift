import ApusFiles
import ApusReporting
import ApusRun
import Synchronization

#if canImport(Glibc)
@preconcurrency import Glibc
#else
@preconcurrency import Darwin
#endif

/// Standard input, output and error of the program.
enum StandardStreams {
    private static let outputMayFail = Atomic<Bool>(false)
    /// `EX_IOERR` of sysexits.
    private static let outputFailed: Int32 = 74

    /// To be called before anything else.
    ///
    /// A stream that the caller has closed is opened on /dev/null, or the next file would get its number and messages
    /// would be written into it; output that nobody can take then fails. A pipe that nobody reads and a file that may not
    /// grow are errors of writing, and not the end of the process.
    static func prepare() {
        let streams = [(STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)]
        for (descriptor, mode) in streams where fcntl(descriptor, F_GETFD) < 0 { _ = open("/dev/null", mode) }
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        atexit { StandardStreams.finish() }
    }

    /// Writes what is in files too: the run is as good without it.
    ///
    /// - Parameter place: Where it also is.
    static func printCopy(_ text: String, of place: String, _ log: Log) {
        printResult(text)
        guard let problem = outputProblem else { return }
        outputMayFail.store(true, ordering: .relaxed)
        log.warning("standard output cannot be written (\(problem)); the results are in \(place)")
    }

    /// What keeps standard output from being written; nil when all of it is.
    private static var outputProblem: String? {
        errno = 0
        guard fflush(stdout) != 0 || ferror(stdout) != 0 else { return nil }
        return errno == 0 ? "some of it is lost" : String(cString: strerror(errno))
    }

    /// At the end of the program: results that cannot be written are an error; a reader that has seen enough, as `head`
    /// has, ends the program as it ends others.
    private static func finish() {
        guard let problem = outputProblem, !outputMayFail.load(ordering: .relaxed) else { return }
        var output = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        if poll(&output, 1, 0) > 0, output.revents & Int16(POLLERR) != 0 {
            endByBrokenPipe()
        }
        Log().error("standard output cannot be written (\(problem)); free some space, or choose another file.")
        _exit(outputFailed)
    }
}
