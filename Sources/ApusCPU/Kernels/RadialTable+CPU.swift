import ApusGraph

extension TableLookup: CPUOperation {
    var accumulation: Accumulation { .optional }

    func run(_ launch: borrowing Launch) {
        launch.kernels.table_lookup(
            launch.rows, launch.shape.features, launch.input(1), launch.rows(0), spacing, Int32(order), launch.input(0),
            launch.output, launch.adds)
    }
}

extension TableScatter: CPUOperation {
    var accumulation: Accumulation { .always }

    func run(_ launch: borrowing Launch) {
        launch.kernels.table_scatter(
            launch.rows(0), launch.shape.features, launch.input(1), launch.rows, lookup.spacing, Int32(lookup.order),
            launch.input(0), launch.output)
    }
}
