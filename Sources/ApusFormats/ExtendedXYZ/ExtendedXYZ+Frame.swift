import ApusFiles
import ApusSystem

extension ExtendedXYZ {
    /// One configuration: columns with a row per atom, and values of the whole.
    public struct Frame: Sendable, Equatable {
        /// The number of atoms, which is the number of rows.
        public let atomCount: Int
        /// The columns in the order of the file.
        public var columns: [Column]
        /// The key-value pairs in the order of the file, without `Lattice`, `pbc` and `Properties`.
        ///
        /// The second line of a plain frame, if it is prose, is the value of `comment`.
        public var info: [(key: String, value: Value)]
        /// The cell vectors a₁, a₂, a₃ one after the other: nine numbers, nil without a cell.
        public var lattice: [Double]?
        /// Whether the cell repeats along a₁, a₂, a₃; without `pbc` in the file it does if there is a cell.
        public var periodic: [Bool]
        /// Words of an atom line that a plain frame, whose second line does not name them, has beyond element and position.
        public internal(set) var unreadColumns = 0
        /// The file the frame was read from, empty for others.
        public let file: String
        /// The line of the atom count in the file, from 1; 0 for frames not read from a file.
        public let line: Int

        /// Creates a frame to be written; every column must have `atomCount` rows.
        public init(
            atomCount: Int, columns: [Column], info: [(key: String, value: Value)] = [], lattice: [Double]? = nil,
            periodic: [Bool]? = nil
        ) {
            self.init(
                atomCount: atomCount, columns: columns, info: info, lattice: lattice,
                periodic: periodic ?? [Bool](repeating: lattice != nil, count: 3), file: "", line: 0)
        }

        init(
            atomCount: Int, columns: [Column], info: [(key: String, value: Value)], lattice: [Double]?,
            periodic: [Bool], file: String, line: Int
        ) {
            require(atomCount > 0, "a frame needs an atom")
            require(columns.allSatisfy { $0.count == atomCount * $0.width }, "a column has a wrong number of rows")
            require(lattice.map { $0.count == 9 } ?? true, "a lattice has nine numbers")
            require(periodic.count == 3, "there are three directions")
            self.atomCount = atomCount
            self.columns = columns
            self.info = info
            self.lattice = lattice
            self.periodic = periodic
            self.file = file
            self.line = line
        }

        /// The value of a key, nil when the frame does not have it.
        public subscript(info key: String) -> Value? {
            info.first { $0.key == key }?.value
        }

        /// The column with this name, nil when the frame does not have it.
        public func column(_ name: String) -> Column? {
            columns.first { $0.name == name }
        }

        /// The numbers of a column of kind R or I, row by row.
        ///
        /// - Throws: ``ApusError`` when there is no such column or it holds something else.
        public func real(column name: String) throws -> [Double] {
            switch try existing(name).values {
            case .real(let values): return values
            case .integer(let values): return values.map { Double($0) }
            default: throw mismatch(name, "real numbers (R)")
            }
        }

        /// The numbers of a column of kind I, row by row.
        ///
        /// - Throws: ``ApusError`` when there is no such column or it holds something else.
        public func integer(column name: String) throws -> [Int] {
            guard case .integer(let values) = try existing(name).values else { throw mismatch(name, "integers (I)") }
            return values
        }

        /// The text of a column of kind S, row by row.
        ///
        /// - Throws: ``ApusError`` when there is no such column or it holds something else.
        public func string(column name: String) throws -> [String] {
            guard case .string(let values) = try existing(name).values else { throw mismatch(name, "strings (S)") }
            return values
        }

        /// The truth values of a column of kind L, row by row.
        ///
        /// - Throws: ``ApusError`` when there is no such column or it holds something else.
        public func logical(column name: String) throws -> [Bool] {
            guard case .logical(let values) = try existing(name).values else { throw mismatch(name, "booleans (L)") }
            return values
        }

        /// Whether the content is equal; the origin does not count.
        public static func == (left: Frame, right: Frame) -> Bool {
            left.atomCount == right.atomCount && left.columns == right.columns && left.lattice == right.lattice
                && left.periodic == right.periodic && left.info.elementsEqual(right.info, by: ==)
        }

        private func existing(_ name: String) throws -> Column {
            guard let column = column(name) else {
                throw failure(
                    "there is no column \(quoted(name))",
                    remedy: "the columns are \(columns.map(\.name).joined(separator: ", "))")
            }
            return column
        }

        private func mismatch(_ name: String, _ wanted: String) -> ApusError {
            failure(
                "column \(quoted(name)) is of kind \(column(name)?.kind.rawValue ?? "") where \(wanted) are needed",
                remedy: "correct 'Properties'")
        }

        private func failure(_ problem: String, remedy: String) -> ApusError {
            ApusError(
                .data, file: file.isEmpty ? nil : file, place: line > 0 ? "frame at line \(line)" : nil,
                problem: problem, remedy: remedy)
        }
    }
}
