import ApusGraph

extension RowCoupling: CPUOperation {
    var accumulation: Accumulation { .optional }

    func prepared(for tensor: Tensor) -> any CPUOperation {
        CouplingKernel(
            label: label, kind: kind, accumulation: accumulation, overPairs: false,
            table: CouplingTable(sums.value, tensor))
    }

    func run(_ launch: borrowing Launch) { fatalError("a coupling is prepared before it runs") }
}

extension PairCoupling: CPUOperation {
    var accumulation: Accumulation { .optional }

    func prepared(for tensor: Tensor) -> any CPUOperation {
        let accumulation = tensor.rows == .atoms ? Accumulation.always : .optional
        if let name {
            return NamedPairKernel(form: name, accumulation: accumulation)
        }
        return CouplingKernel(
            label: label, kind: kind, accumulation: accumulation, overPairs: true,
            table: CouplingTable(sums.value, tensor))
    }

    func run(_ launch: borrowing Launch) { fatalError("a coupling is prepared before it runs") }
}

/// A coupling with its table in the layout of the kernel, as programs run it.
struct CouplingKernel: CPUOperation {
    let label: String
    let kind: OperationKind
    let accumulation: Accumulation
    let overPairs: Bool
    let table: CouplingTable

    static func == (a: CouplingKernel, b: CouplingKernel) -> Bool { a.table === b.table }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(table)) }

    func derivatives(of output: Tensor, cotangent: Tensor) -> [Tensor?] {
        fatalError("the kernel of a coupling exists in programs only")
    }

    func traffic(_ calls: Calls) -> Traffic { overPairs ? calls.pairTraffic : calls.plainTraffic }

    func run(_ launch: borrowing Launch) {
        let rows = overPairs ? launch.rowCounts[.pairs] : launch.rows
        table.run(launch, rows: rows, adds: accumulation == .always ? 1 : launch.adds)
    }
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
