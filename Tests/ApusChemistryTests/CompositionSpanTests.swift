import ApusChemistry
import Testing

/// Which compositions follow from others.
@Suite struct CompositionSpanTests {
    private let h = Element.all[0]
    private let c = Element.all[5]
    private let o = Element.all[7]
    private var ethanol: [Element: Int] { [h: 6, c: 2, o: 1] }

    @Test func onlyMultiplesOfASingleComposition() {
        var span = CompositionSpan(elements: [o, h, c])
        #expect(!span.contains(ethanol))
        for _ in 0..<2 { span.insert(ethanol) }
        span.insert(ethanol.mapValues { 5 * $0 })
        #expect(span.compositions == [ethanol] && span.elements == [h, c, o] && !span.isComplete)
        #expect(span.contains(ethanol.mapValues { 1000 * $0 }))
        #expect(!span.contains([h: 2, o: 1]) && !span.contains([h: 6, c: 2]))
        // One atom more among ten thousand.
        #expect(!span.contains([h: 6001, c: 2000, o: 1000]))
    }

    @Test func combinationsAreWithin() {
        var span = CompositionSpan(elements: [h, c, o])
        for composition in [[h: 4, c: 1], [h: 6, c: 2]] { span.insert(composition) }
        #expect(span.contains([h: 100, c: 7]) && span.contains([c: 3]) && !span.contains([h: 2, o: 1]))
        span.insert([h: 2, o: 1])
        #expect(span.isComplete && span.contains([o: 2]) && !span.contains([Element.all[6]: 2]))
        span.insert([h: 1])
        #expect(span.compositions.count == 3)
    }
}
