import ApusGraph
import CApusKernels

/// The nested sums of a coupling in the layout of the kernel (`apus_coupling`), for both precisions.
final class CouplingTable: @unchecked Sendable {
    /// An input, or the output, with the row that is read or written for a row or pair.
    private struct Source: Hashable {
        let argument: Int
        let end: NestedSum.End
        let length: Int
    }

    private let sources: [Source]
    private let targets: [Source]
    private var float = apus_coupling()
    private var double = apus_coupling()
    /// What the tables point to. Nothing is changed after initialisation.
    private var allocations: [UnsafeMutableRawPointer] = []

    init(_ sum: NestedSum, _ tensor: Tensor) {
        let features = ([tensor] + tensor.inputs).map(\.shape.features).max()!
        func source(_ factor: NestedSum.Factor) -> Source {
            Source(
                argument: factor.argument, end: factor.end, length: tensor.inputs[factor.argument].shape.count)
        }
        let leafFactors = sum.leaves.map(\.factor) + sum.levels.joined().map(\.factor)
        let wide = Array(Set(leafFactors)).sorted()
        let narrow = Array(Set(sum.coefficients.flatMap { $0.terms.flatMap(\.factors) })).sorted()
        var sources: [Source] = []
        for factor in wide + narrow where !sources.contains(source(factor)) { sources.append(source(factor)) }
        let ends = sum.outputs.contains { $0.end == .first } ? [NestedSum.End.first, .second] : [.own]
        self.sources = sources
        targets = ends.map { Source(argument: -1, end: $0, length: tensor.shape.count) }

        func entry(_ factor: NestedSum.Factor) -> apus_coupling_factor {
            let offset = factor.component * tensor.inputs[factor.argument].shape.features
            return apus_coupling_factor(rows: Int32(sources.firstIndex(of: source(factor))!), offset: Int32(offset))
        }
        let numberOf = Dictionary(uniqueKeysWithValues: wide.enumerated().map { ($1, Int32($0)) })
        let numberOfNarrow = Dictionary(uniqueKeysWithValues: narrow.enumerated().map { ($1, Int32($0)) })
        let count = sum.coefficients.count

        var form = apus_coupling()
        form.features = features
        form.levels = Int32(sum.levels.count + 1)
        form.sums_features = tensor.shape.features < features ? 1 : 0
        (form.input_count, form.target_count) = (sources.count, ends.count)
        (form.factor_count, form.factors) = (wide.count, keep(wide.map(entry)))
        (form.narrow_count, form.narrow) = (narrow.count, keep(narrow.map(entry)))
        form.output_count = sum.outputs.count
        form.outputs = keep(
            sum.outputs.map { output in
                apus_coupling_output(
                    rows: Int32(ends.firstIndex(of: output.end)!),
                    offset: Int32(output.component * tensor.shape.features),
                    begin: Int32(output.children.lowerBound), end: Int32(output.children.upperBound))
            })
        let nodes = sum.levels.reversed().map { level in
            keep(
                level.map {
                    apus_coupling_node(
                        factor: numberOf[$0.factor]!, begin: Int32($0.children.lowerBound),
                        end: Int32($0.children.upperBound))
                })
        }
        func level(_ k: Int) -> UnsafePointer<apus_coupling_node>? { k < nodes.count ? nodes[k] : nil }
        form.nodes = (level(0), level(1), level(2), level(3))
        form.leaves = keep(
            sum.leaves.map {
                apus_coupling_leaf(
                    factor: numberOf[$0.factor]!, coefficient: Int32($0.coefficient + ($0.isNegative ? count : 0)))
            })
        form.coefficient_count = count
        let terms = sum.coefficients.flatMap(\.terms)
        form.narrow_order = terms.first?.factors.count ?? 0
        var end: Int32 = 0
        form.coefficient_ends = keep(
            sum.coefficients.map {
                end += Int32($0.terms.count)
                return end
            })
        form.coefficient_factors = keep(terms.flatMap { $0.factors.map { numberOfNarrow[$0]! } })
        let values = terms.map(\.value)
        let constants = narrow.isEmpty ? values + values.map { -$0 } : values
        (float, double) = (form, form)
        float.constants = UnsafeRawPointer(keep(constants.map(Float.init)))
        double.constants = UnsafeRawPointer(keep(constants))
    }

    deinit { for allocation in allocations { allocation.deallocate() } }

    private func keep<Element>(_ values: [Element]) -> UnsafePointer<Element> {
        let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(values.count, 1))
        _ = memory.initialize(from: values)
        allocations.append(UnsafeMutableRawPointer(memory.baseAddress!))
        return UnsafePointer(memory.baseAddress!)
    }

    func run(_ launch: borrowing Launch, adds: Int32) {
        var form = launch.kernels.element_size == 4 ? float : double
        let scratch = launch.kernels.coupling_scratch(&form)
        withUnsafeTemporaryAllocation(of: apus_rows.self, capacity: sources.count + targets.count) { arrays in
            for (k, source) in (sources + targets).enumerated() {
                let start =
                    source.argument < 0
                    ? launch.output : UnsafeMutableRawPointer(mutating: launch.input(source.argument))
                let index: UnsafePointer<Int32>? =
                    switch source.end {
                    case .own: nil
                    case .first: launch.map(0)
                    case .second: launch.map(1)
                    }
                arrays.initializeElement(at: k, to: apus_rows(start: start, index: index, length: source.length))
            }
            withUnsafeTemporaryAllocation(byteCount: scratch, alignment: 64) { scratch in
                launch.kernels.coupling(
                    launch.loopRows, &form, arrays.baseAddress!, arrays.baseAddress! + sources.count, adds,
                    scratch.baseAddress!)
            }
        }
    }
}
