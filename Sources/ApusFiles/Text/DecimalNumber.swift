/// The powers of ten that a `Double` holds exactly.
private let exactPowersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]

/// Reads a real number that fills the range: decimal point and exponent (`e`, `E`, `d` or `D`) optional, or `nan`,
/// `inf` and `infinity` in any case.
///
/// The result is the nearest `Double`, the same bits as C's `strtod`. A significand of at most 2⁵³ and a power of ten
/// of at most 10²² are both exact, so that one rounded multiplication or division gives it directly (Clinger 1990,
/// doi:10.1145/93542.93557); the rest goes the general way.
package func parseReal(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
    var position = range.lowerBound
    let end = range.upperBound
    guard position < end else { return nil }
    let negative = bytes[position] == UInt8(ascii: "-")
    if negative || bytes[position] == UInt8(ascii: "+") { position += 1 }
    let digitsStart = position

    var significand: UInt64 = 0
    var significantDigits = 0
    var digits = 0
    var fractionDigits = 0
    var afterPoint = false
    while position < end {
        let digit = bytes[position] &- UInt8(ascii: "0")
        if digit <= 9 {
            digits += 1
            if afterPoint { fractionDigits += 1 }
            if significand != 0 || digit != 0 { significantDigits += 1 }
            if significantDigits <= 19 { significand = significand &* 10 &+ UInt64(digit) }
        } else if bytes[position] == UInt8(ascii: "."), !afterPoint {
            afterPoint = true
        } else {
            break
        }
        position += 1
    }
    guard digits > 0 else { return parseNonFinite(bytes, digitsStart..<end, negative: negative) }
    let digitsEnd = position

    var exponent = 0
    if position < end {
        guard let value = parseExponent(bytes, position..<end) else { return nil }
        exponent = value
    }
    exponent -= fractionDigits

    let magnitude: Double
    if significantDigits <= 19, significand <= 1 << 53, abs(exponent) <= 22 {
        let power = exactPowersOfTen[abs(exponent)]
        magnitude = exponent < 0 ? Double(significand) / power : Double(significand) * power
    } else {
        let text = bytes[digitsStart..<digitsEnd].filter { $0 != UInt8(ascii: ".") }
        guard let value = Double(String(decoding: text, as: UTF8.self) + "e\(exponent)") else { return nil }
        magnitude = value
    }
    return negative ? -magnitude : magnitude
}

/// Reads an integer with an optional sign that fills the range; nil also when it does not fit into 64 bits.
package func parseInteger(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
    var position = range.lowerBound
    guard position < range.upperBound else { return nil }
    let negative = bytes[position] == UInt8(ascii: "-")
    if negative || bytes[position] == UInt8(ascii: "+") { position += 1 }
    guard position < range.upperBound else { return nil }
    var value = 0
    while position < range.upperBound {
        let digit = bytes[position] &- UInt8(ascii: "0")
        guard digit <= 9 else { return nil }
        let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
        let (sum, overflow) = product.subtractingReportingOverflow(Int(digit))
        guard !tooLarge, !overflow else { return nil }
        value = sum  // kept negative, because the lowest integer has no positive counterpart
        position += 1
    }
    if negative { return value }
    return value == .min ? nil : -value
}

/// Reads `e`, `E`, `d` or `D`, an optional sign and digits; an absurd exponent is cut, which keeps it infinite.
private func parseExponent(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
    switch bytes[range.lowerBound] {
    case UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "d"), UInt8(ascii: "D"): break
    default: return nil
    }
    var position = range.lowerBound + 1
    guard position < range.upperBound else { return nil }
    let negative = bytes[position] == UInt8(ascii: "-")
    if negative || bytes[position] == UInt8(ascii: "+") { position += 1 }
    guard position < range.upperBound else { return nil }
    var value = 0
    while position < range.upperBound {
        let digit = bytes[position] &- UInt8(ascii: "0")
        guard digit <= 9 else { return nil }
        value = min(value * 10 + Int(digit), 1_000_000_000_000)
        position += 1
    }
    return negative ? -value : value
}

private func parseNonFinite(_ bytes: [UInt8], _ range: Range<Int>, negative: Bool) -> Double? {
    guard (3...8).contains(range.count) else { return nil }
    switch String(decoding: bytes[range], as: UTF8.self).lowercased() {
    case "nan": return .nan
    case "inf", "infinity": return negative ? -.infinity : .infinity
    default: return nil
    }
}
