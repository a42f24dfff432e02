import ApusGraph

extension PairDifference: CPUOperation {
    func run(_ launch: borrowing Launch) {
        launch.kernels.pair_difference(
            launch.rows, launch.map(0), launch.map(1), launch.shape.count, launch.input(0),
            launch.output)
    }
}

extension PairScatter: CPUOperation {
    var accumulation: Accumulation { .always }

    func run(_ launch: borrowing Launch) {
        launch.kernels.pair_scatter(
            launch.rows(0), launch.map(0), launch.map(1), launch.shape.count, launch.input(0),
            launch.output)
    }
}
