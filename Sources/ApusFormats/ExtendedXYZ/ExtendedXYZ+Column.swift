import ApusFiles
import ApusSystem

extension ExtendedXYZ {
    /// A named group of columns of the atom lines.
    public struct Column: Sendable, Equatable {
        /// The kinds of columns, named by their letter in `Properties`.
        public enum Kind: String, Sendable, CaseIterable {
            /// Text without white space.
            case string = "S"
            /// Whole numbers.
            case integer = "I"
            /// Real numbers.
            case real = "R"
            /// Truth values.
            case logical = "L"
        }

        /// The values of all rows, one row after the other.
        public enum Values: Sendable, Equatable {
            /// Values of a column of kind S.
            case string([String])
            /// Values of a column of kind I.
            case integer([Int])
            /// Values of a column of kind R.
            case real([Double])
            /// Values of a column of kind L.
            case logical([Bool])
        }

        /// The name in `Properties`.
        public let name: String
        /// The number of values per atom.
        public let width: Int
        /// The values, `width` of them per atom.
        public let values: Values

        /// Creates a column.
        public init(name: String, width: Int, values: Values) {
            require(width > 0, "a column has at least one value per atom")
            self.name = name
            self.width = width
            self.values = values
        }

        /// The kind of the values.
        public var kind: Kind {
            switch values {
            case .string: .string
            case .integer: .integer
            case .real: .real
            case .logical: .logical
            }
        }

        /// The number of values of all rows together.
        var count: Int {
            switch values {
            case .string(let values): values.count
            case .integer(let values): values.count
            case .real(let values): values.count
            case .logical(let values): values.count
            }
        }
    }
}
