/// A number rounded to a few significant digits for a sentence, such as `0.0123`, `12300` or `4.56e-07`.
public func shortNumber(_ value: Double, digits: Int = 4) -> String {
    guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
    let magnitude = abs(value)
    var exponent = 0
    var scaled = magnitude
    while scaled >= 10 { (scaled, exponent) = (scaled / 10, exponent + 1) }
    while scaled < 1 { (scaled, exponent) = (scaled * 10, exponent - 1) }
    // A power of ten above one is exact, and so the quotient prints with no more digits than it has.
    var power = 1.0
    for _ in 0..<abs(digits - 1 - exponent) { power *= 10 }
    let rounded = exponent > digits - 1 ? (value / power).rounded() * power : (value * power).rounded() / power
    return rounded == rounded.rounded() && abs(rounded) < 1e9 ? "\(Int(rounded))" : "\(rounded)"
}
