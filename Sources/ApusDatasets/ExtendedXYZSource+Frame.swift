import ApusChemistry
import ApusFiles

extension ExtendedXYZSource {
    /// Takes the properties of one frame from their keys.
    struct FrameContent {
        /// The keys that name the molecule.
        static let recordKeys = ["name", "record"]

        let frame: ExtendedXYZ.Frame
        let keys: [Property: String]
        let place: Configuration.Place

        /// - Throws: ``ApusError`` when a value has not the form of its property, and for a periodic cell.
        func sourceFrame() throws -> SourceFrame {
            guard !frame.periodic.contains(true) else {
                throw place.error(
                    "the frame is periodic, and periodic cells are not supported yet",
                    remedy: "to treat it as an isolated molecule, write pbc=\"F F F\" in its comment line")
            }
            guard let positions = try threeByAtom(.positions) else {
                throw place.error("the frame has no positions", remedy: "complete it or remove it")
            }
            return SourceFrame(
                numbers: try atomicNumbers(), positions: positions, charge: try totalCharge(),
                record: FrameContent.recordKeys.lazy.compactMap { frame[info: $0]?.text }.first,
                energy: try energy(), forces: try threeByAtom(.forces), dipole: try dipole(), charges: try charges(),
                place: place)
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

        private func energy() throws -> Double? {
            guard let value = value(.energy) else { return nil }
            guard let numbers = value.reals, numbers.count == 1 else {
                throw wrongValue(.energy, value, "must be one number")
            }
            return numbers[0]
        }

        private func totalCharge() throws -> Int {
            guard let value = value(.totalCharge) else { return 0 }
            guard let number = value.real, let charge = Int(exactly: number) else {
                throw wrongValue(.totalCharge, value, "must be a whole number")
            }
            return charge
        }

        private func dipole() throws -> SIMD3<Double>? {
            guard let value = value(.dipole) else { return nil }
            guard let numbers = value.reals, numbers.count == 3 else {
                throw wrongValue(.dipole, value, "must be three numbers")
            }
            return vectors(numbers)[0]
        }

        private func charges() throws -> [Double]? {
            guard let key = keys[.charges], let column = frame.column(key) else { return nil }
            guard column.width == 1, let numbers = column.reals else {
                throw wrongShape(.charges, column, "one number")
            }
            return numbers
        }

        private func threeByAtom(_ property: Property) throws -> [SIMD3<Double>]? {
            guard let key = keys[property], let column = frame.column(key) else { return nil }
            guard column.width == 3, let numbers = column.reals else {
                throw wrongShape(property, column, "three numbers")
            }
            return vectors(numbers)
        }

        private func value(_ property: Property) -> ExtendedXYZ.Value? {
            keys[property].flatMap { frame[info: $0] }
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
    fileprivate var reals: [Double]? {
        switch values {
        case .real(let numbers): numbers
        case .integer(let numbers): numbers.map { Double($0) }
        default: nil
        }
    }
}
