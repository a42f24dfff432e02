import ApusFiles
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Answers questions about an HDF5 file by another process, in which the library runs.
///
/// The library may crash on a damaged file, or go on for ever. The process is the program itself, started again with
/// limits: it opens the file and then no other, writes nothing, and has 2 GiB of address space and a time of computing that
/// grows with the file. It knows one file and nothing of this process.
public final class HDF5Worker: HDF5Session {
    private static let argument = "read-hdf5"
    private static let executable = Mutex<(program: String, seconds: Int)?>(nil)
    private static let addressSpace: rlim_t = 2 << 30

    private let path: String
    private let seconds: Int
    private let socket: HDF5Socket
    private let process: pid_t
    private var failure: ApusError?

    /// Lets this program read HDF5 files in processes of their own; called first of all by its main function.
    ///
    /// In such a process, this answers and does not return. A program that never calls it reads in its own process.
    public static func serveIfAsked() {
        let arguments = CommandLine.arguments
        if arguments.count == 4, arguments[1] == argument, let seconds = Int(arguments[2]), HDF5Socket.isStandardInput {
            serve(path: arguments[3], seconds: seconds)
            _exit(0)
        }
        if let program = programPath() { use(program: program) }
    }

    /// Names a program whose main function calls ``serveIfAsked()``; nil to read in this process.
    ///
    /// - Parameter seconds: What a small file may take of computing in all; a larger one may take a second more for each
    ///   1 MB: large arrays are read at some 100 MB/s, groups of 2 kB at some 5 to 10 MB/s.
    public static func use(program: String?, seconds: Int = 10) {
        executable.withLock { $0 = program.map { ($0, seconds) } }
    }

    /// Starts a process that reads a file; nil when no program is known.
    ///
    /// - Throws: ``ApusError`` when it is no HDF5 file.
    static func start(reading path: String) throws -> HDF5Worker? {
        guard let (program, seconds) = executable.withLock({ $0 }) else { return nil }
        return try HDF5Worker(path, program: program, seconds: seconds)
    }

    private init(_ path: String, program: String, seconds: Int) throws {
        let size = try InputFile(path: path).count
        let budget = ReadingLimits.raised(Double(seconds) + Double(size) / 1e6)
        (self.path, self.seconds) = (path, budget)
        guard let (own, others) = HDF5Socket.pair() else {
            throw ApusError(.io, file: path, problem: "no socket can be made (\(systemText(errno)))")
        }
        socket = own
        // The end of the process is closed here once it has its copy, so that its death is noticed.
        let started = withExtendedLifetime(others) {
            spawn(program, [program, Self.argument, "\(budget)", path], standardInput: others.descriptor)
        }
        guard let started else {
            throw ApusError(
                .io, file: path, problem: "no process can be started to read it (\(systemText(errno)))",
                remedy: "allow more processes")
        }
        process = started
        // The first answer says whether the file could be opened.
        _ = try receive()
    }

    deinit {
        socket.shut()
        var status: Int32 = 0
        if failure == nil { waitpid(process, &status, 0) }
    }

    func answer(_ request: HDF5Request) throws -> HDF5Answer {
        if let failure { throw failure }
        guard socket.send(request) else { throw ended() }
        // Nobody needs to know.
        if request.operation == .close { return HDF5Answer() }
        return try receive()
    }

    private func receive() throws -> HDF5Answer {
        switch socket.receiveAnswer(path: path) {
        case .success(let answer): return answer
        case .failure(let error): throw error
        case nil: throw ended()
        }
    }

    /// How the process ended.
    private func ended() -> ApusError {
        socket.shut()
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        let problem =
            switch signal {
            case SIGXCPU: "the HDF5 library did not come to an end within \(seconds) s of computing"
            case SIGKILL, SIGTERM: "the process that reads it was ended from outside (signal \(signal))"
            default:
                "the HDF5 library crashed while reading it (\(signal == 0 ? "exit \(status >> 8)" : "signal \(signal)"))"
            }
        let damaged = "the file is damaged; copy or download it again"
        let error = ApusError(
            .data, file: path, problem: problem, remedy: signal == SIGXCPU ? ReadingLimits.remedy : damaged)
        failure = error
        return error
    }

    /// Answers until the other side has no more questions.
    private static func serve(path: String, seconds: Int) {
        for (resource, limit) in [(coreLimit, 0), (fileSizeLimit, 0), (memoryLimit, addressSpace)] {
            var limits = rlimit(rlim_cur: limit, rlim_max: limit)
            setrlimit(resource, &limits)
        }
        signal(SIGINT, SIG_IGN)
        setenv("HDF5_PLUGIN_PRELOAD", "::", 1)
        // Some file systems of clusters have no locks.
        setenv("HDF5_USE_FILE_LOCKING", "BEST_EFFORT", 0)
        let socket = HDF5Socket(STDIN_FILENO)
        limitComputing(seconds)
        do {
            let library = try HDF5Library(path: path)
            // From here on nothing can be opened, whatever the file says.
            var none = rlimit(rlim_cur: 0, rlim_max: 0)
            setrlimit(filesLimit, &none)
            guard socket.send(.success(HDF5Answer())) else { return }
            while let request = socket.receiveRequest() {
                let result = Result { try library.answer(request) }
                if request.operation != .close, !socket.send(result) { return }
            }
        } catch {
            _ = socket.send(.failure(error))
        }
    }

    /// Gives the process seconds of computing, from now.
    private static func limitComputing(_ seconds: Int) {
        var usage = rusage()
        getrusage(ownUsage, &usage)
        let used = Int(usage.ru_utime.tv_sec) + Int(usage.ru_stime.tv_sec) + 1
        var limits = rlimit()
        getrlimit(computingLimit, &limits)
        limits.rlim_cur = min(rlim_t(used) + rlim_t(min(seconds, Int(Int32.max))), limits.rlim_max)
        setrlimit(computingLimit, &limits)
    }
}

#if canImport(Glibc)
private let coreLimit = __rlimit_resource_t(RLIMIT_CORE.rawValue)
private let fileSizeLimit = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
private let memoryLimit = __rlimit_resource_t(RLIMIT_AS.rawValue)
private let filesLimit = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
private let computingLimit = __rlimit_resource_t(RLIMIT_CPU.rawValue)
private let ownUsage = __rusage_who_t(RUSAGE_SELF.rawValue)
#else
private let coreLimit = RLIMIT_CORE
private let fileSizeLimit = RLIMIT_FSIZE
private let memoryLimit = RLIMIT_AS
private let filesLimit = RLIMIT_NOFILE
private let computingLimit = RLIMIT_CPU
private let ownUsage = RUSAGE_SELF
#endif

/// The path of the running program.
private func programPath() -> String? {
    #if canImport(Glibc)
    // Names the running file even when another has taken its place.
    return "/proc/self/exe"
    #else
    var size: UInt32 = 4096
    var buffer = [CChar](repeating: 0, count: Int(size))
    guard _NSGetExecutablePath(&buffer, &size) == 0 else { return nil }
    return String(cString: buffer)
    #endif
}

/// Starts a program without output and with the usual handling of signals; nil when that fails.
private func spawn(_ program: String, _ arguments: [String], standardInput: Int32) -> pid_t? {
    #if canImport(Glibc)
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    #else
    var actions: posix_spawn_file_actions_t?
    var attributes: posix_spawnattr_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_adddup2(&actions, standardInput, STDIN_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGSEGV, SIGBUS, SIGXCPU] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var argv = arguments.map { strdup($0) } + [nil]
    // A crash is reported by this process, not by a trace.
    var variables: [String] = ["SWIFT_BACKTRACE=enable=no"]
    #if canImport(Glibc)
    var entry = environ
    #else
    var entry = _NSGetEnviron().pointee
    #endif
    while let variable = entry.pointee {
        let text = String(cString: variable)
        if !text.hasPrefix("SWIFT_BACKTRACE=") { variables.append(text) }
        entry += 1
    }
    var envp = variables.map { strdup($0) } + [nil]
    defer { for text in argv + envp { free(text) } }
    var id = pid_t()
    let code = posix_spawn(&id, program, &actions, &attributes, &argv, &envp)
    errno = code
    return code == 0 ? id : nil
}
