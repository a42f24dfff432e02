import ApusChemistry
import Testing

@testable import ApusDatasets

/// The comparison of forces with energies on molecules that were rattled, as many users sample: GFN2-xTB, by
/// `Tools/make_rattled_fixture.py`.
@Suite struct RattledMoleculeTests {
    /// Sets of one molecule and one size of displacements, with forces that were changed.
    private func sets(_ change: ([SIMD3<Double>]) -> [SIMD3<Double>] = { $0 }) throws -> [(name: String, Dataset)] {
        let all = try Dataset.read(path: fixture("rattled.extxyz"))
        return all.records.map { name, members in
            let configurations = members.map { position in
                let configuration = all.configurations[position]
                return Configuration(
                    system: configuration.system, record: name, energy: configuration.energy,
                    forces: change(configuration.forces ?? []), place: configuration.place)
            }
            return (name, Dataset(configurations: configurations, units: .electronvoltAngstrom))
        }
    }

    private func verdicts(
        _ change: ([SIMD3<Double>]) -> [SIMD3<Double>] = { $0 }
    ) throws -> [String: ForceConsistency.Verdict] {
        try Dictionary(
            uniqueKeysWithValues: sets(change).map { ($0.name, try #require(ForceConsistency($0.1)).verdict) })
    }

    @Test func rightForcesAreNeverBlamed() throws {
        let found = try verdicts()
        #expect(found.count == 12)
        for (name, verdict) in found { #expect([.consistent, .tooFarApart].contains(verdict), "\(name): \(verdict)") }
        for (name, verdict) in found where name.hasSuffix("0.02") { #expect(verdict == .consistent, "\(name)") }
    }

    /// Near geometries show every fault.
    @Test func wrongForcesAreFound() throws {
        func expect(
            _ verdict: ForceConsistency.Verdict, _ change: ([SIMD3<Double>]) -> [SIMD3<Double>]
        ) throws {
            for (name, found) in try verdicts(change) where name.hasSuffix("0.02") {
                #expect(found == verdict, "\(name)")
            }
        }
        try expect(.oppositeSign) { $0.map { -$0 } }
        for (name, found) in try verdicts({ $0.map { $0 / 51.422_067 } }) where name.hasSuffix("0.02") {
            guard case .otherFactor(let explanations) = found else {
                Issue.record("\(name): \(found)")
                continue
            }
            #expect(explanations.first?.description == "forces in Ha/bohr read as eV/Å", "\(name)")
        }
        // 1 eV/Å is 23.06 kcal/mol/Å.
        let kilocalories = try verdicts { $0.map { $0 * 23.060_548 } }
        for (name, found) in kilocalories where name.hasSuffix("0.02") {
            guard case .otherFactor(let explanations) = found, let explanation = explanations.first?.description else {
                Issue.record("\(name): \(found)")
                continue
            }
            #expect(
                explanation.hasPrefix("forces in kcal/") && explanation.hasSuffix(" read as eV/Å"), "\(explanation)")
        }
        // The forces of other atoms.
        try expect(.unrelated) { Array($0.dropFirst() + $0.prefix(1)) }
    }
}
