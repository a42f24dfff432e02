import ApusChemistry
import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusDatasets

/// The path of a file in `Fixtures`, which `Tools/make_dataset_fixtures.py` writes.
func fixture(_ name: String) -> String { "\(packageRoot)/Tests/ApusDatasetsTests/Fixtures/\(name)" }

/// The rules by which the fixtures' numbers are made, in the units of each file.
struct FixtureRules {
    let numbers: [Int]
    /// The number of the conformation, from 0.
    let conformation: Int

    /// Three conformations of water, then two of fluorane.
    static let all =
        (0..<3).map { FixtureRules(numbers: [8, 1, 1], conformation: $0) }
        + (0..<2).map { FixtureRules(numbers: [9, 1], conformation: $0) }

    private func perAtom(_ rule: (_ atom: Double, _ component: Double) -> Double) -> [Double] {
        numbers.indices.flatMap { atom in (0..<3).map { rule(Double(atom), Double($0)) } }
    }

    var positions: [Double] { perAtom { $0 * (3 + $1) / 4 + Double(conformation) * ($1 + 1) / 64 } }
    var energy: Double { -10 * Double(numbers[0]) - 0.125 * Double(conformation) }
    var forces: [Double] { perAtom { Double(conformation + 1) * (2 * $0 - 1) * ($1 + 1) / 8 } }
    var dipole: [Double] { (0..<3).map { Double(conformation + $0) / 16 } }
    var charges: [Double] { [Double(1 - numbers.count) / 4] + numbers.dropFirst().map { _ in 0.25 } }

    /// The difference between the rules and what was read, in words; nil when there is none.
    func difference(_ configuration: Configuration, labels: [Property], dipoleFactor: Double = 1) -> String? {
        if configuration.system.numbers != numbers { return "elements \(configuration.system.numbers)" }
        let found = configuration.system.positions.flatMap { [$0.x, $0.y, $0.z] }
        if found != positions { return "positions \(found), not \(positions)" }
        let rules: [Property: [Double]] = [
            .energy: [energy], .forces: forces, .dipole: dipole.map { $0 * dipoleFactor }, .charges: charges,
        ]
        for (property, values) in rules where labels.contains(property) {
            if configuration[property] != values {
                return "\(property.name) \(configuration[property] ?? []), not \(values)"
            }
        }
        return nil
    }
}

/// A folder that is removed with everything in it.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = try TemporaryFolder()
    defer { removeContents(of: folder.path) }
    return try body(folder.path)
}
