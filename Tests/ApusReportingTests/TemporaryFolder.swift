import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A folder that is removed with the object, and with the files that the tests write there.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/apus-reporting-XXXXXX".utf8CString)
        path = String(cString: try #require(mkdtemp(&template)))
    }

    deinit {
        for name in ["metrics.csv", "metrics.jsonl", "metrics.json", "events.out.tfevents.1.apus"] {
            unlink(path + "/" + name)
        }
        rmdir(path)
    }
}
