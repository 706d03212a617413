import Mustache

/// Everything that is wrong with a set of pages, found at once so that one start shows all of it.
public struct PageError: Error, Equatable, Sendable {
    /// One mistake and its place.
    public struct Problem: Hashable, Sendable {
        /// The file, relative to the templates folder; the folder itself where that cannot be read.
        public let file: String
        /// Line and column from 1, where the mistake has a place inside the file.
        public let position: Position?
        /// What is wrong and what to do about it.
        public let message: String

        init(file: String, position: Position? = nil, _ message: String) {
            self.file = file
            self.position = position
            self.message = message
        }

        init(_ error: MustacheError) {
            self.init(
                file: error.template + TemplateFolder.suffix,
                position: Position(line: error.line, column: error.column),
                "\(error.problem)"
            )
        }
    }

    /// A place in a file.
    public struct Position: Hashable, Sendable {
        /// The line, from 1.
        public let line: Int
        /// The column in Unicode scalars, from 1.
        public let column: Int
    }

    /// The mistakes, by file and place; at least one.
    public let problems: [Problem]

    init(_ problems: some Sequence<Problem>) {
        self.problems = Set(problems).sorted {
            ($0.file, $0.position?.line ?? 0, $0.position?.column ?? 0, $0.message)
                < ($1.file, $1.position?.line ?? 0, $1.position?.column ?? 0, $1.message)
        }
    }
}

extension PageError: CustomStringConvertible {
    /// One line per mistake.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}

extension PageError.Problem: CustomStringConvertible {
    /// `file:line:column: what is wrong; what to do`.
    public var description: String {
        guard let position else { return "\(file): \(message)" }
        return "\(file):\(position.line):\(position.column): \(message)"
    }
}
