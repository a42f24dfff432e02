import ApusChemistry
import ApusFiles

extension ExtendedXYZReader {
    /// Takes the properties of one frame from their keys.
    struct FrameContent {
        /// The keys that name the molecule.
        static let recordKeys = ["name", "record"]

        let frame: ExtendedXYZ.Frame
        let keys: [Property: String]
        /// Labels under keys that contradict each other, with the reason.
        let leftOut: [Property: ApusError]
        let options: ReadingOptions
        let place: Configuration.Place

        /// - Throws: ``ApusError`` when a value has not the form of its property.
        func sourceFrame() throws -> SourceFrame {
            guard let positions = try column(.positions) else {
                throw place.error("the frame has no positions", remedy: "complete it or remove it")
            }
            var labels: [Property: [Double]] = [:]
            var leftOut = leftOut
            for property in keys.keys where property != .positions && property != .atomicNumbers {
                do { labels[property] = property.isColumn ? try column(property) : try value(property) } catch let
                    reason as ApusError where !options.needs(property)
                {
                    leftOut[property] = reason
                }
            }
            return SourceFrame(
                numbers: try atomicNumbers(), positions: vectors(positions), labels: labels, leftOut: leftOut,
                cell: cell,
                record: FrameContent.recordKeys.lazy.compactMap { frame[info: $0]?.text }.first, place: place)
        }

        private var cell: SourceFrame.Cell? {
            guard let lattice = frame.lattice, frame.periodic.contains(true) else { return nil }
            return SourceFrame.Cell(vectors: vectors(lattice), isPeriodicAlong: frame.periodic)
        }

        private func atomicNumbers() throws -> [Int] {
            guard let key = keys[.atomicNumbers], let column = frame.column(key) else {
                throw place.error("the frame has no column with the elements", remedy: "complete it or remove it")
            }
            guard column.width == 1 else { throw wrongShape(.atomicNumbers, column, "one symbol or number") }
            switch column.values {
            case .integer(let numbers): return numbers
            case .string(let symbols): return try symbols.enumerated().map { try atomicNumber($1, atom: $0) }
            default: throw wrongShape(.atomicNumbers, column, "one symbol or number")
            }
        }

        private func atomicNumber(_ text: String, atom: Int) throws -> Int {
            do throws(ElementError) {
                // Some programs write the number in place of the symbol.
                if let number = Int(text) { return try Element(atomicNumber: number).atomicNumber }
                return try Element(symbol: text).atomicNumber
            } catch {
                let line = place.line.map { $0 + 2 + atom }
                throw Configuration.Place(file: place.file, frame: place.frame, line: line).error("\(error)")
            }
        }

        /// The numbers of a property in the comment line.
        private func value(_ property: Property) throws -> [Double]? {
            guard let value = keys[property].flatMap({ frame[info: $0] }) else { return nil }
            guard let numbers = value.reals, numbers.count == property.components else {
                throw wrongValue(property, value, "must be \(property.numbers)")
            }
            guard !property.isWhole || numbers.allSatisfy(isWhole) else {
                throw wrongValue(property, value, "must be a whole number")
            }
            return numbers
        }

        /// The numbers of a property in the atom lines.
        private func column(_ property: Property) throws -> [Double]? {
            guard let key = keys[property], let column = frame.column(key) else { return nil }
            guard column.width == property.components, let numbers = column.reals else {
                throw wrongShape(property, column, property.numbers)
            }
            return numbers
        }

        private func wrongValue(_ property: Property, _ value: ExtendedXYZ.Value, _ rule: String) -> ApusError {
            place.error(
                "the \(property.name) '\(keys[property] ?? "")' \(rule), but it is '\(value.text)'",
                remedy: "correct or remove it")
        }

        private func wrongShape(
            _ property: Property, _ column: ExtendedXYZ.Column, _ rule: String
        ) -> ApusError {
            place.error(
                "the column '\(column.name)' with the \(property.name) must have \(rule) per atom, but it is "
                    + "\(column.name):\(column.kind.rawValue):\(column.width)",
                remedy: "correct 'Properties', or name another column with properties_assignment")
        }
    }
}

extension ExtendedXYZ.Column {
    /// The numbers of a column of kind R or I.
    var reals: [Double]? {
        switch values {
        case .real(let numbers): numbers
        case .integer(let numbers): numbers.map { Double($0) }
        default: nil
        }
    }
}

extension Property {
    /// How many numbers a value has, in words.
    fileprivate var numbers: String {
        components == 1 ? "one number" : components == 3 ? "three numbers" : "nine numbers"
    }
}
