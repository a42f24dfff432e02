/// Numbers that come with every batch.
struct Input: Operation {
    let name: String
    var label: String { "input" }
    var kind: OperationKind { .copy }
    func derivatives(of output: Tensor, cotangent: Tensor) -> [Tensor?] { [] }
    func work(of output: Tensor) -> Work { Work(rows: output.rows) }
    func run(_ launch: borrowing Launch) {}
}

/// Numbers that training changes.
struct Parameter: Operation {
    let name: String
    let index: Int
    var label: String { "parameter" }
    var kind: OperationKind { .copy }
    func derivatives(of output: Tensor, cotangent: Tensor) -> [Tensor?] { [] }
    func work(of output: Tensor) -> Work { Work(rows: output.rows) }
    func run(_ launch: borrowing Launch) {}
}

/// Fixed numbers; they are written once, when an executor is made.
struct Constant: Operation {
    let values: [Double]
    var label: String { "constant" }
    var kind: OperationKind { .copy }
    func derivatives(of output: Tensor, cotangent: Tensor) -> [Tensor?] { [] }
    func work(of output: Tensor) -> Work { Work(rows: output.rows) }
    func run(_ launch: borrowing Launch) {}
}
