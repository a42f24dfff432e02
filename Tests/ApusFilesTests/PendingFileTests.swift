import ApusTestSupport
import Testing

@testable import ApusFiles

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Files that are written aside: the path holds the old content until the new is complete.
@Suite struct PendingFileTests {
    private struct Stop: Error {}

    @Test func theOldContentStandsUntilTheNewIsComplete() throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/a"
            try writeFileAtomically(path: path, bytes: [1])
            let file = try PendingFile(path)
            try write([2, 3], to: file.descriptor, path: path)
            #expect(try readFile(path: path) == [1])
            try file.commit()
            #expect(try readFile(path: path) == [2, 3])
            #expect(names(in: folder) == ["a"])
        }
    }

    @Test(arguments: ["bytes", "safetensors"])
    func whatIsAbandonedLeavesTheOldContent(format: String) throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/a"
            try writeFileAtomically(path: path, bytes: [1])
            switch format {
            case "bytes":
                #expect(throws: Stop.self) { try writeFileAtomically(path: path) { _ in throw Stop() } }
            default:
                let spool = SafetensorsSpool(path)
                try spool.add("x", .f64).append(1.0)
                _ = try spool.finish(metadata: [:])
            }
            #expect(try readFile(path: path) == [1])
            #expect(names(in: folder) == ["a"])
        }
    }

    @Test(arguments: [SIGHUP, SIGINT, SIGTERM]) func aSignalRemovesWhatIsUnfinished(number: Int32) async throws {
        let home = try TemporaryFolder()
        let folder = home.path
        let result = await #expect(processExitsWith: .failure) {
            [folder = folder as String, number = number as Int32] in
            removeUnfinishedFilesOnSignals()
            let file = try PendingFile("\(folder)/a")
            var mask = sigset_t()
            sigemptyset(&mask)
            pthread_sigmask(SIG_SETMASK, &mask, nil)
            raise(number)
            withExtendedLifetime(file) {}
        }
        #expect(result?.exitStatus == .signal(number))
        #expect(names(in: folder) == [])
    }

    @Test func ignoredSignalsStayIgnored() async {
        await #expect(processExitsWith: .exitCode(7)) {
            signal(SIGHUP, SIG_IGN)
            removeUnfinishedFilesOnSignals()
            raise(SIGHUP)
            exit(7)
        }
    }
}
