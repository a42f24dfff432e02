/// A number with a bound of the rounding error that a computation in some precision may have made, in units of that
/// precision's unit roundoff (running error analysis, Higham, Accuracy and Stability of Numerical Algorithms, §3.3).
struct Estimate {
    var value: Double
    var error = 0.0

    static let zero = Estimate(value: 0)

    // Kernels add in orders of their own, so the terms count, not their sum.
    static func + (a: Estimate, b: Estimate) -> Estimate {
        Estimate(value: a.value + b.value, error: a.error + b.error + a.value.magnitude + b.value.magnitude)
    }

    static func += (a: inout Estimate, b: Estimate) { a = a + b }

    static func * (a: Estimate, b: Estimate) -> Estimate {
        Estimate(
            value: a.value * b.value,
            error: a.value.magnitude * b.error + b.value.magnitude * a.error + (a.value * b.value).magnitude)
    }

    static func * (a: Double, b: Estimate) -> Estimate { Estimate(value: a) * b }

    static prefix func - (a: Estimate) -> Estimate { Estimate(value: -a.value, error: a.error) }

    /// A function's value, given its slope and the size of the terms it is computed from.
    func applying(_ value: Double, slope: Double, size: Double) -> Estimate {
        Estimate(value: value, error: slope.magnitude * error + 8 * (value.magnitude + size))
    }
}
