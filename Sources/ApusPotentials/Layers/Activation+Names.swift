extension Activation {
    /// The names of the functions, those of modelforge.
    public enum Name: String, Sendable, CaseIterable {
        case shiftedSoftplus = "ShiftedSoftplus"
        case silu = "SiLU"
        case tanh = "Tanh"
        case sigmoid = "Sigmoid"
        case gelu = "GeLU"
        case relu = "ReLU"
        case leakyReLU = "LeakyReLU"
        case elu = "ELU"
        case celu = "CeLU"

        /// The argument that the function has, with PyTorch's default.
        public var argument: (name: Argument, standard: Double)? {
            switch self {
            case .shiftedSoftplus, .silu, .tanh, .sigmoid, .gelu, .relu: nil
            case .leakyReLU: (.negativeSlope, 0.01)
            case .elu, .celu: (.alpha, 1)
            }
        }
    }

    /// What a function can be told beside x.
    public enum Argument: String, Sendable, CaseIterable {
        /// α of ELU and CELU.
        case alpha
        /// The slope of LeakyReLU below zero.
        case negativeSlope = "negative_slope"

        /// The meaning in a sentence.
        var meaning: String {
            switch self {
            case .alpha: "Where ELU and CeLU end far below zero: at -alpha."
            case .negativeSlope: "Slope of LeakyReLU below zero."
            }
        }

        /// The values that make sense: with another α there is no function or a number that overflows, and with a slope
        /// of 1 or more nothing that a linear layer could not do, or growth without end.
        public var range: (words: String, contains: @Sendable (Double) -> Bool) {
            switch self {
            case .alpha: ("a number from 0.001 to 1000", { $0 >= 1e-3 && $0 <= 1e3 })
            case .negativeSlope: ("a number >= 0 and < 1", { $0 >= 0 && $0 < 1 })
            }
        }
    }

    /// A function by its name; `argument` counts where it has one.
    public init(_ name: Name, argument: Double? = nil) {
        let value = argument ?? name.argument?.standard ?? 0
        self =
            switch name {
            case .shiftedSoftplus: .shiftedSoftplus
            case .silu: .silu
            case .tanh: .tanh
            case .sigmoid: .sigmoid
            case .gelu: .gelu
            case .relu: .relu
            case .leakyReLU: .leakyReLU(negativeSlope: value)
            case .elu: .elu(alpha: value)
            case .celu: .celu(alpha: value)
            }
    }

    /// The name.
    public var name: Name {
        switch self {
        case .shiftedSoftplus: .shiftedSoftplus
        case .silu: .silu
        case .tanh: .tanh
        case .sigmoid: .sigmoid
        case .gelu: .gelu
        case .relu: .relu
        case .leakyReLU: .leakyReLU
        case .elu: .elu
        case .celu: .celu
        }
    }

    /// The argument, where the function has one.
    public var argument: Double? {
        switch self {
        case .leakyReLU(let value), .elu(let value), .celu(let value): value
        default: nil
        }
    }
}

/// In model files a function without argument is its name, one with an argument an object such as
/// `{"name":"ELU","alpha":1}`.
extension Activation: Codable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
        static let name = Key(stringValue: "name")
    }

    /// Reads either form; what does not fit is damaged.
    public init(from decoder: any Decoder) throws {
        func name(_ text: String) throws -> Name {
            guard let name = Name(rawValue: text) else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "no activation function"))
            }
            return name
        }
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            let name = try name(text)
            guard name.argument == nil else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "the argument is missing"))
            }
            self.init(name)
            return
        }
        let members = try decoder.container(keyedBy: Key.self)
        let function = try name(try members.decode(String.self, forKey: .name))
        guard let argument = function.argument?.name else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "the function has no argument"))
        }
        let value = try members.decode(Double.self, forKey: Key(stringValue: argument.rawValue))
        guard members.allKeys.count == 2, argument.range.contains(value) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "the argument is out of range"))
        }
        self.init(function, argument: value)
    }

    /// Writes the shorter form that holds everything.
    public func encode(to encoder: any Encoder) throws {
        guard let argument, let key = name.argument?.name else {
            var container = encoder.singleValueContainer()
            return try container.encode(name.rawValue)
        }
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(name.rawValue, forKey: .name)
        try members.encode(argument, forKey: Key(stringValue: key.rawValue))
    }
}
