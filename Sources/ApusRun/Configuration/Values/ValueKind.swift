import ApusTraining

/// What a key takes: how its value is described, read and written.
package struct ValueKind<Value: Sendable>: Sendable {
    /// Type and range in words, such as `a number > 0`.
    package let expected: String
    /// Reads a value; relative paths are relative to the folder.
    let decode: @Sendable (SettingValue, _ folder: String) throws(ValueMismatch) -> Value
    /// Writes a value; nil where nothing is set.
    let encode: @Sendable (Value) -> SettingValue?
}

/// A value that does not suit its key.
package struct ValueMismatch: Error {
    /// What is wrong, where that is more than the wrong type or range.
    package var problem: String?
    /// What to do about it.
    package var remedy: String?
}

extension ValueKind {
    /// The same for keys that may be left unset.
    var optional: ValueKind<Value?> {
        let decode = decode
        let encode = encode
        return ValueKind<Value?>(
            expected: expected,
            decode: { value, folder throws(ValueMismatch) in try decode(value, folder) },
            encode: { $0.flatMap(encode) })
    }

    /// The same for another type of values.
    package func mapped<Other>(
        _ forward: @escaping @Sendable (Value) -> Other, _ backward: @escaping @Sendable (Other) -> Value?
    ) -> ValueKind<Other> {
        let (decode, encode) = (decode, encode)
        return ValueKind<Other>(
            expected: expected,
            decode: { value, folder throws(ValueMismatch) in forward(try decode(value, folder)) },
            encode: { backward($0).flatMap(encode) })
    }

    /// A kind without units or paths.
    fileprivate init(
        _ expected: String, encode: @escaping @Sendable (Value) -> SettingValue?,
        decode: @escaping @Sendable (SettingValue) -> Value?
    ) {
        self.init(
            expected: expected,
            decode: { value, _ throws(ValueMismatch) in
                guard let result = decode(value) else { throw ValueMismatch() }
                return result
            },
            encode: encode)
    }
}

extension ValueKind where Value == Int {
    /// A whole number within bounds.
    package static func integer(_ range: ClosedRange<Int>) -> ValueKind {
        let words = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return ValueKind(words, encode: { .integer($0) }) { value in
            if case .integer(let number) = value, range.contains(number) { number } else { nil }
        }
    }

    /// A start of a random sequence.
    package static var seed: ValueKind {
        ValueKind("a whole number >= 0", encode: { .integer($0) }) { value in
            if case .integer(let number) = value, number >= 0 { number } else { nil }
        }
    }
}

extension ValueKind where Value == Double {
    /// A finite number that obeys a rule.
    package static func number(_ words: String, where isValid: @escaping @Sendable (Double) -> Bool) -> ValueKind {
        ValueKind(words, encode: { .real($0) }) { value in
            let number: Double? =
                switch value {
                case .real(let number): number
                case .integer(let number): Double(number)
                default: nil
                }
            guard let number, number.isFinite, isValid(number) else { return nil }
            return number
        }
    }

    package static var positive: ValueKind { number("a number > 0") { $0 > 0 } }
    static var nonNegative: ValueKind { number("a number >= 0") { $0 >= 0 } }
    static var fraction: ValueKind { number("a number from 0 to 1") { (0...1).contains($0) } }
}

extension ValueKind where Value == Bool {
    static var flag: ValueKind {
        ValueKind("true or false", encode: { .flag($0) }) { value in
            if case .flag(let flag) = value { flag } else { nil }
        }
    }
}

extension ValueKind where Value == String {
    /// A text that is not empty.
    package static var text: ValueKind {
        ValueKind("a text in quotes", encode: { .text($0) }) { value in
            if case .text(let text) = value, !text.isEmpty { text } else { nil }
        }
    }

    /// A name in a file; an empty one says that there is nothing to read.
    static var nameOrNothing: ValueKind {
        ValueKind("a text in quotes, \"\" for nothing", encode: { .text($0) }) { value in
            if case .text(let text) = value { text } else { nil }
        }
    }
}

extension ValueKind where Value == BatchLimit {
    /// A number of batches, or a part of them, told apart as in Lightning by the point.
    static var batchLimit: ValueKind {
        ValueKind(
            "a whole number > 0, or a number with a point > 0 and <= 1",
            encode: { limit in
                switch limit {
                case .batches(let count): .integer(count)
                case .fraction(let part): .real(part)
                }
            }
        ) { value in
            switch value {
            case .integer(let count) where count > 0: .batches(count)
            case .real(let part) where part > 0 && part <= 1: .fraction(part)
            default: nil
            }
        }
    }
}

extension ValueKind where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
    /// One of the names of an enumeration, in upper or lower case.
    ///
    /// - Parameters:
    ///   - planned: Names that modelforge knows and this version does not.
    ///   - refused: Names that modelforge knows, in lower case, with what speaks against them.
    package static func choice(planned: [String] = [], refused: [String: String] = [:]) -> ValueKind {
        ValueKind<String>.name(among: Value.allCases.map(\.rawValue), planned: planned, refused: refused)
            .mapped({ Value(rawValue: $0)! }, { $0.rawValue })
    }
}

extension ValueKind where Value == String {
    /// One of some names, in upper or lower case, as for an enumeration.
    package static func name(
        among names: [String], planned: [String] = [], refused: [String: String] = [:]
    ) -> ValueKind {
        let words = names.map { "\"\($0)\"" }.joined(separator: ", ")
        return ValueKind(
            expected: names.count > 1 ? "one of \(words)" : words,
            decode: { value, _ throws(ValueMismatch) in
                guard case .text(let name) = value else { throw ValueMismatch() }
                let wanted = name.lowercased()
                if let match = names.first(where: { $0.lowercased() == wanted }) { return match }
                guard !planned.contains(where: { $0.lowercased() == wanted }) else {
                    throw ValueMismatch(problem: "\"\(name)\" is not supported yet", remedy: "choose \(words)")
                }
                if let reason = refused[wanted] {
                    throw ValueMismatch(problem: "\"\(name)\" \(reason)", remedy: "choose \(words)")
                }
                throw ValueMismatch(remedy: nearest(to: name, among: names).map { "write \"\($0)\"" })
            },
            encode: { .text($0) })
    }
}

extension ValueKind where Value == [Double] {
    /// The same for lists of one length.
    func counted(_ count: Int) -> ValueKind {
        let decode = decode
        return ValueKind(
            expected: expected,
            decode: { value, folder throws(ValueMismatch) in
                let numbers = try decode(value, folder)
                guard numbers.count == count else {
                    throw ValueMismatch(
                        problem: "\(numbers.count) of \(count) numbers are given", remedy: "give \(count) numbers")
                }
                return numbers
            }, encode: encode)
    }
}

extension ValueKind {
    /// A list of values of one kind.
    package static func list<Element>(of kind: ValueKind<Element>, named plural: String) -> ValueKind<[Element]>
    where Value == [Element] {
        ValueKind(
            expected: "a list of \(plural) (\(kind.expected))",
            decode: { value, folder throws(ValueMismatch) in
                guard case .list(let elements) = value, !elements.isEmpty else { throw ValueMismatch() }
                var result: [Element] = []
                for element in elements { result.append(try kind.decode(element, folder)) }
                return result
            },
            encode: { .list($0.compactMap(kind.encode)) })
    }
}
