import ApusFiles
import ApusGraph
import ApusPotentials
import ApusReporting
import ArgumentParser

/// `apus model`.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Shows what is in a model file.",
        subcommands: [Info.self, Listing.self])
}

extension ModelCommand {
    /// `apus model info`.
    struct Info: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "info", abstract: "Architecture, units, elements and origin of a model.")

        @Argument(help: "Model file.")
        var model: String

        @Flag(help: "Prints JSON.")
        var json = false

        func run() throws {
            try reportingErrors {
                let file = try ModelFile.read(model)
                let entries = file.entries
                if json {
                    print(JSONValue.object(Dictionary(uniqueKeysWithValues: entries)).description)
                    return
                }
                let width = entries.map(\.0.count).max() ?? 0
                for (name, value) in entries {
                    let text = if case .string(let string) = value { string } else { value.description }
                    print(name + String(repeating: " ", count: width - name.count + 2) + text)
                }
            }
        }
    }

    /// `apus model program`.
    struct Listing: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "program",
            abstract: "The compiled program: steps, shapes, buffers, arena and estimated operations.",
            discussion: "The program of energies and forces, with sizes for one chunk of a batch.")

        @Argument(help: "Model file.")
        var model: String

        @Option(help: "Systems in the chunk.")
        var systems = 1

        @Option(help: "Atoms in the chunk.")
        var atoms = 18

        @Option(help: "Undirected pairs in the chunk.")
        var pairs = 135

        @Option(help: "Number format: float32 or float64.")
        var precision: Precision = .float32

        func run() throws {
            try reportingErrors {
                let graph = try ModelFile.read(model).model.graph
                let program = compile(outputs: [graph.energy, graph.forces])
                print(
                    program.listing(
                        Program.Sizes(systems: systems, atoms: atoms, pairs: pairs), precision: precision))
            }
        }
    }
}

extension ModelFile {
    /// Names and values for people and machines.
    fileprivate var entries: [(String, JSONValue)] {
        let selfEnergies = model.elements.map { ($0.symbol, JSONValue.real(model.selfEnergies[$0.atomicNumber]!)) }
        return [
            ("potential", .string(model.architecture.name)),
            ("architecture", model.architecture.json),
            ("parameters", .integer(model.parameters.count)),
            ("precision", .string(precision.rawValue)),
            ("units", .string("\(model.units)")),
            ("elements", .string(model.elements.map(\.symbol).joined(separator: " "))),
            ("self_energies", .object(Dictionary(uniqueKeysWithValues: selfEnergies))),
            ("scale", .real(model.scale)), ("shift", .real(model.shift)),
            ("program", .string(program)), ("provenance", .object(provenance)),
        ]
    }
}
