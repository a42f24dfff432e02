import ApusFiles

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What the built program `apus` did: its exit code and all it wrote.
package struct ProgramRun: Sendable {
    /// The exit code; 128 + n after signal n.
    package let code: Int32
    /// What it wrote to standard output.
    package let output: String
    /// What it wrote to standard error.
    package let messages: String

    /// Runs the program and waits, at most a minute.
    ///
    /// - Parameter script: A shell script that runs in its place, with the program as `$0` and the arguments as `$@`.
    package init(_ arguments: [String], environment: [String: String] = [:], script: String? = nil) throws {
        let folder = try TemporaryFolder()
        let (outputFile, messageFile) = ("\(folder.path)/output", "\(folder.path)/messages")
        var environment = environment
        // Data are imported into a folder of their own, not into the user's.
        environment["APUS_CACHE"] = environment["APUS_CACHE"] ?? "\(folder.path)/cache"
        let command = script.map { ["/bin/sh", "-c", $0, ProgramRun.program] } ?? [ProgramRun.program]
        let id = try ProgramRun.spawn(command + arguments, environment, output: outputFile, messages: messageFile)
        code = try ProgramRun.wait(for: id, seconds: 60)
        output = String(decoding: try readFile(path: outputFile), as: UTF8.self)
        messages = String(decoding: try readFile(path: messageFile), as: UTF8.self)
    }

    /// The lines on standard error that report an error.
    package var errors: [String] {
        messages.split(separator: "\n").map(String.init).filter { $0.lowercased().hasPrefix("error:") }
    }

    /// The program stands beside the tests.
    package static let program: String = {
        // On Linux the tests are a program; on macOS another program loads them from the path in an argument.
        let tests = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
        let parts = tests.split(separator: "/", omittingEmptySubsequences: false)
        let bundle = parts.firstIndex { $0.hasSuffix(".xctest") } ?? parts.count - 1
        return (parts[..<bundle] + ["apus"]).joined(separator: "/")
    }()

    /// Starts the program with nothing to read and its output in files, which unlike pipes never fill up.
    private static func spawn(
        _ command: [String], _ environment: [String: String], output: String, messages: String
    ) throws -> pid_t {
        #if canImport(Glibc)
        var actions = posix_spawn_file_actions_t()
        #else
        var actions: posix_spawn_file_actions_t?
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, messages, O_WRONLY | O_CREAT, 0o600)

        // The thread of a test takes no signals, and the program would inherit that.
        #if canImport(Glibc)
        var attributes = posix_spawnattr_t()
        #else
        var attributes: posix_spawnattr_t?
        #endif
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        // A capable terminal in the environment, so that colours are missing for the right reason.
        var variables = ["TERM": "xterm-256color"]
        for name in ["PATH", "HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FRAMEWORK_PATH"] {
            variables[name] = getenv(name).map { String(cString: $0) }
        }
        variables.merge(environment) { $1 }
        var argv = command.map { strdup($0) } + [nil]
        var envp = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in argv + envp { free(text) } }

        var id = pid_t()
        let failure = posix_spawn(&id, command[0], &actions, &attributes, &argv, &envp)
        guard failure == 0 else {
            throw ApusError(.io, file: program, problem: "cannot be started (\(String(cString: strerror(failure))))")
        }
        return id
    }

    private static func wait(for id: pid_t, seconds: Int) throws -> Int32 {
        var status: Int32 = 0
        for _ in 0..<seconds * 200 {
            let ended = waitpid(id, &status, WNOHANG)
            if ended == id { return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + status & 0x7f }
            guard ended == 0 || errno == EINTR else { throw ApusError(.io, problem: "the program was lost") }
            usleep(5000)
        }
        kill(id, SIGKILL)
        waitpid(id, &status, 0)
        throw ApusError(.io, problem: "the program did not end within \(seconds) s")
    }
}
