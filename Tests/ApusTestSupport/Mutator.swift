import ApusSystem

/// Damages bytes as accidents and malice would: flips, boundary values, cuts, copies, numbers in text, splices.
package struct Mutator {
    private var generator: SeededGenerator
    private let seeds: [[UInt8]]
    /// Digits, signs and brackets that text formats take apart, and bytes at the ends of their range.
    private static let bytes: [UInt8] =
        Array("0123456789-+.eEdD,:;=[]{}()\"'\\/ \t\n\r#&*|TFNn".utf8) + [0, 1, 0x7f, 0x80, 0xfe, 0xff]
    private static let numbers: [String] = [
        "-1", "0", "1", "2147483648", "4294967296", "9223372036854775807", "-9223372036854775808",
        "18446744073709551616", "1e309", "1e-400", "nan", "inf", "-0", "1e5", "99999999999999999999999999",
    ]

    /// Damages the seeds; the same `seed` gives the same variants.
    package init(seeds: [[UInt8]], seed: UInt64) {
        self.seeds = seeds
        generator = SeededGenerator(seed: seed)
    }

    private mutating func random(below limit: Int) -> Int { generator.index(below: max(limit, 1)) }

    /// A seed with up to eight changes.
    package mutating func next() -> [UInt8] {
        var bytes = seeds[random(below: seeds.count)]
        for _ in 0...random(below: 8) { change(&bytes) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return bytes = seeds[random(below: seeds.count)] }
        let position = random(below: bytes.count)
        let length = min(1 << random(below: 8), bytes.count - position)
        switch random(below: 9) {
        case 0: bytes[position] ^= 1 << UInt8(random(below: 8))
        case 1: bytes[position] = Self.bytes[random(below: Self.bytes.count)]
        case 2:
            // A boundary value in some width and either byte order.
            let width = 1 << random(below: 4)
            let values: [UInt64] = [
                0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, .max >> 1, .max, 1 << 40,
            ]
            let value = values[random(below: values.count)]
            for k in 0..<min(width, bytes.count - position) {
                bytes[position + k] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(k)))
            }
        case 3: bytes.removeSubrange(position..<(position + length))
        case 4: bytes.insert(contentsOf: bytes[position..<(position + length)], at: random(below: bytes.count))
        case 5: bytes.removeLast(bytes.count - position)
        case 6:
            // A number in text becomes another one.
            let digits = bytes[position...].prefix { (0x30...0x39).contains($0) || $0 == 0x2e || $0 == 0x2d }
            bytes.replaceSubrange(digits.indices, with: Self.numbers[random(below: Self.numbers.count)].utf8)
        case 7:
            let other = seeds[random(below: seeds.count)]
            bytes.replaceSubrange(position..., with: other[min(random(below: other.count + 1), other.count)...])
        default: bytes.insert(Self.bytes[random(below: Self.bytes.count)], at: position)
        }
        if bytes.count > 1 << 16 { bytes.removeLast(bytes.count - 1 << 16) }
    }
}
