import ApusSystem
import Synchronization
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Jobs on other threads, and what happens where there are none.
@Suite struct ThreadsTests {
    private struct Stop: Error {}

    @Test func valuesAndErrorsComeBack() throws {
        let results = (0..<50).map { number in BackgroundResult { number * number } }
        for (number, result) in results.enumerated() {
            #expect(try result.value() == number * number)
            #expect(try result.value() == number * number)
        }
        #expect(throws: Stop.self) { try BackgroundResult<Int> { throw Stop() }.value() }
    }

    @Test(arguments: [0, 1, 7, 100]) func everyNumberIsTakenOnce(count: Int) {
        let taken = Mutex<[Int]>([])
        forEachConcurrently(count, threads: 4) { number in taken.withLock { $0.append(number) } }
        #expect(taken.withLock { $0.sorted() } == Array(0..<count))
    }

    /// A signal must not go to a thread that waits for work.
    @Test func otherThreadsTakeNoSignals() throws {
        let isBlocked = try BackgroundResult {
            var mask = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &mask)
            return [SIGINT, SIGTERM, SIGHUP].map { sigismember(&mask, $0) } + [1 - sigismember(&mask, SIGSEGV)]
        }.value()
        #expect(isBlocked == [1, 1, 1, 1])
    }

    #if os(Linux)
    /// No address space has room for such a stack, so no thread can be made; the work is done all the same, and said once.
    @Test func withoutThreadsTheCallerWorks() async {
        let result = await #expect(processExitsWith: .exitCode(3), observing: [\.standardErrorContent]) {
            Threads.whenNoneCanBeMade { _ = write(2, "none\n", 5) }
            var attributes = pthread_attr_t()
            pthread_attr_init(&attributes)
            pthread_attr_setstacksize(&attributes, 1 << 50)
            typealias SetDefault = @convention(c) (UnsafePointer<pthread_attr_t>) -> Int32
            let setDefault = unsafeBitCast(dlsym(nil, "pthread_setattr_default_np"), to: SetDefault.self)
            guard setDefault(&attributes) == 0 else { exit(4) }
            let sum = Mutex(0)
            forEachConcurrently(20, threads: 4) { number in sum.withLock { $0 += number } }
            let value = try? BackgroundResult { 7 }.value()
            if sum.withLock({ $0 }) == 190, value == 7 { exit(3) }
        }
        #expect(String(decoding: result?.standardErrorContent ?? [], as: UTF8.self) == "none\n")
    }
    #endif
}
