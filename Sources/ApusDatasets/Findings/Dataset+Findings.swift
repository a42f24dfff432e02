import ApusChemistry

extension Dataset {
    /// What looks wrong with the geometries and the labels of a data set, most severe first.
    ///
    /// - Parameter labels: The labels that are to be used; nil for all.
    /// - Throws: `ApusError` of kind `configuration` for units that cannot be converted.
    public func findings(about labels: [Property]? = nil) throws -> [Finding] {
        let isCompared = labels.map { $0.contains(.forces) && $0.contains(.energy) } ?? true
        let aboutLabels = try findings(about: labels, isCompared ? ForceConsistency(self) : nil)
        return try ([overlapFinding()].compactMap { $0 } + aboutLabels).sorted { $0.severity > $1.severity }
    }

    /// Those about the labels alone.
    func findings(about labels: [Property]?, _ consistency: ForceConsistency?) throws -> [Finding] {
        func concerns(_ property: Property) -> Bool { labels?.contains(property) ?? true }
        var findings: [Finding] = []
        if concerns(.charges), let finding = chargeSumFinding() { findings.append(finding) }
        let screen = try LabelScreen(self, concerns)
        findings += screen.findings
        // A factor that comes of two methods, or of nothing, is no unit.
        let isExplained = screen.withForces > 0 && screen.zeroForces.count == screen.withForces
        if let finding = consistency?.finding, !isExplained { findings.append(finding) }
        if concerns(.stress) || concerns(.virial) { findings += try stressFindings() }
        // Sorting keeps the order of equals.
        return findings.sorted { $0.severity > $1.severity }
    }
}
