import ApusCPU
import ApusChemistry
import ApusDatasets
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusReporting
import ApusRun
import ApusTraining
import ArgumentParser

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `apus benchmark`.
struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark",
        abstract: "Measures the speed of training or prediction on this machine.",
        discussion: """
            All configurations of the file are one batch. A step is pair search, energies, forces, loss, gradients by \
            all parameters and AdamW; the median step counts. The FMA peak is measured with the same threads. With \
            --inference a call is pair search, energies and forces, as a step of molecular dynamics needs it.

            --profile measures as long again and prints for the fastest step: for every kind of operation and the rows \
            it goes over, time and share of the step, calls, floating-point operations and bytes as it reads and writes \
            its rows; the bound that the machine sets, the sum over operations of max(operations/peak, bytes/bandwidth); \
            the parts of the step in their order; and the speed on more threads by Amdahl's law.
            """)

    enum Target: String, ExpressibleByArgument, CaseIterable { case energy, forces }

    @Option(help: "The potential.")
    var potential = PotentialName(SchNet.self)

    @Option(
        help: "Geometries in any format that can be read; forces are zero where the file has none.", completion: .file()
    )
    var data: String

    @Option(help: ArgumentHelp("What the loss compares.", valueName: "energy,forces"))
    var targets = "energy,forces"

    @Option(help: "Features of an atom.")
    var features = 128

    @Option(help: "Interactions.")
    var interactions = 3

    @Option(help: "Radial functions.")
    var radialFunctions = 20

    @Option(help: ArgumentHelp("Cutoff radius in angstrom.", valueName: "radius"))
    var cutoff = 5.0

    @Option(help: ArgumentHelp("Measures for at least this time.", valueName: "seconds"))
    var seconds = 3.0

    @Option(help: "Looks filters up in tables made once per step: true or false; decided by the batch unless given.")
    var tables: Bool?

    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var computing: ComputingOptions

    @Flag(help: "Measures predictions of energies and forces in place of training steps.")
    var inference = false

    @Flag(help: "Prints where the time of a step goes, and the bounds of the machine.")
    var profile = false

    @OptionGroup var results: ResultOptions

    func validate() throws {
        for name in targets.split(separator: ",") where Target(rawValue: String(name)) == nil {
            throw ValidationError("--targets takes energy and forces, separated by a comma, not '\(name)'.")
        }
        if features < 1 || interactions < 1 || radialFunctions < 2 || !(cutoff > 0) || !(seconds >= 0)
            || !seconds.isFinite
        {
            throw ValidationError("Sizes, the cutoff and the time must be positive, with at least 2 radial functions.")
        }
        if inference && (tables != nil || targets != "energy,forces") {
            throw ValidationError("--inference goes without --targets and --tables, which are about training steps.")
        }
    }

    func run() throws {
        try reportingErrors {
            let dataset = try Dataset.read(
                path: data, options: dataOptions.readingOptions(into: .electronvoltAngstrom))
            FindingLog(RunLog(TerminalObserver(Log(minimum: .warning), isQuiet: true))).report(
                try [dataset.overlapFinding()].compactMap { $0?.located(file: data) })
            let withForces = targets.split(separator: ",").contains("forces")
            let zero = SelfEnergies(
                Dictionary(uniqueKeysWithValues: dataset.elements.map { ($0.atomicNumber, 0) }),
                unit: dataset.units.energy)
            var model = EnergyModel(
                potential: try network, parameters: [], units: dataset.units, selfEnergies: zero.values, scale: 1,
                shift: 0)
            model.parameters = EnergyModel.initialParameters(model.declarations, seed: 1)
            let device = try computing.device
            if inference {
                let result = try InferenceBenchmark(
                    model, systems: dataset.configurations.map(\.system), seconds: seconds, profiled: profile,
                    on: device)
                report(result, model, device)
                return
            }
            let batch = try dataset.configurations.map { configuration in
                let none = [Double](repeating: 0, count: 3 * configuration.system.count)
                return try Sample(
                    configuration.labelled([.energy: [0], .forces: configuration[.forces] ?? none]), selfEnergies: zero)
            }
            var settings = TrainingSettings()
            settings.batchSize = .systems(batch.count)
            settings.learningRate = 1e-5
            settings.usesTables = tables
            settings.loss = Loss(
                weights: withForces ? [.perSystemEnergy: 0.01, .perAtomForce: 0.99] : [.perSystemEnergy: 1])
            let peakBefore = peak(device)
            let result = try ThroughputBenchmark(
                model, settings, batch: batch, seconds: seconds, profiled: profile, on: device)
            // Clock rates change with load; the peak of both ends of the run is the fairer bound.
            report(result, model, device, peak: max(peakBefore, peak(device)))
        }
    }

    /// The potential with the sizes of the options, as far as it has such.
    private var network: any Potential {
        get throws {
            var chosen = ConfiguredType(potential.type)
            chosen[HyperparameterKey.cutoff] = .length(Quantity(cutoff, .angstrom))
            chosen[HyperparameterKey.radialFunctions] = .integer(radialFunctions)
            chosen[HyperparameterKey.interactions] = .integer(interactions)
            chosen[HyperparameterKey.features] = .integer(features)
            return try potential.type.init(chosen.values)
        }
    }

    private typealias Value = (name: String, value: JSONValue, unit: String)

    private func report(
        _ result: ThroughputBenchmark, _ model: EnergyModel, _ device: Device, peak: Double
    ) {
        let values: [Value] = [
            ("potential", .string(model.potential.name), ""), ("targets", .string(targets), ""),
            ("systems", .integer(result.systems), ""), ("atoms", .integer(result.atoms), ""),
            ("pairs", .integer(result.pairs), ""), ("parameters", .integer(model.parameters.count), ""),
            ("precision", .string(device.precision.rawValue), ""), ("threads", .integer(device.threads), ""),
            ("tables", .logical(result.usesTables), ""),
            ("isa", .string("\(device.instructionSet)"), ""), ("steps", .integer(result.stepSeconds.count), ""),
            ("step_median", .real(1e3 * result.medianSeconds), "ms"),
            ("step_minimum", .real(1e3 * result.stepSeconds[0]), "ms"),
            ("throughput", .real(result.systemsPerSecond), "molecules/s"),
            ("matrix_product_rate", .real(1e-9 * result.matrixOperationsPerSecond), "GFLOP/s"),
            ("fma_peak", .real(1e-9 * peak), "GFLOP/s"),
            ("fraction_of_peak", .real(result.matrixOperationsPerSecond / peak), ""),
            ("arena_per_thread", .real(1e-6 * Double(result.arenaBytes)), "MB"),
            ("peak_memory", .real(1e-6 * Double(peakMemoryBytes())), "MB"),
        ]
        show(values, profileReport(result.profile, device, peak: peak, stepSeconds: result.medianSeconds))
    }

    private func report(_ result: InferenceBenchmark, _ model: EnergyModel, _ device: Device) {
        let values: [Value] = [
            ("potential", .string(model.potential.name), ""), ("systems", .integer(result.systems), ""),
            ("atoms", .integer(result.atoms), ""), ("pairs", .integer(result.pairs), ""),
            ("parameters", .integer(model.parameters.count), ""),
            ("precision", .string(device.precision.rawValue), ""),
            ("threads", .integer(device.threads), ""), ("isa", .string("\(device.instructionSet)"), ""),
            ("calls", .integer(result.callSeconds.count), ""),
            ("first_call", .real(1e3 * result.firstCallSeconds), "ms"),
            ("call_median", .real(1e3 * result.medianSeconds), "ms"),
            ("call_minimum", .real(1e3 * result.callSeconds[0]), "ms"),
            ("rate", .real(1 / result.medianSeconds), "calls/s"),
            ("peak_memory", .real(1e-6 * Double(peakMemoryBytes())), "MB"),
        ]
        show(values, profileReport(result.profile, device, peak: peak(device), stepSeconds: result.medianSeconds))
    }

    private func peak(_ device: Device) -> Double {
        device.instructionSet.measuredPeak(device.precision, threads: device.threads)
    }

    private func profileReport(
        _ profile: StepProfile?, _ device: Device, peak: @autoclosure () -> Double, stepSeconds: Double
    ) -> ProfileReport? {
        profile.map {
            ProfileReport(
                profile: $0, roofline: Roofline(peak: peak(), for: $0, instructionSet: device.instructionSet),
                stepSeconds: stepSeconds)
        }
    }

    /// Prints values, and where the time goes where that was measured.
    private func show(_ values: [Value], _ profile: ProfileReport?) {
        if results.json {
            var object = Dictionary(
                uniqueKeysWithValues: values.map { ($0.unit.isEmpty ? $0.name : "\($0.name) [\($0.unit)]", $0.value) })
            if let profile { object["profile"] = profile.json }
            printResult(JSONValue.object(object).description)
            return
        }
        for (name, value, unit) in values {
            let text: String
            switch value {
            case .real(let number): text = numberText(number, significantDigits: 4)
            case .string(let string): text = printable(string)
            default: text = value.description
            }
            printResult(name + String(repeating: " ", count: 22 - name.count) + text + (unit.isEmpty ? "" : " " + unit))
        }
        if let profile { printResult(profile.text) }
    }
}

/// The most memory that the process has used so far, in bytes.
private func peakMemoryBytes() -> Int {
    var usage = rusage()
    #if canImport(Glibc)
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
    #else
    getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss
    #endif
}
