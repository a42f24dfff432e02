import ApusGraph

/// A matrix in the layout that the matrix product reads. Only the compiler makes this step; it has no derivative.
struct PackedMatrix: CPUOperation {
    let transposed: Bool
    var label: String { "pack" }
    var kind: OperationKind { .packing }

    func derivatives(of output: Tensor, cotangent: Tensor) -> [Tensor?] {
        fatalError("a packed matrix exists in programs only")
    }

    func run(_ launch: borrowing Launch) {
        let (rows, columns) = (launch.rows(0), launch.shape(0).features)
        launch.kernels.pack(
            transposed ? columns : rows, transposed ? rows : columns, launch.input(0), transposed ? 1 : 0,
            launch.output)
    }
}
