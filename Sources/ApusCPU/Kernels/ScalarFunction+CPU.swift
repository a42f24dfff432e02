import ApusGraph
import CApusKernels

extension ElementWise: CPUOperation {
    var runsInPlace: Bool { true }

    func run(_ launch: borrowing Launch) {
        launch.kernels.function(
            function.number, Int32(order), launch.rows * launch.shape.count, launch.input(0), launch.output)
    }
}

extension ScalarFunction {
    /// The number of the function in the table of kernels.
    fileprivate var number: Int32 {
        switch self {
        case .shiftedSoftplus: Int32(APUS_SHIFTED_SOFTPLUS)
        case .silu: Int32(APUS_SILU)
        case .rectifier: Int32(APUS_RECTIFIER)
        case .negativeExponential: Int32(APUS_NEGATIVE_EXPONENTIAL)
        case .normalDistribution: Int32(APUS_NORMAL_DISTRIBUTION)
        case .squareRoot: Int32(APUS_SQUARE_ROOT)
        case .reciprocal: Int32(APUS_RECIPROCAL)
        case .absolute: Int32(APUS_ABSOLUTE)
        case .clamp: Int32(APUS_CLAMP)
        }
    }
}
