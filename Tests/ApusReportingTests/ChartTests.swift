import ApusChemistry
import Testing

@testable import ApusReporting

/// Scales, bins and pictures against numbers worked out by hand.
@Suite struct ChartTests {
    /// Numbers that a damaged log may hold.
    @Test(arguments: [
        [1e300], [-1e300, 1e300], [1.7e308, -1.7e308], [1e300, 1e300.nextUp],
        [.leastNonzeroMagnitude, 2 * .leastNonzeroMagnitude], [1, 1.0.nextUp],
        [.infinity],
        [1e149, 1], [-1e149, 1e149],
    ])
    func absurdNumbersHaveAScale(values: [Double]) {
        for scale in [AxisScale(values), AxisScale(values, isNice: false), AxisScale(logarithmic: values)] {
            #expect(scale.ticks.count <= 100)
            #expect(scale.domain.lowerBound.isFinite && scale.domain.upperBound.isFinite)
        }
    }

    @Test func linearScale() {
        let scale = AxisScale([0.3, 9.1]).drawn(from: 100, to: 300)
        // A sixth of 8.8 is 1.47, so steps of 2 from 0 to 10.
        #expect(scale.domain == 0...10)
        #expect(scale.position(0) == 100 && scale.position(10) == 300 && scale.position(2.5) == 150)
        #expect(scale.ticks.map(\.text) == ["0", "2", "4", "6", "8", "10"])
        #expect(scale.ticks.map(\.value) == [0, 2, 4, 6, 8, 10])
    }

    @Test func smallAndNegativeValues() {
        let scale = AxisScale([-0.02, 0.03], isNice: false)
        #expect(scale.ticks.map(\.text) == ["-0.02", "-0.01", "0", "0.01", "0.02", "0.03"])
    }

    /// One value, none, and what is no number still give a range.
    @Test(arguments: [[5.0], [], [.nan, .infinity], [0, 0]])
    func degenerateValues(values: [Double]) {
        for scale in [AxisScale(values), AxisScale(logarithmic: values)] {
            #expect(scale.domain.lowerBound < scale.domain.upperBound)
            #expect(!scale.ticks.isEmpty)
            #expect(
                scale.position(scale.domain.lowerBound) == 0 && abs(scale.position(scale.domain.upperBound) - 1) < 1e-12
            )
        }
    }

    @Test func logarithmicScale() {
        let scale = AxisScale(logarithmic: [1e-4, 1e2, -1, 0, .nan]).drawn(from: 0, to: 106)
        // Six decades and 3 % of them on either side: a decade is 100/6 pixels of 106.
        #expect(abs(scale.position(1e-4) - 3) < 1e-9 && abs(scale.position(1e2) - 103) < 1e-9)
        #expect(abs(scale.position(1e-1) - 53) < 1e-9)
        #expect(scale.ticks.map(\.text).contains("10⁻⁴") && scale.ticks.map(\.text).contains("100"))
        let narrow = AxisScale(logarithmic: [0.9, 11])
        #expect(narrow.ticks.map(\.text) == ["1", "2", "5", "10"])
        #expect(AxisScale(logarithmic: [0.0019, 0.0042]).ticks.map(\.text) == ["0.002", "0.003", "0.004"])
    }

    @Test(arguments: [(10.0, 2.0), (8.8, 2), (1, 0.2), (0.04, 0.01), (2500, 500)])
    func steps(range: Double, step: Double) {
        #expect(abs(AxisScale.step(range, count: 5) - step) < 1e-12 * step)
    }

    /// Of a hundred values the 99th decides about the range, and what is beyond stands in the last bin.
    @Test func histogramBins() {
        let values = (1...100).map { Double($0) / 100 } + [50]
        let chart = HistogramChart(series: [(name: "test", values: values, color: 0)], unit: "eV")
        #expect(chart.limit == 1)
        let shares = HistogramChart.shares([-3, -1, 0.99, 7, .nan], limit: 1)
        #expect(shares.first == 0.5 && shares.last == 0.5 && shares.count == 50)
        #expect(HistogramChart.shares([0], limit: 1)[25] == 1)
    }

    @Test func manyValuesBecomeCells() throws {
        let many = [Double](repeating: 1, count: ParityPlot.mostPoints) + [2]
        let cells = try #require(
            ParityPlot(references: many, predictions: many, unit: "eV", color: 0).drawing)
        // 2000 lies between 2¹⁰ and 2¹¹ − 1.
        #expect(cells.source.contains("1024 to 2047 values a cell") && cells.source.contains("1 value a cell"))
        let points = try #require(ParityPlot(references: [1, 2], predictions: [1, 3], unit: "eV", color: 0).drawing)
        #expect(points.source.contains("error 1.000 eV") && !points.source.contains("a cell"))
        #expect(ParityPlot(references: [.nan], predictions: [1], unit: "eV", color: 0).drawing == nil)
    }

    /// Errors of 0 and −0.5 eV on an axis from −0.5 to 0: the second point is at the lower end, the line at the upper.
    @Test func residuals() throws {
        let plot = ParityPlot(references: [1, 2], predictions: [1, 1.5], unit: "eV", color: 0)
        let source = try #require(plot.residuals).source
        #expect(source.contains("prediction − reference [eV]") && source.contains("prediction 1.500 eV"))
        let line = try #require(source.firstMatch(of: /class="reference" d="M58 ([0-9.]+)L368 ([0-9.]+)"/))
        #expect(line.1 == "8" && line.2 == "8", "zero is the upper end of the axis: \(line.0)")
        #expect(source.contains("M58 8h.1M368 322h.1"), "\(source)")
    }

    /// The longest arrow has 2.4 units, so a bar of 2 is 2/2.4 of its length.
    @Test func arrowsHaveAScale() throws {
        let hydrogen = try Element(symbol: "H")
        let picture = MoleculePicture(
            elements: [hydrogen, hydrogen], positions: [.zero, SIMD3(1, 0, 0)],
            arrows: [SIMD3(2.4, 0, 0), .zero], arrowUnit: "eV/Å", titles: ["", ""])
        let source = picture.drawing.source
        let bar = try #require(source.firstMatch(of: /M10 232H([0-9.]+)/))
        let arrow = try #require(source.firstMatch(of: /class="arrow" d="M([0-9.]+) [0-9.]+L([0-9.]+)/))
        let (start, end) = (try #require(Double(arrow.1)), try #require(Double(arrow.2)))
        let width = try #require(Double(bar.1)) - 10
        // Coordinates are rounded to a tenth.
        #expect(abs(width - abs(end - start) * 2 / 2.4) < 0.2 && source.contains("2 eV/Å"))
        let still = MoleculePicture(
            elements: [hydrogen], positions: [.zero], arrows: [.zero], arrowUnit: "eV/Å", titles: [""])
        #expect(!still.drawing.source.contains("eV/Å"))
    }

    /// Carbon and hydrogen are bonded below 1.25 (0.76 + 0.31) Å = 1.3375 Å.
    @Test func bonds() throws {
        let elements = [try Element(symbol: "C"), try Element(symbol: "H"), try Element(symbol: "H")]
        let bonds = MoleculePicture.bonds(elements, [.zero, SIMD3(1.33, 0, 0), SIMD3(0, 1.345, 0)])
        #expect(bonds.map { [$0.0, $0.1] } == [[0, 1]])
    }

    /// A rod along (1, 1, 0) with a little spread along z.
    @Test func principalAxes() {
        let axes = PrincipalAxes([SIMD3(-2, -2, 0.5), SIMD3(2, 2, 0.5), SIMD3(-2, -2, -0.5), SIMD3(2, 2, -0.5)])
        let rod = axes.components(SIMD3(1, 1, 0)) / 2.0.squareRoot()
        #expect(abs(abs(rod.x) - 1) < 1e-12 && abs(rod.y) < 1e-12 && abs(rod.z) < 1e-12)
        #expect(abs(abs(axes.components(SIMD3(0, 0, 1)).y) - 1) < 1e-12)
    }

    @Test func textIsEscaped() {
        #expect(escaped("<a href=\"x\">&'\u{1}") == "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\\u{1}")
        #expect(escaped("a\n\tb\u{9b}\u{202e}\u{feff}") == "a\n\tb\\u{9b}\\u{202e}\\u{feff}")
        #expect(Markup.element("p", ["title": "\"<"], "a<b").source == "<p title=\"&quot;&lt;\">a&lt;b</p>")
    }

    @Test(arguments: [(1.0, "1"), (-0.04, "0"), (12.34, "12.3"), (-0.5, "-0.5")])
    func coordinates(value: Double, text: String) {
        #expect(coordinate(value) == text)
    }
}
