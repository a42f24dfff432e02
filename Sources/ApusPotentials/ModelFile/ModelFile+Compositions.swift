import ApusChemistry
import ApusFiles

extension CompositionSpan {
    /// The metadata of a model file: independent compositions by symbol.
    var json: JSONValue {
        .array(
            compositions.map { composition in
                let counts = composition.map { ($0.key.symbol, JSONValue.integer($0.value)) }
                return .object(Dictionary(uniqueKeysWithValues: counts))
            })
    }
}

extension ModelReader {
    /// The span of the compositions that the self-energies were fitted to; nil where nothing is undetermined.
    func compositions(of elements: [Element]) throws -> CompositionSpan? {
        let key = "compositions"
        guard contents.metadata[key] != nil else { return nil }
        guard case .array(let listed) = try json(key) else { throw failure(key: key, "the JSON text is not a list") }
        var span = CompositionSpan(elements: elements)
        for members in listed {
            var composition: [Element: Int] = [:]
            for (symbol, value) in members.object ?? [:] {
                guard let element = elements.first(where: { $0.symbol == symbol }) else {
                    throw failure(key: key, "'\(symbol)' is not among the elements")
                }
                guard let count = value.integer, (1...1_000_000_000).contains(count) else {
                    throw failure(
                        key: key, "the number of atoms of \(symbol) is \(value), not a whole number from 1 on")
                }
                composition[element] = count
            }
            span.insert(composition)
        }
        return span
    }
}
