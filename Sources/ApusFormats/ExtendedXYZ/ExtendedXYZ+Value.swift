import ApusFiles

extension ExtendedXYZ {
    /// A value of the comment line.
    public enum Value: Sendable, Equatable {
        /// A whole number.
        case integer(Int)
        /// A real number.
        case real(Double)
        /// A truth value.
        case logical(Bool)
        /// Text.
        case string(String)
        /// A list, of lists for a matrix.
        case array([Value])
        /// A value that only JSON can express, written with the prefix `_JSON`.
        case json(JSONValue)

        /// A list of real numbers.
        public init(_ values: [Double]) {
            self = .array(values.map { .real($0) })
        }

        /// The value as a whole number.
        public var integer: Int? {
            if case .integer(let value) = self { value } else { nil }
        }

        /// The value as a real number; whole numbers count.
        public var real: Double? {
            switch self {
            case .real(let value): value
            case .integer(let value): Double(value)
            default: nil
            }
        }

        /// The value as a truth value.
        public var logical: Bool? {
            if case .logical(let value) = self { value } else { nil }
        }

        /// The value as text.
        public var string: String? {
            if case .string(let value) = self { value } else { nil }
        }

        /// The value in words, of a list those of its elements with spaces between; a number such as `name=6` may be a name.
        public var text: String {
            switch self {
            case .string(let value): value
            case .integer(let value): String(value)
            case .real(let value): String(value)
            case .logical(let value): value ? "T" : "F"
            case .array(let values): values.map(\.text).joined(separator: " ")
            case .json(let value): "\(value)"
            }
        }

        /// All numbers of a scalar, list or matrix, row by row; nil when something else is among them.
        public var reals: [Double]? {
            guard case .array(let elements) = self else { return real.map { [$0] } }
            var numbers: [Double] = []
            for element in elements {
                guard let part = element.reals else { return nil }
                numbers += part
            }
            return numbers
        }

        /// All truth values of a scalar or list, where 1 and 0 count; nil when something else is among them.
        var logicals: [Bool]? {
            switch self {
            case .logical(let value): return [value]
            case .integer(1): return [true]
            case .integer(0): return [false]
            case .array(let elements):
                let parts = elements.compactMap(\.logicals)
                return parts.count == elements.count ? parts.flatMap { $0 } : nil
            default: return nil
            }
        }
    }
}
