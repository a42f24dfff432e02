import ApusChemistry
import ApusDatasets
import Testing

/// Atoms nearer than atoms can be, images of theirs included, whatever the units.
struct OverlapTests {
    private func dataset(
        _ cells: [(positions: [SIMD3<Double>], vectors: [SIMD3<Double>]?, flags: [Bool])],
        _ units: UnitSystem = .electronvoltAngstrom
    ) throws -> Dataset {
        let factor = try Unit.angstrom.factor(to: units.length)
        return Dataset(
            configurations: try cells.map { positions, vectors, flags in
                Configuration(
                    system: try AtomicSystem(
                        numbers: positions.map { _ in 6 }, positions: positions.map { $0 * factor },
                        cell: try vectors.map { try Cell(vectors: $0.map { $0 * factor }, isPeriodicAlong: flags) }))
            }, units: units)
    }

    private static func cube(_ side: Double) -> [SIMD3<Double>] {
        [SIMD3(side, 0, 0), SIMD3(0, side, 0), SIMD3(0, 0, side)]
    }
    private static let all = [true, true, true]

    @Test(arguments: [UnitSystem.electronvoltAngstrom, .kilojoulePerMoleNanometer, .atomic])
    func images(units: UnitSystem) throws {
        // Half the sum of the covalent radii of carbon is 0.75 Å.
        let fine = try dataset(
            [
                ([.zero], Self.cube(0.9), Self.all), ([.zero, SIMD3(0.9, 0, 0)], nil, []),
                ([SIMD3(0.1, 0, 0), SIMD3(4.1, 0, 0)], Self.cube(5), Self.all),
                // Nothing repeats along c.
                ([.zero], [SIMD3(3, 0, 0), SIMD3(0, 3, 0), SIMD3(0, 0, 0.1)], [true, true, false]),
            ], units)
        #expect(try fine.overlapFinding() == nil)
        #expect(try fine.findings().allSatisfy { $0.kind != .geometry })
        for (system, words) in [
            (([.zero], Self.cube(0.02), Self.all), "atom 0 (C) is 0.02 Å from its own image"),
            (
                ([.zero], [SIMD3(3, 0, 0), SIMD3(0, 0.05, 0), SIMD3(0, 0, 3)], Self.all),
                "atom 0 (C) is 0.05 Å from its own image"
            ),
            // b − 3a is short.
            (
                ([.zero], [SIMD3(3, 0, 0), SIMD3(9, 0.1, 0), SIMD3(0, 0, 3)], Self.all),
                "atom 0 (C) is 0.1 Å from its own image"
            ),
            (
                ([SIMD3(0.1, 0, 0), SIMD3(4.9, 0, 0)], Self.cube(5), Self.all),
                "and 1 (C) of another cell are 0.2 Å apart"
            ),
            (([.zero, SIMD3(3, 0, 0), SIMD3(3.4, 0, 0)], nil, []), "atoms 1 (C) and 2 (C) are 0.4 Å apart"),
        ] as [(([SIMD3<Double>], [SIMD3<Double>]?, [Bool]), String)] {
            let data = try dataset([(.init([.zero]), nil, []), system], units)
            let finding = try #require(try data.findings().first { $0.kind == .geometry })
            #expect(finding.severity == .warning && finding.message.contains(words), "\(finding.message)")
            #expect(finding.message.hasPrefix("atoms overlap in 1 of 2 configurations, most in"))
            #expect(finding.message.hasSuffix("state the unit of lengths with dataset.source_length_unit"))
            #expect(try data.positionsWithoutOverlap(among: [0, 1]) == [0])
            #expect(try DatasetCheck(data).findings[0].count == 1)
        }
    }

    /// What summaries say of cells: volumes of those alone that repeat along all vectors.
    @Test func cellsOfSummaries() throws {
        let cells = DatasetSummary(
            try dataset([
                ([.zero], Self.cube(3), Self.all), ([.zero, SIMD3(1.5, 0, 0)], Self.cube(4), Self.all),
                ([.zero], Self.cube(9), [true, true, false]), ([.zero], nil, []),
            ])
        ).cells
        #expect(cells.systems == ["abc": 2, "ab": 1, "none": 1] && !cells.isEmpty)
        #expect(cells.volumes == 27...64 && cells.volumesOfAtoms == 27...32)
    }

    /// The search ends where the nearest pair is found, not at the shortest lattice vector of a large box.
    @Test func shortestDistancesOfLargeBoxes() throws {
        let positions = (0..<4000).map { k in
            let site = SIMD3<Double>(Double(k % 20), Double(k / 20 % 20), Double(k / 400))
            return 4.0 * site + SIMD3<Double>(0.3 * Double(k % 2), 0, 0)
        }
        let summary = DatasetSummary(try dataset([(positions, Self.cube(400), Self.all)]))
        #expect(abs((summary.shortestDistance ?? 0) - 3.7) < 1e-9)
        let open = DatasetSummary(try dataset([(positions, nil, [])]))
        #expect(abs((open.shortestDistance ?? 0) - 3.7) < 1e-9 && open.cells.isEmpty)
        #expect(DatasetSummary(try dataset([([.zero], Self.cube(7), Self.all)])).shortestDistance == 7)
        #expect(DatasetSummary(try dataset([([.zero], Self.cube(0.002), Self.all)])).shortestDistance == 0.002)
    }
}
