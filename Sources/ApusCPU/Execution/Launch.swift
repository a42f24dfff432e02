import ApusGraph
import CApusKernels

/// What a kernel sees of one step of a program: pointers, row counts and shapes.
///
/// It exists only while the step runs; operations are the only code that reads it.
struct Launch: ~Copyable {
    let kernelTable: UnsafePointer<apus_kernels>
    let step: Step
    let output: UnsafeMutableRawPointer
    let accumulate: Bool
    let locations: Locations
    let counts: UnsafePointer<Int>
    let maps: UnsafePointer<UnsafePointer<Int32>>

    var kernels: apus_kernels { kernelTable.pointee }
    /// Rows of the output.
    var rows: Int { step.extent.count(counts) }
    /// Extents of a row of the output.
    var shape: Shape { step.output.shape }
    /// Rows that the operation goes through.
    var loopRows: Int { step.loopExtent.count(counts) }

    func input(_ k: Int) -> UnsafeRawPointer { UnsafeRawPointer(locations[step.inputs[k].place]) }
    func rows(_ k: Int) -> Int { step.inputExtents[k].count(counts) }
    func shape(_ k: Int) -> Shape { step.inputs[k].shape }

    /// The entries of the k-th map of the operation.
    func map(_ k: Int) -> UnsafePointer<Int32> { maps[step.maps[k]] }

    /// Row count times components: what a matrix product calls rows.
    func matrixRows(_ k: Int) -> Int { rows(k) * shape(k).components }

    /// The flag as the kernels take it.
    var adds: Int32 { accumulate ? 1 : 0 }
}
