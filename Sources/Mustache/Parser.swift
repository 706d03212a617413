/// Turns source text into nodes.
///
/// A block's content is a text of its own, laid out by itself, and counts as one tag in
/// the text around it; so does a parent with all that it holds.
struct Parser {
    /// How deep sections, blocks and parents may stand inside of each other in one template.
    static let nestingLimit = 64

    private let template: String
    private let wording: String?
    private var lexer: Lexer
    private var depth = 0

    static func parse(
        _ source: String, named template: String, wording: String? = nil
    ) throws(MustacheError) -> [Node] {
        var parser = Parser(template: template, wording: wording, lexer: Lexer(source, named: template))
        return Layout.template(try parser.pieces(of: nil))
    }

    private init(template: String, wording: String?, lexer: Lexer) {
        self.template = template
        self.wording = wording
        self.lexer = lexer
    }

    /// Reads to the closing tag of the block, or to the end of the template when there is no block.
    private mutating func pieces(of block: Tag?) throws(MustacheError) -> [Piece] {
        var pieces: [Piece] = []
        var sections: [Tag] = []
        while let token = try lexer.next() {
            guard case .tag(let tag) = token else {
                if case .text(let text) = token { pieces.append(.text(text)) }
                continue
            }
            switch tag.kind {
            case .comment, .delimiters:
                pieces.append(.silence)
            case .variable, .raw:
                let isRaw = tag.kind == .raw
                pieces.append(
                    .node(.value(Interpolation(path: try path(tag), position: tag.position, isRaw: isRaw))))
            case .section, .inverted:
                try descend(at: tag)
                sections.append(tag)
                let isInverted = tag.kind == .inverted
                pieces.append(.open(Section(path: try path(tag), position: tag.position, isInverted: isInverted)))
            case .partial:
                let isWording = wording.map { tag.name.hasPrefix($0) } ?? false
                let inclusion = Inclusion(name: tag.name, position: tag.position, isWording: isWording)
                pieces.append(.node(.inclusion(inclusion)))
            case .parent:
                pieces.append(.node(.inclusion(try parent(tag))))
            case .block:
                pieces.append(.node(.block(try self.block(tag))))
            case .closing:
                let expected = sections.last ?? block
                guard tag.name == expected?.name else {
                    throw error(.unexpectedClosing(tag.name, expected: expected?.name), at: tag)
                }
                guard sections.popLast() != nil else { return pieces }
                depth -= 1
                pieces.append(.close)
            }
        }
        if let unclosed = sections.last ?? block { throw error(.unclosed(unclosed.name), at: unclosed) }
        return pieces
    }

    private mutating func block(_ tag: Tag) throws(MustacheError) -> Block {
        try descend(at: tag)
        defer { depth -= 1 }
        let content = Layout.block(try pieces(of: tag))
        let indentation = content.nodes.commonIndentation
        return Block(
            filling: Filling(
                name: tag.name,
                position: tag.position,
                nodes: content.nodes.removing(indentation: indentation ?? []),
                startsLine: content.startsLine,
                endsLine: content.endsLine
            ),
            indentation: indentation
        )
    }

    /// Text between the blocks of a parent is ignored (spec: inheritance); a tag there is a mistake.
    private mutating func parent(_ tag: Tag) throws(MustacheError) -> Inclusion {
        try descend(at: tag)
        defer { depth -= 1 }
        var inclusion = Inclusion(name: tag.name, position: tag.position)
        while let token = try lexer.next() {
            guard case .tag(let inner) = token else { continue }
            switch inner.kind {
            case .comment, .delimiters:
                break
            case .block:
                let filling = try block(inner).filling
                guard !inclusion.fillings.contains(where: { $0.name == filling.name }) else {
                    throw error(.duplicateBlock(filling.name), at: inner)
                }
                inclusion.fillings.append(filling)
            case .closing:
                guard inner.name == tag.name else {
                    throw error(.unexpectedClosing(inner.name, expected: tag.name), at: inner)
                }
                return inclusion
            default:
                throw error(.notABlock(inner.name, parent: tag.name), at: inner)
            }
        }
        throw error(.unclosed(tag.name), at: tag)
    }

    private func path(_ tag: Tag) throws(MustacheError) -> ModelPath {
        guard let path = ModelPath(tag.name) else { throw error(.invalidName(tag.name), at: tag) }
        return path
    }

    private mutating func descend(at tag: Tag) throws(MustacheError) {
        guard depth < Parser.nestingLimit else {
            throw error(.nestedTooDeeply(limit: Parser.nestingLimit), at: tag)
        }
        depth += 1
    }

    private func error(_ problem: MustacheError.Problem, at tag: Tag) -> MustacheError {
        MustacheError(problem, in: template, at: tag.position)
    }
}
