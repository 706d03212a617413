/// What is wrong with a template, where, and what to do about it.
public struct MustacheError: Error, Hashable, Sendable {
    /// The name of the template.
    public let template: String
    /// The line, from 1.
    public let line: Int
    /// The column in Unicode scalars, from 1: where the tag opens.
    public let column: Int
    /// What is wrong.
    public let problem: Problem

    /// What can be wrong.
    ///
    /// Names are those of the template's source: they hold no data of a request.
    public enum Problem: Hashable, Sendable {
        /// A tag opens and its closing delimiter never comes.
        case unclosedTag(expected: String)
        /// A tag without a name, or with one that has spaces, an empty part or a misplaced sign.
        case invalidName(String)
        /// A set-delimiter tag that does not hold two delimiters.
        case invalidDelimiters(String)
        /// A section, block or parent without its closing tag.
        case unclosed(String)
        /// A closing tag where another one, or none, is due.
        case unexpectedClosing(String, expected: String?)
        /// A tag directly inside of a parent that is not a block.
        case notABlock(String, parent: String)
        /// A parent is given the same block twice.
        case duplicateBlock(String)
        /// Sections, blocks and partials inside of each other beyond the limit.
        case nestedTooDeeply(limit: Int)
        /// No template of this name is in the set.
        case unknownTemplate(String)
        /// The model has no such key; `known` are the ones that could stand there.
        case unknownKey(String, known: [String])
        /// A list or an object is interpolated as if it were text.
        case notText(String)
        /// A parent is given a block that it never shows.
        case unknownBlock(String, parent: String)
        /// A template includes itself with the same data again.
        case endlessInclusion(String)
        /// The check gave up: templates include each other too many times.
        case tooManyInclusions(limit: Int)
    }

    init(_ problem: Problem, in template: String, at position: Position) {
        self.template = template
        self.line = position.line
        self.column = position.column
        self.problem = problem
    }
}

/// A place in a template's source, from 1:1.
struct Position: Hashable, Comparable, Sendable {
    var line = 1
    var column = 1

    static func < (left: Position, right: Position) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

extension MustacheError: CustomStringConvertible {
    /// One line for the log: `template:line:column: what is wrong; what to do`.
    public var description: String {
        "\(template):\(line):\(column): \(problem)"
    }
}

extension MustacheError.Problem: CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .unclosedTag(let expected):
            "this tag never ends; close it with \(expected)"
        case .invalidName(let name):
            "`\(name)` is not a name; write one without spaces, such as `user` or `user.name`"
        case .invalidDelimiters(let text):
            "`\(text)` does not set delimiters; write two of them, as in {{=<% %>=}}"
        case .unclosed(let name):
            "`\(name)` is never closed; add {{/\(name)}}"
        case .unexpectedClosing(let name, let expected?):
            "{{/\(name)}} stands where `\(expected)` is open; close that first with {{/\(expected)}}"
        case .unexpectedClosing(let name, nil):
            "{{/\(name)}} closes nothing; remove it or open `\(name)` before it"
        case .notABlock(let name, let parent):
            "`\(name)` stands directly inside of {{<\(parent)}}; only blocks do: put it into a {{$block}}"
        case .duplicateBlock(let name):
            "the block `\(name)` is given twice; keep one"
        case .nestedTooDeeply(let limit):
            "more than \(limit) sections, blocks and templates inside of each other; flatten them or end the recursion"
        case .unknownTemplate(let name):
            "there is no template `\(name)`; add it or correct the name"
        case .unknownKey(let name, let known) where known.isEmpty:
            "the model has no `\(name)`; nothing can be named here"
        case .unknownKey(let name, let known):
            "the model has no `\(name)`; known here: \(known.joined(separator: ", "))"
        case .notText(let name):
            "`\(name)` is a list or an object, not text; open it as a section or name one of its keys"
        case .unknownBlock(let name, let parent):
            "`\(parent)` never shows the block `\(name)`; correct the name or remove it"
        case .endlessInclusion(let name):
            "`\(name)` includes itself with the same data without end; recurse only into a key of each element"
        case .tooManyInclusions(let limit):
            "more than \(limit) inclusions; let templates include each other less"
        }
    }
}
