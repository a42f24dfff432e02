import ApusFiles

/// An element of a list in brackets before the common type is known.
indirect enum BracketElement {
    case scalar(ExtendedXYZ.Value, text: String)
    case list([BracketElement])

    func value(of key: String) throws(CommentLineParser.Failure) -> ExtendedXYZ.Value {
        guard let shape else {
            throw CommentLineParser.Failure(problem: "the rows of \(quoted(key)) have different lengths")
        }
        let scalars = scalars
        let values = ExtendedXYZ.Value.unified(scalars.map(\.value)) ?? scalars.map { .string($0.text) }
        return Self.nested(values[...], shape: shape[...])
    }

    private var scalars: [(value: ExtendedXYZ.Value, text: String)] {
        switch self {
        case .scalar(let value, let text): [(value, text)]
        case .list(let elements): elements.flatMap(\.scalars)
        }
    }

    /// The extents; nil when the elements of a list differ in shape.
    private var shape: [Int]? {
        guard case .list(let elements) = self else { return [] }
        let shapes = elements.map(\.shape)
        guard let first = shapes.first else { return [0] }
        guard let inner = first, shapes.allSatisfy({ $0 == first }) else { return nil }
        return [elements.count] + inner
    }

    private static func nested(_ values: ArraySlice<ExtendedXYZ.Value>, shape: ArraySlice<Int>) -> ExtendedXYZ.Value {
        guard let count = shape.first else { return values[values.startIndex] }
        let size = values.count / max(count, 1)
        return .array(
            (0..<count).map { index in
                let start = values.startIndex + index * size
                return nested(values[start..<(start + size)], shape: shape.dropFirst())
            })
    }
}
