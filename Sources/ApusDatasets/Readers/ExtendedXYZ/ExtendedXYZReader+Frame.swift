import ApusChemistry
import ApusFiles
import ApusFormats

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
        let notes: ReadingNotes

        /// - Throws: `ApusError` when a value has not the form of its property.
        func sourceFrame() throws -> SourceFrame {
            guard let positions = try column(.positions) else {
                throw place.error("the frame has no positions", remedy: "complete it or remove it")
            }
            if frame.unreadColumns > 0 {
                let count = frame.unreadColumns
                notes.add(
                    "\(count) further \(count == 1 ? "column" : "columns") of plain frames not read, because no "
                        + "'Properties' of the comment line names them, as in Properties=species:S:1:pos:R:3:forces:R:3"
                )
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
            let numbers = try atomicNumbers()
            if keys[.spinMultiplicity] == KeyChoice.spinKey, let multiplicity = labels[.spinMultiplicity]?.first {
                try requireMultiplicity(multiplicity, numbers, charge: labels[.totalCharge]?.first ?? 0)
            }
            return SourceFrame(
                numbers: numbers, positions: vectors(positions), labels: labels, leftOut: leftOut,
                cell: try cell(),
                record: FrameContent.recordKeys.lazy.compactMap { frame[info: $0]?.text }.first, place: place)
        }

        private func cell() throws -> SourceFrame.Cell? {
            guard let lattice = frame.lattice else {
                guard !frame.periodic.contains(true) else {
                    throw place.error(
                        "'pbc' says that the frame is periodic, but it has no 'Lattice'",
                        remedy: "write the lattice vectors, as in Lattice=\"9 0 0 0 9 0 0 0 9\", or pbc=\"F F F\"")
                }
                return nil
            }
            return SourceFrame.Cell(lattice, isPeriodicAlong: frame.periodic)
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

        /// The multiplicity 2S + 1 is positive, and even where the number of electrons is odd.
        private func requireMultiplicity(_ multiplicity: Double, _ numbers: [Int], charge: Double) throws {
            let electrons = Double(numbers.reduce(0, +)) - charge
            let isPossible = multiplicity >= 1 && (electrons + multiplicity - 1).remainder(dividingBy: 2) == 0
            guard !isPossible else { return notes.add("'\(KeyChoice.spinKey)' is taken as the multiplicity 2S + 1") }
            throw place.error(
                "'\(KeyChoice.spinKey)' is read as the multiplicity 2S + 1, but it is \(Int(multiplicity)) here for "
                    + "\(Int(electrons)) electrons",
                remedy: "correct it, or leave it out with --assign spin_multiplicity= or "
                    + "dataset.properties_assignment.spin_multiplicity = \"\"")
        }

        private func atomicNumber(_ text: String, atom: Int) throws -> Int {
            do throws(ElementError) {
                // Some programs write the number in place of the symbol.
                if let number = Int(text) { return try Element(atomicNumber: number).atomicNumber }
                if Element.hydrogenIsotopes.contains(text) { notes.add("D and T are read as hydrogen") }
                return try Element(spelling: text).atomicNumber
            } catch {
                let line = place.line.map { $0 + 2 + atom }
                throw Configuration.Place(file: place.file, frame: place.frame, line: line).error("\(error)")
            }
        }

        /// The numbers of a property in the comment line.
        private func value(_ property: Property) throws -> [Double]? {
            guard let value = keys[property].flatMap({ frame[info: $0] }) else { return nil }
            if keys[property] == CommentEnergy.key, case .string(let text) = value {
                guard let energy = CommentEnergy(text) else {
                    throw wrongValue(property, value, "must be one number, or one after 'E' or 'energy'")
                }
                return [energy.value]
            }
            guard let numbers = value.reals, property.accepts(numbers.count, atoms: 1) else {
                throw wrongValue(property, value, "must be \(property.numbers)")
            }
            guard !property.isWhole || numbers.allSatisfy(isWhole) else {
                throw wrongValue(property, value, "must be a whole number")
            }
            return property.expanded(numbers)
        }

        /// The numbers of a property in the atom lines.
        private func column(_ property: Property) throws -> [Double]? {
            guard let key = keys[property], let column = frame.column(key) else { return nil }
            if property == .forceMask, case .logical(let flags) = column.values, column.width == 3 {
                notes.add("an atom that is held in one direction counts as fixed")
                return (0..<flags.count / 3).map { flags[3 * $0] && flags[3 * $0 + 1] && flags[3 * $0 + 2] ? 1 : 0 }
            }
            guard column.width == property.components, let numbers = column.reals else {
                throw wrongShape(property, column, property.numbers)
            }
            return numbers
        }

        private func wrongValue(_ property: Property, _ value: ExtendedXYZ.Value, _ rule: String) -> ApusError {
            place.error(
                "the \(property.name) '\(keys[property] ?? "")' \(rule), but it is '\(value.text)'",
                remedy: options.names.removal(of: property, marked: options.marksMissingLabels))
        }

        private func wrongShape(
            _ property: Property, _ column: ExtendedXYZ.Column, _ rule: String
        ) -> ApusError {
            place.error(
                "the column '\(column.name)' with the \(property.name) must have \(rule) per atom, but it is "
                    + "\(column.name):\(column.kind.rawValue):\(column.width)",
                remedy: "correct 'Properties', or name another column with --assign or dataset.properties_assignment")
        }
    }
}

extension ExtendedXYZ.Column {
    /// The numbers of a column of kind R or I, ones and zeros for truth values.
    var reals: [Double]? {
        switch values {
        case .real(let numbers): numbers
        case .integer(let numbers): numbers.map { Double($0) }
        case .logical(let flags): flags.map { $0 ? 1 : 0 }
        default: nil
        }
    }
}

extension Property {
    /// How many numbers a value has, in words.
    fileprivate var numbers: String {
        components == 1
            ? "one number"
            : components == 3 ? "three numbers" : self == .stress ? "six or nine numbers" : "nine numbers"
    }
}
