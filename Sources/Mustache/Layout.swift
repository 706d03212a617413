/// What a text consists of before its lines are looked at.
///
/// Sections are balanced: the parser has seen to it.
enum Piece {
    /// At most one line feed, at its end.
    case text(ArraySlice<UInt8>)
    case node(Node)
    case open(Section)
    case close
    /// A comment or a change of delimiters.
    case silence

    /// Whether the tag takes its line with it when nothing else is on that line.
    var standsAlone: Bool {
        switch self {
        case .text, .node(.value): false
        case .node(.inclusion(let inclusion)): !inclusion.isWording
        case .node, .open, .close, .silence: true
        }
    }
}

/// Builds the nodes of one text line by line, removing lines that hold a lone tag (spec: "standalone").
struct Layout {
    /// The content of a block, and whether it is made of whole lines.
    struct BlockContent {
        var nodes: [Node]
        var startsLine = false
        var endsLine = false
    }

    /// Open sections, outermost first.
    private var sections: [Section] = []
    /// The nodes of the text, then those of each open section.
    private var levels: [[Node]] = [[]]

    static func template(_ pieces: [Piece]) -> [Node] {
        var layout = Layout()
        for line in lines(of: pieces) { layout.append(line, startsLine: true) }
        return layout.nodes
    }

    /// The first line begins behind the opening tag, the last one ends before the closing tag; on a line without
    /// anything else, these tags take the line with them.
    static func block(_ pieces: [Piece]) -> BlockContent {
        var layout = Layout()
        var content = BlockContent(nodes: [])
        let lines = lines(of: pieces)
        for (index, line) in lines.enumerated() {
            let isFirst = index == 0, isLast = index == lines.count - 1
            if isFirst, isLast {
                layout.appendInline(line)  // `{{$a}} {{/a}}` and the like: inside of a line
            } else if isFirst || isLast, line.allSatisfy(\.isBlank) {
                content.startsLine = content.startsLine || isFirst
                content.endsLine = isLast
            } else {
                let vanished = layout.append(line, startsLine: !isFirst)
                content.startsLine = content.startsLine || (isFirst && vanished)
                content.endsLine = isLast && vanished
            }
        }
        content.nodes = layout.nodes
        return content
    }

    private var nodes: [Node] { levels[0] }

    /// Cuts after line feeds; there is always a last line, maybe empty, without one.
    private static func lines(of pieces: [Piece]) -> [[Piece]] {
        var lines: [[Piece]] = [[]]
        for piece in pieces {
            lines[lines.count - 1].append(piece)
            if case .text(let text) = piece, text.last == UInt8(ascii: "\n") { lines.append([]) }
        }
        return lines
    }

    /// Says whether the line was a lone tag and so leaves nothing but what its tag stands for.
    @discardableResult
    private mutating func append(_ line: [Piece], startsLine: Bool) -> Bool {
        let tags = line.filter { !$0.isText }
        if tags.count == 1, tags[0].standsAlone, line.allSatisfy({ $0.isBlank || !$0.isText }) {
            appendAlone(tags[0], indentation: line.leadingSpace, lineEnd: line.lineEnd)
            return true
        }
        // Blank lines are neither indented nor dedented.
        if startsLine, !line.allSatisfy(\.isBlank) { markLineStart() }
        appendInline(line, indentation: startsLine ? line.leadingSpace : nil)
        return false
    }

    private mutating func appendInline(_ line: [Piece], indentation: [UInt8]? = nil) {
        for piece in line {
            switch piece {
            case .text(let text):
                appendText { $0.bytes += text }
            case .node(.block(var block)):
                block.indentation = block.indentation ?? indentation
                levels[levels.count - 1].append(.block(block))
            default:
                appendTag(piece)
            }
        }
    }

    private mutating func appendAlone(_ tag: Piece, indentation: [UInt8], lineEnd: [UInt8]) {
        switch tag {
        case .node(.inclusion(var inclusion)):
            inclusion.indentation = indentation
            levels[levels.count - 1].append(.inclusion(inclusion))
        case .node(.block(var block)):
            block.indentation = block.indentation ?? indentation
            block.lineEnd = lineEnd
            levels[levels.count - 1].append(.block(block))
        default:
            appendTag(tag)
        }
    }

    private mutating func appendTag(_ tag: Piece) {
        switch tag {
        case .text, .silence:
            break
        case .node(let node):
            levels[levels.count - 1].append(node)
        case .open(let section):
            sections.append(section)
            levels.append([])
        case .close:
            guard var section = sections.popLast(), let content = levels.popLast() else { return }
            section.content = content
            levels[levels.count - 1].append(.section(section))
        }
    }

    private mutating func markLineStart() {
        appendText { $0.lineStarts.append($0.bytes.count) }
    }

    /// Grows the text at the end, so that neighbouring texts are one.
    private mutating func appendText(_ change: (inout StaticText) -> Void) {
        let level = levels.count - 1
        var text = StaticText()
        if case .text(let last) = levels[level].last {
            text = last
            levels[level].removeLast()
        }
        change(&text)
        levels[level].append(.text(text))
    }
}

extension Piece {
    fileprivate var isText: Bool {
        if case .text = self { true } else { false }
    }

    fileprivate var isBlank: Bool {
        guard case .text(let text) = self else { return false }
        return text.allSatisfy { isIndentation($0) || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
    }
}

extension [Piece] {
    fileprivate var leadingSpace: [UInt8] {
        guard case .text(let text) = first else { return [] }
        return [UInt8](text.prefix(while: isIndentation))
    }

    fileprivate var lineEnd: [UInt8] {
        guard case .text(let text) = last, text.last == UInt8(ascii: "\n") else { return [] }
        return text.dropLast().last == UInt8(ascii: "\r")
            ? [UInt8(ascii: "\r"), UInt8(ascii: "\n")] : [UInt8(ascii: "\n")]
    }
}
