import ApusGraph

extension VectorForm: CPUOperation {
    var accumulation: Accumulation {
        switch self {
        case .vector, .scalar: .always
        case .filter, .direction: .optional
        }
    }

    func run(_ launch: borrowing Launch) {
        let (i, j) = (launch.indices.pairFirst, launch.indices.pairSecond)
        let pairs = launch.rowCounts[.pairs]
        let (a, b, c) = (launch.input(0), launch.input(1), launch.input(2))
        switch self {
        case .vector: launch.kernels.vector_conv(pairs, i, j, launch.shape.features, a, b, c, launch.output)
        case .scalar: launch.kernels.vector_conv_scalar(pairs, i, j, launch.shape.features, a, b, c, launch.output)
        case .filter:
            launch.kernels.vector_conv_filter(pairs, i, j, launch.shape.features, a, b, c, launch.output, launch.adds)
        case .direction:
            launch.kernels.vector_conv_direction(
                pairs, i, j, launch.shape(1).features, a, b, c, launch.output, launch.adds)
        }
    }
}
