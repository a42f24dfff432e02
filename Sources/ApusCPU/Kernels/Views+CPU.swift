import ApusGraph

extension Reshape: CPUOperation {
    var runsInPlace: Bool { true }
    func run(_ launch: borrowing Launch) { launch.copy() }
}

extension StopGradient: CPUOperation {
    var runsInPlace: Bool { true }
    func run(_ launch: borrowing Launch) { launch.copy() }
}

extension Launch {
    /// Copies the first input, unless it is the output.
    fileprivate borrowing func copy() {
        guard UnsafeRawPointer(output) != input(0) else { return }
        output.copyMemory(from: input(0), byteCount: rows * shape.count * Int(kernels.element_size))
    }
}
