import Testing

@testable import ApusReporting

@Suite struct ParityPictureTests {
    /// The colour at a place, both counted in 128 cells from the lower left corner.
    private func color(_ picture: ParityPicture, _ x: Int, _ y: Int) -> UInt8 {
        let size = picture.image.width / 128
        return picture.image.pixels[((127 - y) * size + 1) * picture.image.width + x * size + 1]
    }

    /// The scale reaches from 0 to 4, so that a cell is 1/32: (1, 3) is in cell (32, 96).
    @Test func valuesStandWhereTheyBelong() throws {
        let picture = try #require(
            ParityPicture(
                references: [0, 1, 4, 1, 1, .nan], predictions: [0, 3, 4, 3, 3, 1], unit: "eV"))
        #expect(picture.image.width == picture.image.height && picture.image.width % 128 == 0)
        #expect(color(picture, 32, 96) == 3 && color(picture, 96, 32) == 0)
        #expect(color(picture, 0, 0) == 2 && color(picture, 127, 127) == 2 && color(picture, 64, 64) == 1)
        #expect(
            picture.description
                == "5 predictions (upwards) over references (to the right), both from 0.000 to 4.000 eV; each shade is "
                + "twice as many values; the diagonal is grey.")
    }

    @Test func manyValuesHaveTheDarkestShade() throws {
        let numbers = [Double](repeating: 1, count: 100_000)
        let picture = try #require(ParityPicture(references: numbers, predictions: numbers, unit: "eV"))
        #expect(picture.image.pixels.max() == UInt8(picture.image.palette.count - 1))
    }

    @Test func nothingIsNoPicture() {
        #expect(ParityPicture(references: [.nan], predictions: [1], unit: "eV") == nil)
    }
}
