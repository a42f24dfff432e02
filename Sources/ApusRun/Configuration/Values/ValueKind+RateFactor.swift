extension ValueKind where Value == RunConfiguration.RateFactor {
    /// A pattern of names and a factor.
    static var rateFactor: ValueKind {
        let number = ValueKind<Double>.nonNegative
        return ValueKind(
            expected: "a text and \(number.expected)",
            decode: { value, folder throws(ValueMismatch) in
                guard case .list(let parts) = value, parts.count == 2 else { throw ValueMismatch() }
                return RunConfiguration.RateFactor(
                    pattern: try ValueKind<String>.text.decode(parts[0], folder),
                    factor: try number.decode(parts[1], folder))
            }, encode: { .list([.text($0.pattern), .real($0.factor)]) })
    }
}
