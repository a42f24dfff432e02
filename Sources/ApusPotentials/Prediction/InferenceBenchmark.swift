import ApusCPU
import ApusChemistry
import ApusGraph
import ApusSystem

/// Measures how long a call of ``Predictor/predict(_:)`` takes: pair search, energies and forces.
public struct InferenceBenchmark: Sendable {
    /// Systems in a call.
    public let systems: Int
    /// Atoms in a call.
    public let atoms: Int
    /// Undirected pairs in a call.
    public let pairs: Int
    /// Seconds until the first prediction is there: graph, compilation, memory and one call.
    public let firstCallSeconds: Double
    /// Seconds of each measured call, ascending.
    public let callSeconds: [Double]
    /// Where the time goes, measured in further calls; nil unless wanted.
    public let profile: StepProfile?

    /// The median time of a call in seconds.
    public var medianSeconds: Double { callSeconds[callSeconds.count / 2] }

    /// Predicts the systems again and again for at least `seconds`, and as long again for a profile.
    ///
    /// - Throws: `AtomicSystemError` when two atoms stand on one point.
    /// - Precondition: the model knows all elements, and there is at least one system.
    public init(
        _ model: EnergyModel, systems: [AtomicSystem], seconds: Double, profiled: Bool = false, on device: Device
    ) throws {
        let begin = monotonicSeconds()
        let predictor = Predictor(model, withHeads: false, on: device)
        _ = try predictor.predict(systems)
        firstCallSeconds = monotonicSeconds() - begin
        // The second call is the first whose memory is all there.
        _ = try predictor.predict(systems)
        let program = predictor.program(for: systems)
        let call = { _ = try predictor.predict(systems) }
        callSeconds = try stepSeconds(for: seconds, call).sorted()
        profile = profiled ? try .fastest(on: program.executor, seconds: seconds, call) : nil
        let sizes = try program.encoding.sizes(of: systems)
        (self.systems, atoms, pairs) = (sizes[.systems], sizes[.atoms], sizes[.pairs])
    }
}
