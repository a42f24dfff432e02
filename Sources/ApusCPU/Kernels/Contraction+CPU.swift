import ApusGraph

extension Contraction: CPUOperation {
    var accumulation: Accumulation { .optional }

    func run(_ launch: borrowing Launch) {
        let (a, b, out) = (launch.shape(0), launch.shape(1), launch.shape)
        let extents = full(a, b)
        let flag = { (extent: Int) -> Int32 in extent > 1 ? 1 : 0 }
        launch.kernels.contract(
            launch.rows, extents.components, extents.features, launch.input(0), flag(a.components), flag(a.features),
            launch.input(1), flag(b.components), flag(b.features), launch.output, flag(out.components),
            flag(out.features), launch.adds)
    }
}
