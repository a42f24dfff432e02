/// Damaged variants of a file: cut at up to 500 places, with a flipped bit, and with bytes of 0xff where sizes may stand.
package func damagedVariants(of bytes: [UInt8]) -> [[UInt8]] {
    var variants: [[UInt8]] = []
    for (count, position) in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 500)).enumerated() {
        variants.append(Array(bytes[..<position]))
        var flipped = bytes
        flipped[position] ^= 1 << UInt8(count % 8)
        variants.append(flipped)
        var filled = bytes
        for index in position..<min(position + 8, bytes.count) { filled[index] = 0xff }
        variants.append(filled)
    }
    return variants
}
