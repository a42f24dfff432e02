import ApusFiles

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The root of the package, also where the folder of a module is a link to another place.
package let packageRoot: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return absolutePath(parts.dropLast().joined(separator: "/")).split(separator: "/", omittingEmptySubsequences: false)
        .dropLast(2).joined(separator: "/")
}()

/// The path of a file in `Tests/Fixtures/Files`, which `Tools/make_file_fixtures.py` writes.
package func fileFixture(_ name: String) -> String { "\(packageRoot)/Tests/Fixtures/Files/\(name)" }

/// The folder of reference numbers that other programs computed.
package let goldenFolder = "\(packageRoot)/Tests/Fixtures/Golden"

/// The folder of reference data that are too large for the project, which `APUS_SHARED` names; tests that need it are
/// skipped where it is missing.
package let sharedFolder =
    getenv("APUS_SHARED").map { String(cString: $0) } ?? "\(packageRoot)/../shared"

/// Whether there is something at a path that may be read.
package func exists(_ path: String) -> Bool { access(path, R_OK) == 0 }
