/// Numbers that come with every batch.
package struct Input: Operation {
    package let name: String
    package var label: String { "input" }
    package var kind: OperationKind { .copy }
    package func derivatives(of output: Tensor, cotangent: Tensor) -> [Tensor?] { [] }
    package func work(of output: Tensor) -> Work { Work(rows: output.rows) }
}

/// Numbers that training changes.
package struct Parameter: Operation {
    package let name: String
    package let index: Int
    package var label: String { "parameter" }
    package var kind: OperationKind { .copy }
    package func derivatives(of output: Tensor, cotangent: Tensor) -> [Tensor?] { [] }
    package func work(of output: Tensor) -> Work { Work(rows: output.rows) }
}

/// Fixed numbers; they are written once, when an executor is made.
package struct Constant: Operation {
    package let values: [Double]
    package var label: String { "constant" }
    package var kind: OperationKind { .copy }
    package func derivatives(of output: Tensor, cotangent: Tensor) -> [Tensor?] { [] }
    package func work(of output: Tensor) -> Work { Work(rows: output.rows) }
}
