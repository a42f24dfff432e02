import ApusFiles
import ApusTestSupport
import ArgumentParser
import Testing

@testable import ApusCommand

/// The commands that the pages print are commands that the program takes.
@Suite struct DocumentationTests {
    private static let pages: [String] = {
        let folders = ["", "/Documentation", "/Examples/small-molecules", "/Examples/charges", "/Examples/ions"]
        return folders.flatMap { folder in
            (names(in: packageRoot + folder) ?? []).filter { $0.hasSuffix(".md") && $0 != "CHANGELOG.md" }.map {
                "\(packageRoot)\(folder)/\($0)"
            }
        }
    }()

    /// The commands of a page: lines of code, and code within a line or a table, that begin with `apus`.
    private func commands(of page: String) throws -> [String] {
        let text = String(decoding: try readFile(path: page), as: UTF8.self).replacing("\\\n", with: " ")
        var commands: [String] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("    apus ") {
                commands.append(String(line.dropFirst(4)))
            } else {
                commands += line.matches(of: /`(apus [a-z-][^`]*)`/).map { String($0.output.1) }
            }
        }
        return commands
    }

    /// The words of a command, as a shell would take it apart, up to a pipe, a redirection or a remark.
    private func words(_ command: String) -> [String] {
        var words: [String] = []
        var (word, quote, hasBegun): (String, Character?, Bool) = ("", nil, false)
        func ended(_ word: String) -> Bool { ["|", ">", "<", "#", "&&", "&", "2>"].contains(word) }
        for character in command + " " {
            if let open = quote {
                if character == open { quote = nil } else { word.append(character) }
            } else if character == "'" || character == "\"" {
                (quote, hasBegun) = (character, true)
            } else if character == " " {
                if ended(word) { return words }
                if !word.isEmpty || hasBegun { words.append(word) }
                (word, hasBegun) = ("", false)
            } else {
                word.append(character)
            }
        }
        return words
    }

    @Test(arguments: pages) func commandsAreUnderstood(_ page: String) throws {
        // Sketches of a command, with a place for something else, are no commands.
        for command in try commands(of: page) where !command.contains("COMMAND") && !command.contains("…") {
            var words = Array(words(command).dropFirst())
            // The name of a command alone.
            if words.allSatisfy({ $0.allSatisfy { $0.isLowercase || $0 == "-" } && $0.first != "-" }) {
                words.append("--help")
            }
            do {
                _ = try ApusProgram.parseAsRoot(words)
            } catch {
                let (code, message) = (ApusProgram.exitCode(for: error), ApusProgram.message(for: error))
                // Within a sentence an argument may be left out.
                #expect(code == .success || message.hasPrefix("Missing expected argument"), "\(command): \(message)")
            }
        }
    }

    @Test func thePagesHaveCommands() throws {
        #expect(try Self.pages.flatMap(commands).count > 30)
    }
}
