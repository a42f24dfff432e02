extension Int {
    /// The nearest integer towards zero that there is: the largest or smallest for what lies beyond, 0 for NaN.
    ///
    /// `Int(value)` stops the program for such numbers. Use this for every number that a file or a configuration has a say in.
    @inlinable
    public init(saturating value: Double) {
        self = value.isNaN ? 0 : Int(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : .max)
    }
}
