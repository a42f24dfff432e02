import ApusGraph

extension GaussianBasis: CPUOperation {
    func run(_ launch: borrowing Launch) {
        launch.kernels.gaussian_basis(
            launch.rows, launch.shape(1).features, launch.input(0), launch.input(1), launch.input(2), Int32(order),
            withConstant ? 1 : 0, launch.output)
    }
}

extension CosineCutoff: CPUOperation {
    func run(_ launch: borrowing Launch) {
        launch.kernels.cosine_cutoff(launch.rows, launch.input(0), radius, Int32(order), launch.output)
    }
}
