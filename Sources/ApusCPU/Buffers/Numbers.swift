import ApusGraph
import ApusSystem

/// A flat, aligned array of numbers in a precision: parameters, gradients, optimiser moments.
public final class Numbers {
    /// The format of the numbers.
    public let precision: Precision
    /// How many there are.
    public let count: Int
    let pointer: UnsafeMutableRawPointer

    /// Zeros.
    public init(count: Int, precision: Precision) {
        self.count = count
        self.precision = precision
        let bytes = max(count, 1) * precision.elementSize
        pointer = .allocate(byteCount: bytes, alignment: 64)
        pointer.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    }

    /// The given values, rounded to the precision.
    public convenience init(_ values: [Double], precision: Precision) {
        self.init(count: values.count, precision: precision)
        for (k, value) in values.enumerated() { self[k] = value }
    }

    deinit { pointer.deallocate() }

    /// One number.
    public subscript(index: Int) -> Double {
        get {
            require(index >= 0 && index < count, "index \(index) is not in 0..<\(count)")
            return switch precision {
            case .float32: Double(pointer.assumingMemoryBound(to: Float.self)[index])
            case .float64: pointer.assumingMemoryBound(to: Double.self)[index]
            }
        }
        set {
            require(index >= 0 && index < count, "index \(index) is not in 0..<\(count)")
            switch precision {
            case .float32: pointer.assumingMemoryBound(to: Float.self)[index] = Float(newValue)
            case .float64: pointer.assumingMemoryBound(to: Double.self)[index] = newValue
            }
        }
    }

    /// All numbers.
    public var values: [Double] { (0..<count).map { self[$0] } }

    /// The numbers of a stretch.
    public subscript(span: Program.Span) -> [Double] {
        (span.offset..<span.offset + span.count).map { self[$0] }
    }

    /// Sets all numbers, rounded to the precision.
    public func set(_ values: [Double]) {
        require(values.count == count, "\(values.count) values for \(count) numbers")
        for (k, value) in values.enumerated() { self[k] = value }
    }

    /// Takes over the numbers of another array of the same size and precision.
    public func copy(from other: Numbers) {
        require(other.count == count && other.precision == precision, "arrays of different kinds")
        pointer.copyMemory(from: other.pointer, byteCount: count * precision.elementSize)
    }
}

extension Numbers {
    /// Moves every number towards that of another array: x ← x + f (y − x).
    public func approach(_ other: Numbers, by fraction: Double) {
        require(other.count == count && other.precision == precision, "arrays of different kinds")
        switch precision {
        case .float32: approach(other, Float(fraction))
        case .float64: approach(other, fraction)
        }
    }

    private func approach<Real: BinaryFloatingPoint>(_ other: Numbers, _ fraction: Real) {
        let x = pointer.assumingMemoryBound(to: Real.self)
        let y = other.pointer.assumingMemoryBound(to: Real.self)
        for k in 0..<count { x[k] += fraction * (y[k] - x[k]) }
    }
}
