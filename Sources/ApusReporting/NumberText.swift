import ApusSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A number rounded to a fixed count of significant digits, such as `0.01230` or `4.560e-07`.
///
/// Digits before the point are never replaced by zeros: 12345.6 with four digits is `12346`. Below 10⁻⁴ and from 10⁷
/// the number has an exponent. Infinities are `inf` and `-inf`, what is no number is `nan`.
public func numberText(_ value: Double, significantDigits digits: Int) -> String {
    require((1...17).contains(digits), "significant digits must be from 1 to 17, not \(digits)")
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    guard value != 0 else { return formatted("%.*f", digits - 1, 0) }
    let scientific = formatted("%.*e", digits - 1, value)
    // The exponent after rounding decides: 9.9996 with four digits is 10.00.
    let exponent = scientific.split(separator: "e").last.flatMap { Int($0) } ?? 0
    guard (-4..<7).contains(exponent) else { return scientific }
    return formatted("%.*f", max(0, digits - 1 - exponent), value)
}

/// A duration in seconds as `m:ss` or `h:mm:ss`.
func timeText(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 3.6e8 else { return "?" }
    let total = Int(saturating: max(0, seconds).rounded())
    func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let (hours, minutes) = (total / 3600, total / 60 % 60)
    return (hours > 0 ? "\(hours):\(padded(minutes))" : "\(minutes)") + ":" + padded(total % 60)
}

/// C's `snprintf` with a precision and a value.
private func formatted(_ format: String, _ precision: Int, _ value: Double) -> String {
    // The longest text is that of a number below 10⁷ with 17 digits or 20 decimals, or of an exponent.
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
        let count = withVaList([Int32(precision), value]) { vsnprintf(buffer.baseAddress, buffer.count, format, $0) }
        require(count > 0 && count < buffer.count, "the number does not fit into \(buffer.count) characters")
        return String(decoding: buffer[..<Int(count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
