import ApusGraph

extension PairDifference: CPUOperation {
    func run(_ launch: borrowing Launch) {
        launch.kernels.pair_difference(
            launch.rows, launch.indices.pairFirst, launch.indices.pairSecond, launch.shape.count, launch.input(0),
            launch.output)
    }
}

extension PairScatter: CPUOperation {
    var accumulation: Accumulation { .always }

    func run(_ launch: borrowing Launch) {
        launch.kernels.pair_scatter(
            launch.rows(0), launch.indices.pairFirst, launch.indices.pairSecond, launch.shape.count, launch.input(0),
            launch.output)
    }
}
