import ApusGraph

extension VectorForm: CPUOperation {
    var accumulation: Accumulation {
        switch omitted {
        case .vector, .scalar: .always
        case .filter, .direction: .optional
        }
    }

    func run(_ launch: borrowing Launch) {
        let (i, j) = (launch.map(0), launch.map(1))
        let pairs = launch.loopRows
        let (a, b, c) = (launch.input(0), launch.input(1), launch.input(2))
        switch omitted {
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
