import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusPotentials
import ApusReporting
import ApusTraining

/// Reads the data files of a run, checks that they have what the run needs, and reports what may be wrong with them.
struct RunReader {
    /// The heads that the loss trains.
    let heads: [any Head]
    private let configuration: RunConfiguration
    private let options: ReadingOptions
    private let compared: [Property]
    private let units: UnitSystem
    private let log: Log

    init(_ configuration: RunConfiguration, units: UnitSystem, log: Log) {
        self.configuration = configuration
        self.units = units
        self.log = log
        options = configuration.dataset.readingOptions(into: units)
        let compared = configuration.training.loss.properties
        self.compared = compared
        heads = configuration.potential.heads.filter { head in
            let isTrained = head.properties.contains(where: compared.contains)
            if !isTrained {
                let name = type(of: head).name
                log.info("\(name) is not trained by any loss component, so the model will not predict it")
            }
            return isTrained
        }
    }

    /// Reads a file and brings its moments to the centre of mass.
    func read(_ file: InputPath) throws -> Dataset {
        let path = file.path
        let dataset = try Dataset.read(path: path, options: options)
        log.info("\(path): \(dataset.count) configurations, \(dataset.interpretation.format)")
        for line in dataset.interpretation.lines { log.info("  \(line)") }
        let featurization = configuration.potential.featurization
        try dataset.require(
            [.energy] + compared.filter { $0 != .energy }
                + (featurization.totalCharge ? [.totalCharge] : [])
                + (featurization.spinMultiplicity ? [.spinMultiplicity] : []))
        if heads.contains(where: { $0.inputs.contains(.totalCharges) }),
            dataset.configurations.indices.contains(where: { !dataset.configurations.hasLabel(.totalCharge, $0) })
        {
            log.warning("\(path) does not state the total charge of all systems; those without are taken as neutral")
        }
        if compared.contains(.charges), let warning = dataset.chargeSumWarning() { log.warning(warning) }
        if compared.contains(.forces), let warning = ForceConsistency(dataset)?.warning {
            log.warning("\(path): \(warning)")
        }
        return try dataset.momentsFromCenterOfMass(
            given: configuration.dataset.momentOrigin,
            for: [.dipole, .quadrupole].filter(compared.contains))
    }

    /// Tells how far energies spread, with and without self-energies.
    func report(_ statistics: EnergyStatistics, offset: Double) {
        let unit = units.energy.symbol
        func text(_ value: Double) -> String { "\(numberText(value, significantDigits: 5)) \(unit)" }
        log.info(
            "energies of the training part spread over \(text(statistics.spreadOfTotals)), without self-energies over "
                + "\(text(statistics.spread)); per atom \(text(statistics.perAtomMean)) on average, standard deviation "
                + text(statistics.perAtomStandardDeviation))
        if offset != 0 { log.info("taken off every energy beside self-energies: \(text(offset))") }
    }
}
