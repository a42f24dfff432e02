import ApusGraph

extension AddScaled: CPUOperation {
    var runsInPlace: Bool { true }

    func run(_ launch: borrowing Launch) {
        launch.kernels.add_scaled(
            launch.rows * launch.shape.count, launch.input(0), scale, launch.input(1), launch.output)
    }
}

extension Affine: CPUOperation {
    var runsInPlace: Bool { true }

    func run(_ launch: borrowing Launch) {
        launch.kernels.affine(launch.rows * launch.shape.count, launch.input(0), scale, shift, launch.output)
    }
}
