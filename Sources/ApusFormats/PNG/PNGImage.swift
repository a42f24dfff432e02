import ApusFiles
import ApusSystem
import CZlib

/// A picture of up to 256 colours, written as PNG (ISO/IEC 15948).
public struct PNGImage: Sendable, Equatable {
    /// Pixels from left to right.
    public let width: Int
    /// Pixels from top to bottom.
    public let height: Int
    /// Red, green and blue of each colour.
    public let palette: [SIMD3<UInt8>]
    /// The colour of each pixel as a position in the palette, row by row from the top.
    public let pixels: [UInt8]

    /// Joins colours and pixels.
    ///
    /// - Precondition: There are as many pixels as the sizes say, at least one, and each has a colour.
    public init(width: Int, height: Int, palette: [SIMD3<UInt8>], pixels: [UInt8]) {
        require(width > 0 && height > 0 && pixels.count == width * height, "a picture of no or missing pixels")
        require((pixels.max() ?? 0) < palette.count && palette.count <= 256, "a pixel without a colour")
        (self.width, self.height, self.palette, self.pixels) = (width, height, palette, pixels)
    }

    /// The file.
    public var bytes: [UInt8] {
        // Eight bits a pixel, colours from a palette, the only compression and filters there are, rows in order.
        let header = Self.bigEndian(width) + Self.bigEndian(height) + [8, 3, 0, 0, 0]
        // Each row begins with its filter: none.
        let rows = (0..<height).flatMap { [0] + pixels[$0 * width..<($0 + 1) * width] }
        return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] + Self.chunk("IHDR", header)
            + Self.chunk("PLTE", palette.flatMap { [$0.x, $0.y, $0.z] }) + Self.chunk("IDAT", Self.compressed(rows))
            + Self.chunk("IEND", [])
    }

    /// The length of the content, the type, the content, and the checksum of type and content.
    private static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
        let summed = Array(type.utf8) + content
        var sum = CRC32()
        summed.withUnsafeBytes { sum.update($0) }
        return bigEndian(content.count) + summed + bigEndian(Int(sum.value))
    }

    private static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        let bound = Int(compressBound(uLong(bytes.count)))
        return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            var length = uLongf(bound)
            let code = compress2(buffer.baseAddress, &length, bytes, uLong(bytes.count), Z_BEST_COMPRESSION)
            require(code == Z_OK, "zlib ran out of memory")
            count = Int(length)
        }
    }

    /// Four bytes, the highest first.
    private static func bigEndian(_ value: Int) -> [UInt8] { littleEndianBytes(UInt32(value)).reversed() }
}

extension TensorBoardWriter.Value {
    /// A picture and what it shows, in Markdown.
    public static func image(_ tag: String, _ image: PNGImage, description: String) -> TensorBoardWriter.Value {
        .image(tag, png: image.bytes, width: image.width, height: image.height, description: description)
    }
}
