#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The number of cores that this process may use.
public func coreCount() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
