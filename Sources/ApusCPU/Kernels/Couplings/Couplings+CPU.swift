import ApusGraph

extension RowCoupling: CPUOperation {
    var accumulation: Accumulation { .optional }

    func prepared(for tensor: Tensor) -> any CPUOperation {
        CouplingKernel(coupling: self, accumulation: .optional, table: CouplingTable(sums.value, tensor))
    }

    func run(_ launch: borrowing Launch) { fatalError("a coupling is prepared before it runs") }
}

extension PairCoupling: CPUOperation {
    var accumulation: Accumulation { .optional }

    func prepared(for tensor: Tensor) -> any CPUOperation {
        let accumulation = tensor.rows == list.rows ? Accumulation.optional : .always
        if let name { return NamedPairKernel(form: name, list: list, accumulation: accumulation) }
        return CouplingKernel(coupling: self, accumulation: accumulation, table: CouplingTable(sums.value, tensor))
    }

    func run(_ launch: borrowing Launch) { fatalError("a coupling is prepared before it runs") }
}

/// A coupling with its table in the layout of the kernel, as programs run it.
struct CouplingKernel: CPUOperation {
    let coupling: any Operation
    let accumulation: Accumulation
    let table: CouplingTable

    var label: String { coupling.label }
    var kind: OperationKind { coupling.kind }
    var maps: [RowMap] { coupling.maps }

    static func == (a: CouplingKernel, b: CouplingKernel) -> Bool { a.table === b.table }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(table)) }

    func derivatives(of output: Tensor, cotangent: Tensor) -> [Tensor?] {
        fatalError("the kernel of a coupling exists in programs only")
    }

    func traffic(_ calls: Calls) -> Traffic { coupling.traffic(calls) }

    func run(_ launch: borrowing Launch) { table.run(launch, adds: accumulation == .always ? 1 : launch.adds) }
}

extension HarmonicFunctions: CPUOperation {
    func run(_ launch: borrowing Launch) {
        if launch.kernels.element_size == 4 {
            launch.kernels.solid_harmonics(launch.rows, degree, launch.input(0), norms.map(Float.init), launch.output)
        } else {
            launch.kernels.solid_harmonics(launch.rows, degree, launch.input(0), norms, launch.output)
        }
    }
}
