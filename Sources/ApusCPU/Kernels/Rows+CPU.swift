import ApusGraph

extension ColumnSum: CPUOperation {
    var accumulation: Accumulation { .optional }

    func run(_ launch: borrowing Launch) {
        launch.kernels.column_sum(launch.rows(0), launch.shape.count, launch.input(0), launch.output, launch.adds)
    }
}

extension BroadcastRows: CPUOperation {
    func run(_ launch: borrowing Launch) {
        launch.kernels.broadcast_rows(launch.rows, launch.shape.count, launch.input(0), launch.output)
    }
}

extension StackRows: CPUOperation {
    func run(_ launch: borrowing Launch) {
        let above = launch.rows(0) * launch.shape.count * Int(launch.kernels.element_size)
        let below = launch.rows(1) * launch.shape.count * Int(launch.kernels.element_size)
        launch.output.copyMemory(from: launch.input(0), byteCount: above)
        (launch.output + above).copyMemory(from: launch.input(1), byteCount: below)
    }
}

extension SliceRows: CPUOperation {
    func run(_ launch: borrowing Launch) {
        let row = launch.shape.count * Int(launch.kernels.element_size)
        launch.output.copyMemory(from: launch.input(0) + first * row, byteCount: launch.rows * row)
    }
}
