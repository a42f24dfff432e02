import ApusGraph

extension Gather: CPUOperation {
    func run(_ launch: borrowing Launch) {
        launch.kernels.gather(
            launch.rows, launch.shape.count, launch.map(0), launch.input(0), launch.output)
    }
}

extension SegmentSum: CPUOperation {
    var accumulation: Accumulation { .always }

    func run(_ launch: borrowing Launch) {
        launch.kernels.scatter_add(
            launch.rows(0), launch.shape.count, launch.map(0), launch.input(0), launch.output)
    }
}
