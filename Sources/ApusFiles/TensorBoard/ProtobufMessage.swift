/// A message of Protocol Buffers (encoding of proto3) while it is written, field by field.
///
/// A field begins with its number and the kind of its content; the caller gives fields in the order of their numbers,
/// as other writers do.
struct ProtobufMessage {
    private(set) var bytes: [UInt8] = []

    /// The kinds of content that are used here.
    private enum WireType: UInt64 {
        case varint = 0
        case eightBytes = 1
        case lengthDelimited = 2
        case fourBytes = 5
    }

    /// Adds an integer or a member of an enumeration; 0 is left out, as it is what readers assume.
    mutating func append(_ field: Int, _ value: Int) {
        guard value != 0 else { return }
        begin(field, .varint)
        append(varint: UInt64(bitPattern: Int64(value)))
    }

    /// Adds a float, zero too.
    mutating func append(_ field: Int, _ value: Float) {
        begin(field, .fourBytes)
        bytes += littleEndianBytes(value.bitPattern)
    }

    /// Adds a double; zero is left out.
    mutating func append(_ field: Int, _ value: Double) {
        guard value.bitPattern != 0 else { return }
        begin(field, .eightBytes)
        bytes += littleEndianBytes(value.bitPattern)
    }

    /// Adds a list of doubles, packed.
    mutating func append(_ field: Int, _ values: [Double]) {
        append(field, bytes: values.flatMap { littleEndianBytes($0.bitPattern) })
    }

    /// Adds text.
    mutating func append(_ field: Int, _ text: String) {
        append(field, bytes: Array(text.utf8))
    }

    /// Adds a message inside this one.
    mutating func append(_ field: Int, _ fill: (inout ProtobufMessage) -> Void) {
        var message = ProtobufMessage()
        fill(&message)
        append(field, bytes: message.bytes)
    }

    /// Adds bytes.
    mutating func append(_ field: Int, bytes content: [UInt8]) {
        begin(field, .lengthDelimited)
        append(varint: UInt64(content.count))
        bytes += content
    }

    private mutating func begin(_ field: Int, _ type: WireType) {
        append(varint: UInt64(field) << 3 | type.rawValue)
    }

    /// Seven bits a byte, the lowest first; all bytes but the last have the highest bit.
    private mutating func append(varint value: UInt64) {
        var rest = value
        while rest > 0x7f {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// The bytes of an integer, the lowest first.
package func littleEndianBytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
