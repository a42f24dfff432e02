import ApusGraph

extension SegmentMaximum: CPUOperation {
    var accumulation: Accumulation { .maximum }

    func run(_ launch: borrowing Launch) {
        if !launch.accumulate { launch.kernels.fill_lowest(launch.rows * launch.shape.count, launch.output) }
        for k in maps.indices {
            launch.kernels.segment_maximum(
                launch.loopRows, launch.shape.count, launch.map(k), launch.input(k), launch.output)
        }
    }
}
