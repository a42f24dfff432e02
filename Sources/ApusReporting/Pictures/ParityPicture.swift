import ApusFiles
import ApusFormats
import ApusSystem

/// Predicted over reference values as pixels: cells shaded by the logarithm of their count, and the diagonal.
struct ParityPicture {
    /// The pixels.
    let image: PNGImage
    /// What is seen, in words, since there is no text in the picture.
    let description: String

    /// Cells in a row and in a column.
    private static let cells = 128
    /// Pixels of a cell in either direction.
    private static let magnification = 3
    /// Background, diagonal, and shades for 1, 2–3, 4–7, 8–15, … values in a cell.
    private static let palette: [SIMD3<UInt8>] = [
        SIMD3(255, 255, 255), SIMD3(190, 190, 190), SIMD3(158, 202, 225), SIMD3(107, 174, 214), SIMD3(66, 146, 198),
        SIMD3(33, 113, 181), SIMD3(8, 81, 156), SIMD3(8, 48, 107),
    ]
    private static let firstShade = 2

    /// Draws pairs of finite values; nil where there is none.
    init?(references: [Double], predictions: [Double], unit: String) {
        let pairs = zip(references, predictions).filter { $0.isFinite && $1.isFinite }
        guard !pairs.isEmpty else { return nil }
        let cells = Self.cells
        let scale = AxisScale(pairs.flatMap { [$0, $1] }).drawn(from: 0, to: Double(cells))
        func cell(_ value: Double) -> Int { min(cells - 1, max(0, Int(saturating: scale.position(value)))) }
        var counts = [Int](repeating: 0, count: cells * cells)
        for (reference, prediction) in pairs {
            // The first row is the top, where predictions are largest.
            counts[(cells - 1 - cell(prediction)) * cells + cell(reference)] += 1
        }
        let colors = counts.enumerated().map { position, count -> UInt8 in
            let isDiagonal = position / cells + position % cells == cells - 1
            guard count > 0 else { return isDiagonal ? 1 : 0 }
            let power = Int.bitWidth - 1 - count.leadingZeroBitCount
            return UInt8(min(Self.palette.count - 1, Self.firstShade + power))
        }
        let width = cells * Self.magnification
        let pixels = (0..<width * width).map { pixel in
            colors[pixel / width / Self.magnification * cells + pixel % width / Self.magnification]
        }
        image = PNGImage(width: width, height: width, palette: Self.palette, pixels: pixels)
        let (low, high) = (scale.domain.lowerBound, scale.domain.upperBound)
        description =
            "\(pairs.count) predictions (upwards) over references (to the right), both from "
            + "\(numberText(low, significantDigits: 4)) to \(numberText(high, significantDigits: 4)) \(unit); each shade "
            + "is twice as many values; the diagonal is grey."
    }
}
