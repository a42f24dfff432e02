import ApusDatasets
import ApusFiles

extension ValueKind where Value == Split.Sizes {
    /// Three fractions or three counts.
    static var splitSizes: ValueKind {
        ValueKind(
            expected: "three fractions such as [0.8, 0.1, 0.1] or three counts such as [950, 50, 0]",
            decode: { value, _ throws(ValueMismatch) in
                guard case .list(let elements) = value else { throw ValueMismatch() }
                var numbers: [Double] = []
                for element in elements {
                    switch element {
                    case .integer(let number): numbers.append(Double(number))
                    case .real(let number): numbers.append(number)
                    default: throw ValueMismatch()
                    }
                }
                do {
                    return try Split.Sizes(numbers)
                } catch let error as ApusError {
                    throw ValueMismatch(problem: error.problem, remedy: error.remedy)
                } catch {
                    throw ValueMismatch(problem: "\(error)")
                }
            },
            encode: { sizes in
                switch sizes {
                case .fractions(let training, let validation, let test):
                    .list([training, validation, test].map { .real($0) })
                case .counts(let training, let validation, let test):
                    .list([training, validation, test].map { .integer($0) })
                }
            })
    }
}
