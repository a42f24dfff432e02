import ApusFiles
import ApusSystem

/// A data set of an HDF5 file, read as a whole or some rows at a time: a row is what the first index selects.
public final class HDF5Dataset {
    /// The types of elements that are told apart.
    public enum ElementType: Sendable, Equatable {
        /// Floating point of this many bytes.
        case real(width: Int)
        /// Whole numbers and booleans.
        case integer
        /// Text.
        case text
        /// Anything else, such as compound types.
        case other

        /// A number for each type: the width, or one below zero.
        var code: Int {
            switch self {
            case .real(let width): width
            case .integer: -1
            case .text: -2
            case .other: -3
            }
        }

        init(code: Int) {
            self = [-1: .integer, -2: .text, -3: .other][code] ?? .real(width: code)
        }
    }

    /// The path in the file.
    public let name: String
    /// The extents, slowest first; empty for a scalar.
    public let shape: [Int]
    /// The type of the elements.
    public let elementType: ElementType
    private let id: Int
    private let file: HDF5File
    /// So many elements are asked for at a time.
    private static let blockSize = 1 << 20
    /// A row has no more elements.
    private static let longestRow = 1 << 26

    init(_ name: String, file: HDF5File) throws {
        let numbers = try file.session.answer(HDF5Request(operation: .open, name: name)).integers
        guard numbers.count >= 2 else { throw hdf5Failure("it cannot be opened", file: file.path, place: name) }
        (self.name, self.file, id) = (name, file, numbers[0])
        elementType = ElementType(code: numbers[1])
        shape = Array(numbers[2...])
    }

    deinit { _ = try? file.session.answer(HDF5Request(operation: .close, dataset: id)) }

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }

    /// The number of rows; a scalar is one row.
    public var rowCount: Int { shape.first ?? 1 }

    /// The elements of some rows as float64.
    ///
    /// - Throws: ``ApusError`` when they are no numbers or cannot be read.
    public func doubles(rows: Range<Int>? = nil) throws -> [Double] {
        try requireNumbers()
        return try elements(.reals, rows) { $0.reals }
    }

    /// The elements of some rows as integers.
    ///
    /// - Throws: ``ApusError`` when they are no whole numbers or cannot be read.
    public func integers(rows: Range<Int>? = nil) throws -> [Int] {
        try requireNumbers()
        guard elementType == .integer else {
            // Some writers store atomic numbers as floating point.
            return try doubles(rows: rows).map { value in
                guard let integer = Int(exactly: value) else {
                    throw file.failure("it holds \(value) where whole numbers are needed", place: name, remedy: nil)
                }
                return integer
            }
        }
        return try elements(.integers, rows) { $0.integers }
    }

    /// All elements as text.
    ///
    /// - Throws: ``ApusError`` when they are no text or cannot be read.
    public func strings() throws -> [String] {
        let texts = try file.session.answer(HDF5Request(operation: .texts, name: name, dataset: id)).texts
        guard texts.count == count else { throw file.failure("its text cannot be read", place: name) }
        return texts
    }

    /// The text of an attribute; nil when there is none.
    public func text(attribute: String) -> String? { file.text(attribute: attribute, of: name) }

    private func requireNumbers() throws {
        switch elementType {
        case .real, .integer: return
        default: throw file.failure("it holds no numbers where numbers are needed", place: name, remedy: nil)
        }
    }

    private func elements<Element>(
        _ operation: HDF5Request.Operation, _ rows: Range<Int>?, _ part: (HDF5Answer) -> [Element]
    ) throws -> [Element] {
        let rows = rows ?? 0..<rowCount
        require(rows.lowerBound >= 0 && rows.upperBound <= rowCount, "HDF5Dataset: rows outside of the data set")
        let width = shape.dropFirst().reduce(1, *)
        guard width <= Self.longestRow else {
            throw file.failure("its rows have \(width) elements, but at most \(Self.longestRow) are read", place: name)
        }
        let step = max(1, Self.blockSize / max(width, 1))
        var elements: [Element] = []
        for start in stride(from: rows.lowerBound, to: rows.upperBound, by: step) {
            let block = start..<min(start + step, rows.upperBound)
            let request = HDF5Request(operation: operation, name: name, dataset: id, rows: block)
            let values = part(try file.session.answer(request))
            guard values.count == block.count * width else {
                throw file.failure("its elements cannot be read", place: name)
            }
            if block == rows { return values }
            elements += values
        }
        return elements
    }
}
