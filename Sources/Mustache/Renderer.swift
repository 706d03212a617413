/// Writes one page: walks the nodes and appends bytes.
struct Renderer {
    /// How deep sections, blocks and templates may nest while rendering: recursion must end before the stack does.
    static let nestingLimit = 128
    /// Most pages fit, so that the buffer seldom grows.
    private static let typicalSize = 8 * 1024

    private let templates: [String: Template]
    private let escaping: Escaping
    private let plural: PluralRule
    private var output: [UInt8] = []
    /// The context stack of the specification, innermost last.
    private var contexts: [MustacheValue]
    private var fillings = Fillings()
    /// What every line of template text begins with at the moment.
    private var indentation: [UInt8] = []
    /// Where the output is already inside of a line: a line that starts exactly there gets no indentation.
    private var unindented: Int?
    private var depth = 0
    /// The template whose nodes are being rendered, for errors.
    private var template = ""

    init(
        templates: [String: Template], escaping: Escaping, plural: @escaping PluralRule, value: MustacheValue
    ) {
        self.templates = templates
        self.escaping = escaping
        self.plural = plural
        contexts = [value]
    }

    mutating func render(_ name: String) throws(MustacheError) -> [UInt8] {
        guard let found = templates[name] else {
            throw MustacheError(.unknownTemplate(name), in: name, at: Position())
        }
        template = name
        output.reserveCapacity(Renderer.typicalSize)
        try render(found.nodes)
        return output
    }

    private mutating func render(_ nodes: [Node]) throws(MustacheError) {
        for node in nodes {
            switch node {
            case .text(let text): append(text)
            case .value(let interpolation): append(interpolation)
            case .section(let section): try render(section)
            case .inclusion(let inclusion): try render(inclusion)
            case .block(let block): try render(block)
            }
        }
    }

    private mutating func append(_ text: StaticText) {
        guard !indentation.isEmpty, !text.lineStarts.isEmpty else {
            output.append(contentsOf: text.bytes)
            return
        }
        var written = 0
        for start in text.lineStarts {
            output.append(contentsOf: text.bytes[written..<start])
            startLine()
            written = start
        }
        output.append(contentsOf: text.bytes[written...])
    }

    private mutating func startLine() {
        if output.count != unindented { output.append(contentsOf: indentation) }
    }

    private mutating func append(_ interpolation: Interpolation) {
        switch value(at: interpolation.path) {
        case .string(let text):
            (interpolation.isRaw ? .none : escaping).append(text, to: &output)
        case .integer(let number): output.append(contentsOf: number.description.utf8)
        case .decimal(let number): output.append(contentsOf: number.description.utf8)
        case .bool(let flag): output.append(contentsOf: flag.description.utf8)
        case .null, .count, .list, .object: break
        }
    }

    private mutating func render(_ section: Section) throws(MustacheError) {
        let value = value(at: section.path)
        guard value.isFalsy == section.isInverted else { return }
        try descend(at: section.position)
        defer { depth -= 1 }
        if section.isInverted {
            try render(section.content)
        } else if case .list(let elements) = value {
            for element in elements { try render(section.content, with: element) }
        } else {
            try render(section.content, with: value)
        }
    }

    private mutating func render(_ nodes: [Node], with value: MustacheValue) throws(MustacheError) {
        contexts.append(value)
        defer { contexts.removeLast() }
        try render(nodes)
    }

    private mutating func render(_ inclusion: Inclusion) throws(MustacheError) {
        guard let found = templates[inclusion.name] else { return }
        try descend(at: inclusion.position)
        let outer = (indentation, template)
        let frame = fillings.enter(inclusion, in: template)
        defer {
            depth -= 1
            (indentation, template) = outer
            fillings.leave(frame)
        }
        // Inside of a line, a partial's further lines keep the indentation they were written with.
        indentation = inclusion.indentation.map { indentation + $0 } ?? []
        template = inclusion.name
        try render(found.nodes)
    }

    private mutating func render(_ block: Block) throws(MustacheError) {
        let match = fillings.matches(for: block.filling.name).last
        let filling = match?.filling ?? block.filling
        guard !filling.nodes.isEmpty else { return }
        try descend(at: block.filling.position)
        let outer = (indentation, template, fillings.current)
        defer {
            depth -= 1
            (indentation, template, fillings.current) = outer
        }
        if let own = block.indentation, !own.isEmpty { indentation += own }
        if let match {
            template = fillings.frames[match.frame].template
            fillings.current = fillings.frames[match.frame].outer
        }
        if let lineEnd = block.lineEnd {
            if !filling.startsLine { startLine() }
            try render(filling.nodes)
            if !filling.endsLine { output.append(contentsOf: lineEnd) }
        } else {
            if filling.startsLine { unindented = output.count }
            try render(filling.nodes)
        }
    }

    /// Looks up the first key from the inside out, the others below what it found (spec: interpolation).
    private func value(at path: ModelPath) -> MustacheValue {
        guard let first = path.keys.first else { return contexts.last ?? .null }
        for context in contexts.reversed() {
            guard var value = member(first, of: context) else { continue }
            for key in path.keys.dropFirst() { value = member(key, of: value) ?? .null }
            return value
        }
        return .null
    }

    private func member(_ key: String, of value: MustacheValue) -> MustacheValue? {
        switch value {
        case .object(let members): members[key]
        case .count(let count): MustacheCount.member(key, of: count, by: plural)
        default: nil
        }
    }

    private mutating func descend(at position: Position) throws(MustacheError) {
        guard depth < Renderer.nestingLimit else {
            throw MustacheError(.nestedTooDeeply(limit: Renderer.nestingLimit), in: template, at: position)
        }
        depth += 1
    }
}
