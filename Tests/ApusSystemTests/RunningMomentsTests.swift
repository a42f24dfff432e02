import ApusSystem
import Testing

@Suite struct RunningMomentsTests {
    /// Against the definitions, in one go and in two parts; 1e-12 is some thousand roundings.
    @Test(arguments: [0, 1, 2, 7, 100]) func definitions(count: Int) {
        var generator = SeededGenerator(seed: 3)
        let values = (0..<count).map { _ in 5 + generator.normal() }
        let mean = values.reduce(0, +) / Double(max(count, 1))
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        for first in [0, count / 3, count] {
            var (moments, others) = (RunningMoments(), RunningMoments())
            for value in values[..<first] { moments.add(value) }
            for value in values[first...] { others.add(value) }
            moments.merge(others)
            #expect(moments.count == count)
            #expect(abs(moments.mean - mean) < 1e-12 && abs(moments.squares - squares) < 1e-12 * Double(count + 1))
            #expect(abs(moments.deviation - (squares / Double(max(count, 1))).squareRoot()) < 1e-12)
        }
    }
}
