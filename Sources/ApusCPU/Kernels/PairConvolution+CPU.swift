import ApusGraph

extension PairConvolution: CPUOperation {
    var accumulation: Accumulation { .always }

    func run(_ launch: borrowing Launch) {
        launch.kernels.conv(
            launch.loopRows, launch.map(0), launch.map(1), launch.shape.components,
            launch.shape.features, launch.input(0), launch.input(1), launch.output)
    }
}

extension PairProduct: CPUOperation {
    var accumulation: Accumulation { .optional }

    func run(_ launch: borrowing Launch) {
        launch.kernels.pair_multiply(
            launch.rows, launch.map(0), launch.map(1), launch.shape(0).components,
            launch.shape.features, launch.input(0), launch.input(1), launch.output, launch.adds)
    }
}
