/// The version of Apus.
public enum Release {
    /// The version, by semantic versioning.
    public static let version = "0.1.0"

    /// The name and the version, as files say by what they were written.
    public static let program = "apus \(version)"
}
