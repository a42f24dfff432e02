import ApusGraph
import CApusKernels

/// The number format that a program runs in.
public enum Precision: String, Sendable, CaseIterable {
    /// IEEE binary32.
    case float32
    /// IEEE binary64.
    case float64

    /// Bytes of one number.
    public var elementSize: Int { self == .float32 ? 4 : 8 }
}
