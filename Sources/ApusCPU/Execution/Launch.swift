import ApusGraph
import CApusKernels

/// What a kernel sees of one step of a program: pointers, row counts and shapes.
///
/// It exists only while the step runs; operations are the only code that reads it.
public struct Launch: ~Copyable {
    let kernelTable: UnsafePointer<apus_kernels>
    let step: Step
    let output: UnsafeMutableRawPointer
    let accumulate: Bool
    let locations: Locations
    let rowCounts: RowCounts
    let indices: ChunkIndices

    var kernels: apus_kernels { kernelTable.pointee }
    /// Rows of the output.
    var rows: Int { rowCounts[step.rows] }
    /// Extents of a row of the output.
    var shape: Shape { step.shape }

    func input(_ k: Int) -> UnsafeRawPointer { UnsafeRawPointer(locations[step.inputs[k].place]) }
    func rows(_ k: Int) -> Int { rowCounts[step.inputs[k].rows] }
    func shape(_ k: Int) -> Shape { step.inputs[k].shape }

    /// Row count times components: what a matrix product calls rows.
    func matrixRows(_ k: Int) -> Int { rows(k) * shape(k).components }

    /// The flag as the kernels take it.
    var adds: Int32 { accumulate ? 1 : 0 }
}
