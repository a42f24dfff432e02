import ApusChemistry

extension ValueKind where Value == [[Int]] {
    /// Conditions on elements: lists of atomic numbers, negative for elements that must not be there.
    static var elementFilter: ValueKind {
        ValueKind(
            expected: "a list of lists of atomic numbers, such as [[6, 1], [7, -8]]",
            decode: { value, _ throws(ValueMismatch) in
                guard case .list(let conditions) = value, !conditions.isEmpty else { throw ValueMismatch() }
                var filter: [[Int]] = []
                for condition in conditions {
                    guard case .list(let elements) = condition, !elements.isEmpty else { throw ValueMismatch() }
                    var numbers: [Int] = []
                    for element in elements {
                        guard case .integer(let number) = element else { throw ValueMismatch() }
                        guard let magnitude = Int(exactly: number.magnitude), Element.atomicNumbers.contains(magnitude)
                        else {
                            throw ValueMismatch(problem: "\(number) is the atomic number of no element")
                        }
                        numbers.append(number)
                    }
                    filter.append(numbers)
                }
                return filter
            },
            encode: { .list($0.map { .list($0.map { .integer($0) }) }) })
    }
}
