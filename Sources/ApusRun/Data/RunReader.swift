import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusPotentials
import ApusReporting
import ApusTraining

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Reads the data files of a run, checks that they have what the run needs, and reports what may be wrong with them.
struct RunReader {
    /// The heads that the loss trains.
    package let heads: [any Head]
    private let configuration: RunConfiguration
    private let options: ReadingOptions
    private let compared: [Property]
    private let units: UnitSystem
    private let log: RunLog
    private let findings: FindingLog
    private let isDry: Bool

    /// - Parameter isDry: Whether nothing may be written, not even to the cache.
    init(_ configuration: RunConfiguration, units: UnitSystem, log: RunLog, findings: FindingLog, isDry: Bool) throws {
        self.configuration = configuration
        self.isDry = isDry
        self.units = units
        self.log = log
        self.findings = findings
        var options = configuration.dataset.readingOptions(into: units)
        let compared = configuration.training.loss(in: units).properties
        let featurization = configuration.potential.featurization
        options.needed = Set([.energy, .totalCharge] + compared)
        if featurization.spinMultiplicity { options.needed.insert(.spinMultiplicity) }
        self.options = options
        self.compared = compared
        let terms = try configuration.potential.makeTerms(lengthUnit: units.length)
        let trained = compared + (terms.contains(where: \.usesCharges) ? [.charges] : [])
        heads = try configuration.potential.heads(in: units).filter { head in
            let isTrained = head.properties.contains(where: trained.contains)
            if !isTrained {
                let name = type(of: head).name
                log.info("\(name) is not trained by any loss component, so the model will not predict it")
            }
            return isTrained
        }
    }

    /// Reads a file, keeps what is selected, and brings its moments to the centre of mass.
    package func read(_ file: InputPath) throws -> Dataset {
        let path = file.path
        let everything = try imported(path)
        let dataset = try everything.selected(
            by: try configuration.dataset.selection(
                labels: compared, seed: configuration.runtime.seed, units: units))
        if dataset.count < everything.count {
            log.info("\(path): \(dataset.count) of \(everything.count) configurations are selected")
        }
        let featurization = configuration.potential.featurization
        let molecules =
            configuration.dataset.trainsOnIsolatedAtoms ? dataset : dataset.restricted(to: dataset.molecules)
        let isMasking = configuration.dataset.missingLabels == .mask
        if isMasking { reportMissing(in: molecules, path) }
        if !isMasking { try molecules.require(compared, mayBeMissing: true) }
        try molecules.require(
            (featurization.totalCharge ? [.totalCharge] : [])
                + (featurization.spinMultiplicity ? [.spinMultiplicity] : []))
        let inputs =
            try configuration.potential.makeNetwork(lengthUnit: units.length).inputs + heads.flatMap(\.inputs)
        if inputs.contains(.totalCharges),
            dataset.configurations.indices.contains(where: { !dataset.configurations.hasLabel(.totalCharge, $0) })
        {
            log.warning("\(path) does not state the total charge of all systems; those without are taken as neutral")
        }
        try dataset.requireTracelessQuadrupoles(ifIn: compared)
        findings.report(try dataset.findings(about: [.energy] + compared).map { $0.located(file: path) })
        return try dataset.momentsFromCenterOfMass(
            given: configuration.dataset.momentOrigin,
            for: [.dipole, .quadrupole].filter(compared.contains))
    }

    /// The single atoms of a file.
    ///
    /// - Throws: `ApusError` when there is none with an energy.
    package func isolatedAtoms(_ file: InputPath) throws -> Configurations {
        let dataset = try imported(file.path)
        let atoms = dataset.configurations[dataset.configurations.singleAtoms]
        guard atoms.indices.contains(where: atoms.hasLabel(.energy)) else {
            throw ApusError(
                .data, file: file.path, problem: "there is no configuration of a single atom with an energy",
                remedy: "name another file, or remove dataset.isolated_atoms_file")
        }
        return atoms
    }

    /// Tells how many configurations have the labels that the loss compares.
    private func reportMissing(in dataset: Dataset, _ path: String) {
        for property in compared {
            let count = dataset.configurations.indices.count(where: dataset.configurations.hasLabel(property))
            guard count < dataset.count else { continue }
            log.info(
                "\(path): \(count) of \(dataset.count) configurations have \(property.name); the others count for other "
                    + "components of the loss")
        }
    }

    /// Imports a file into the cache unless it is there, and maps it; a dry run reads it into memory instead.
    private func imported(_ path: String) throws -> Dataset {
        var importing = DatasetImport()
        importing.reading = options
        importing.program = Release.program
        guard let folder = cacheFolder else { return try inMemory(path) }
        var wasRead = false
        let store: DatasetStore
        if isDry {
            guard let existing = try DatasetCache(folder: folder).existingStore(of: path, importing) else {
                return try inMemory(path)
            }
            store = existing
        } else {
            let report = importReport(log)
            store = try DatasetCache(folder: folder).store(of: path, importing) { event in
                if case .understood = event { wasRead = true }
                report(event)
            }
        }
        if !wasRead {
            for source in store.information.sources {
                log.info("\(source.path): \(source.format), imported before")
                for line in source.interpretation { log.info("  \(line)") }
            }
        }
        let isImported = store.path == path
        return try Dataset(store, options: isImported ? options : options.withoutSource, path: path)
    }

    private func inMemory(_ path: String) throws -> Dataset {
        let dataset = try Dataset.read(path: path, options: options)
        log.info("\(path): \(dataset.count) configurations, \(dataset.interpretation.format)")
        for line in dataset.interpretation.lines { log.info("  \(line)") }
        return dataset
    }

    /// Where data are imported to; nil when there is no such place, and all stays in memory.
    private var cacheFolder: String? {
        if let chosen = configuration.dataset.cacheFolder { return chosen }
        guard let folder = defaultCacheFolder else { return nil }
        if isDry { return folder }
        do {
            try createFolder(folder)
            return folder
        } catch {
            log.warning("data are not cached but kept in memory: \(error)")
            return nil
        }
    }

    /// Tells how far energies spread, with and without self-energies.
    package func report(_ statistics: EnergyStatistics) {
        let unit = units.energy.symbol
        let spread = statistics.perAtomStandardDeviation
        func text(_ value: Double) -> String {
            // What rounding leaves of a mean that was taken off.
            "\(numberText(abs(value) < 1e-9 * spread ? 0 : value, significantDigits: 5)) \(unit)"
        }
        log.info(
            "energies of the training part spread over \(text(statistics.spreadOfTotals)), without self-energies over "
                + "\(text(statistics.spread)); per atom, with all that is taken off, \(text(statistics.perAtomMean)) on average, "
                + "standard deviation \(text(statistics.perAtomStandardDeviation))")
        if statistics.offset != 0 {
            log.info("taken off every energy beside self-energies: \(text(statistics.offset))")
        }
    }
}

/// `$APUS_CACHE`, or `apus` in the system's folder for caches; nil without a home.
private var defaultCacheFolder: String? {
    func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    return variable("APUS_CACHE") ?? variable("XDG_CACHE_HOME").map { $0 + "/apus" }
        ?? variable("HOME").map { $0 + "/.cache/apus" }
}
