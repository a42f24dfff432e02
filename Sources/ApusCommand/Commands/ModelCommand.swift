import ApusCPU
import ApusFiles
import ApusGraph
import ApusPotentials
import ApusReporting
import ApusRun
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

        @Argument(help: "Model file, or folder of a run.", completion: .file())
        var model: String

        @OptionGroup var results: ResultOptions

        func run() throws {
            try reportingErrors {
                let file = try RecordedRun.model(model)
                printResult(results.json ? file.json.description : file.text)
            }
        }
    }

    /// `apus model program`.
    struct Listing: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "program",
            abstract: "The compiled program: steps, shapes, buffers, arena and estimated operations.",
            discussion: """
                The program of energies and forces, with sizes for one chunk of a batch. Places are w (parameters), \
                s (shared by all chunks), p (packed matrices), c (slots of a chunk's arena) and sum (accumulators).
                """)

        @Argument(help: "Model file, or folder of a run.", completion: .file())
        var model: String

        @Option(help: "Systems in the chunk.")
        var systems = 1

        @Option(help: "Atoms in the chunk.")
        var atoms = 18

        @Option(help: "Undirected pairs in the chunk.")
        var pairs = 135

        @Option(help: "Number format: float32 or float64.")
        var precision: Precision = .float32

        func validate() throws {
            if systems < 1 || atoms < 1 || pairs < 0 {
                throw ValidationError("--systems and --atoms must be at least 1, --pairs at least 0.")
            }
        }

        func run() throws {
            try reportingErrors {
                let graph = try RecordedRun.model(model).model.graph
                let program = compile(outputs: [graph.energy, graph.forces])
                printResult(
                    program.listing(
                        RowCounts(systems: systems, atoms: atoms, pairs: pairs), precision: precision))
            }
        }
    }
}
