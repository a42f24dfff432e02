import ApusGraph

/// A form over pairs that has a kernel of its own, as programs run it.
struct NamedPairKernel: CPUOperation {
    let form: NamedPairForm
    let list: PairList
    let accumulation: Accumulation

    var label: String { form.rawValue }
    var kind: OperationKind { form.kind }
    var maps: [RowMap] { list.ends }

    func derivatives(of output: Tensor, cotangent: Tensor) -> [Tensor?] {
        fatalError("a kernel of a pair form exists in programs only")
    }

    func traffic(_ calls: Calls) -> Traffic { calls.traffic(over: list) }

    func run(_ launch: borrowing Launch) {
        let (pairs, i, j) = (launch.loopRows, launch.map(0), launch.map(1))
        let (shape, out) = (launch.shape, launch.output)
        let (a, b) = (launch.input(0), launch.input(1))
        switch form {
        case .convolution: launch.kernels.conv(pairs, i, j, shape.components, shape.features, a, b, out)
        case .product:
            launch.kernels.pair_multiply(
                pairs, i, j, launch.shape(0).components, shape.features, a, b, out, launch.adds)
        case .vector: launch.kernels.vector_conv(pairs, i, j, shape.features, a, b, launch.input(2), out)
        case .scalar: launch.kernels.vector_conv_scalar(pairs, i, j, shape.features, a, b, launch.input(2), out)
        case .filter:
            launch.kernels.vector_conv_filter(
                pairs, i, j, shape.features, a, b, launch.input(2), out, launch.adds)
        case .direction:
            launch.kernels.vector_conv_direction(
                pairs, i, j, launch.shape(0).features, a, b, launch.input(2), out, launch.adds)
        }
    }
}
