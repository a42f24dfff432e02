import ApusChemistry
import ApusSystem

// What many potentials have, with modelforge's keys.

extension Hyperparameter {
    /// The cutoff radius.
    public static func cutoff(_ place: WritableKeyPath<Root, Double> & Sendable) -> Hyperparameter {
        let least = NeighborPairs.defaultMinimumDistance
        // 100 nm are 10⁵ pm.
        let limits = NumberRule("above \(least) and at most 100000.0") { $0 > least && $0 <= 1e5 }
        // The shortest holds no pair of atoms, the longest every pair.
        return length(
            "cutoff", place, 0.1...1000, key: HyperparameterKey.cutoff, limits: limits,
            "Distance at which interactions end.")
    }

    /// The Gaussians in which distances up to the cutoff are expanded; declared after the cutoff.
    public static func radialBasis(
        _ place: WritableKeyPath<Root, RadialBasis> & Sendable, within cutoff: KeyPath<Root, Double> & Sendable
    ) -> Hyperparameter {
        let key = HyperparameterKey(
            HyperparameterKey.radialFunctions, .integer(2...1024),
            default: .value(.integer(Root()[keyPath: place].count)),
            "Number of Gaussians in which distances are expanded.")
        return Hyperparameter(
            "radialBasis", place, keys: [key],
            apply: { value, _, root in
                guard let count = value(key.name)?.integer else { return }
                root[keyPath: place] = .evenlySpaced(count, cutoff: root[keyPath: cutoff])
            }, fault: { $0[keyPath: place].fault(within: $0[keyPath: cutoff]) })
    }

    /// The number of interactions.
    public static func interactions(_ place: WritableKeyPath<Root, Int> & Sendable) -> Hyperparameter {
        integer(
            "interactions", place, 1...64, key: HyperparameterKey.interactions,
            "Number of interactions, the depth of the network.")
    }

    /// The number of features of an atom.
    public static func features(_ place: WritableKeyPath<Root, Int> & Sendable) -> Hyperparameter {
        integer(
            "features", place, 1...4096, key: HyperparameterKey.features,
            "Number of features of an atom, the width of the network.")
    }

    /// The rows of the embedding of elements: one more than the largest atomic number.
    public static func embeddingRows(_ place: WritableKeyPath<Root, Int> & Sendable) -> Hyperparameter {
        let largest = Element.all.count
        let key = HyperparameterKey(
            HyperparameterKey.maximumAtomicNumber, .integer(1...largest),
            default: .value(.integer(Root()[keyPath: place] - 1)), "Largest atomic number with an embedding.")
        return Hyperparameter(
            "embeddingRows", place, keys: [key],
            apply: { value, _, root in
                if let number = value(key.name)?.integer { root[keyPath: place] = number + 1 }
            },
            fault: { root in
                let rows = root[keyPath: place]
                return (1...largest + 1).contains(rows)
                    ? nil : "embeddingRows is \(rows), but must be from 1 to \(largest + 1)"
            })
    }

    /// The activation function, by its name and what some functions can be told.
    public static func activation(_ place: WritableKeyPath<Root, Activation> & Sendable) -> Hyperparameter {
        let table = "activation_function_parameter."
        let name = HyperparameterKey(
            table + "activation_function_name",
            .choice(
                Activation.Name.allCases.map(\.rawValue),
                refused: [
                    "softmax":
                        "makes the features of a row add up to 1: it is for choices and attention, not for layers"
                ]), default: .value(.text(Root()[keyPath: place].name.rawValue)),
            "Activation function between layers. With ReLU, LeakyReLU and ELU forces jump, unless alpha of ELU is 1.")
        func argument(_ argument: Activation.Argument) -> HyperparameterKey {
            let functions = Activation.Name.allCases.filter { $0.argument?.name == argument }
            return HyperparameterKey(
                table + "activation_function_arguments.\(argument.rawValue)",
                .real(NumberRule(argument.range.words, where: argument.range.contains)),
                default: .unset(functions.first?.argument.map { "\($0.standard)" } ?? "none"),
                owner: (name.name, functions.map(\.rawValue)), argument.meaning)
        }
        let arguments = Activation.Argument.allCases.map { ($0, argument($0)) }
        return Hyperparameter(
            "activation", place, keys: [name] + arguments.map(\.1),
            apply: { value, _, root in
                guard let function = value(name.name)?.text.flatMap(Activation.Name.init) else { return }
                let key = arguments.first { $0.0 == function.argument?.name }?.1
                root[keyPath: place] = Activation(function, argument: key.flatMap { value($0.name)?.real })
            })
    }
}

extension HyperparameterKey {
    /// The cutoff radius.
    public static let cutoff = "maximum_interaction_radius"
    /// The number of radial functions.
    public static let radialFunctions = "number_of_radial_basis_functions"
    /// The number of interactions.
    public static let interactions = "number_of_interaction_modules"
    /// The number of features of an atom.
    public static let features = "featurization.atomic_number.number_of_per_atom_features"
    /// The largest atomic number with an embedding.
    public static let maximumAtomicNumber = "featurization.atomic_number.maximum_atomic_number"
}

extension RadialBasis {
    /// The rule that the functions break within a cutoff, in words.
    fileprivate func fault(within cutoff: Double) -> String? {
        guard (1...4096).contains(centers.count), centers.count == widths.count else {
            return "the radial basis has \(centers.count) centres and \(widths.count) widths, "
                + "but must have as many of both, from 1 to 4096"
        }
        // Narrower functions would need longer tables, wider ones are constant.
        let (narrowest, farthest) = (cutoff / 4096, cutoff * 4096)
        if let center = centers.first(where: { !(abs($0) <= farthest) }) {
            return "the radial basis has a centre at \(center), but it must be from \(-farthest) to \(farthest)"
        }
        if let width = widths.first(where: { !($0 >= narrowest && $0 <= farthest) }) {
            return "the radial basis has the width \(width), but it must be from \(narrowest) to \(farthest)"
        }
        return nil
    }
}
