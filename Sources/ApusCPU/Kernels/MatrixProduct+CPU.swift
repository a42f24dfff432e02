import ApusGraph

extension Matmul: CPUOperation {
    var accumulation: Accumulation { .optional }
    var packedInput: Int? { 1 }

    func run(_ launch: borrowing Launch) {
        launch.kernels.matmul(
            launch.matrixRows(0), launch.shape.features, launch.shape(0).features, launch.input(0), launch.input(1),
            launch.step.inputs.count == 3 ? launch.input(2) : nil, launch.output, launch.adds)
    }
}

extension Outer: CPUOperation {
    var accumulation: Accumulation { .optional }

    func run(_ launch: borrowing Launch) {
        launch.kernels.outer(
            launch.matrixRows(0), launch.shape(0).features, launch.shape(1).features, launch.input(0), launch.input(1),
            launch.output, launch.adds)
    }
}

extension Transpose: CPUOperation {
    func run(_ launch: borrowing Launch) {
        if launch.kernels.element_size == 4 {
            exchange(of: UInt32.self, launch)
        } else {
            exchange(of: UInt64.self, launch)
        }
    }

    private func exchange<Bits>(of type: Bits.Type, _ launch: borrowing Launch) {
        let (rows, columns) = (launch.rows(0), launch.shape(0).features)
        let input = launch.input(0).assumingMemoryBound(to: Bits.self)
        let output = launch.output.assumingMemoryBound(to: Bits.self)
        for r in 0..<rows {
            for c in 0..<columns { output[c * rows + r] = input[r * columns + c] }
        }
    }
}
