/// Walks templates as the renderer does, with shapes in place of values, and into every section.
struct Checker {
    /// Templates and blocks visited, repetitions included: generous for any site, and the end of a pathological one.
    static let inclusionLimit = 10_000

    /// A template being visited.
    ///
    /// Another visit in the same circumstances from inside of it would go on without end.
    private struct Visit: Equatable {
        let name: String
        let scope: MustacheSchema
        let filledBlocks: Set<String>
    }

    /// What belongs to a frame of the fillings.
    private struct Notes {
        /// The blocks that were asked for.
        var shown: Set<String> = []
        /// The visits under way where the fillings are written.
        let visits: [Visit]
    }

    private let templates: [String: Template]
    private var errors: Set<MustacheError> = []
    private var scopes: [MustacheSchema]
    private var fillings = Fillings()
    /// One for each frame of the fillings.
    private var notes: [Notes] = []
    private var visits: [Visit] = []
    private var inclusions = 0
    /// Begins below zero: the template to check, unlike the ones in it, does not count.
    private var depth = -1
    private var template = ""

    init(templates: [String: Template], schema: MustacheSchema) {
        self.templates = templates
        scopes = [schema]
    }

    mutating func check(_ name: String) -> [MustacheError] {
        include(Inclusion(name: name, position: Position()), from: name)
        return errors.sorted {
            ($0.template, $0.line, $0.column, $0.description) < ($1.template, $1.line, $1.column, $1.description)
        }
    }

    private mutating func check(_ nodes: [Node]) {
        for node in nodes {
            switch node {
            case .text:
                break
            case .value(let interpolation):
                switch shape(at: interpolation.path, interpolation.position) {
                case .list, .object: report(.notText(interpolation.path.text), at: interpolation.position)
                case .text, .flag, .any, nil: break
                }
            case .section(let section):
                check(section)
            case .inclusion(let inclusion):
                include(inclusion, from: template)
            case .block(let block):
                check(block)
            }
        }
    }

    private mutating func check(_ section: Section) {
        // An unknown key is reported once: what stands inside of it may then name anything.
        let shape = shape(at: section.path, section.position) ?? .any
        descend(at: section.position) { checker in
            if section.isInverted {
                checker.check(section.content)
            } else {
                if case .list(let element) = shape {
                    checker.scopes.append(element)
                } else {
                    checker.scopes.append(shape)
                }
                checker.check(section.content)
                checker.scopes.removeLast()
            }
        }
    }

    private mutating func include(_ inclusion: Inclusion, from source: String) {
        let outerTemplate = template
        template = source
        defer { template = outerTemplate }
        guard let found = templates[inclusion.name] else {
            return report(.unknownTemplate(inclusion.name), at: inclusion.position)
        }
        let frame = fillings.enter(inclusion, in: source)
        if !inclusion.fillings.isEmpty { notes.append(Notes(visits: visits)) }
        visit(found, at: inclusion)
        fillings.leave(frame)
        guard !inclusion.fillings.isEmpty, let shown = notes.popLast()?.shown else { return }
        for filling in inclusion.fillings where !shown.contains(filling.name) {
            report(.unknownBlock(filling.name, parent: inclusion.name), at: filling.position)
        }
    }

    private mutating func visit(_ found: Template, at inclusion: Inclusion) {
        let visit = Visit(name: found.name, scope: scopes.last ?? .any, filledBlocks: fillings.names)
        guard !visits.contains(visit) else {
            // Recursion that goes down in the model meets ever smaller shapes. Where nothing is known, it is believed to.
            if visit.scope != .any { report(.endlessInclusion(found.name), at: inclusion.position) }
            return
        }
        guard countInclusion(at: inclusion.position) else { return }
        descend(at: inclusion.position) { checker in
            let outer = checker.template
            checker.visits.append(visit)
            checker.template = found.name
            checker.check(found.nodes)
            checker.template = outer
            checker.visits.removeLast()
        }
    }

    private mutating func check(_ block: Block) {
        let matches = fillings.matches(for: block.filling.name)
        for match in matches { notes[match.frame].shown.insert(block.filling.name) }
        guard countInclusion(at: block.filling.position) else { return }
        descend(at: block.filling.position) { checker in
            guard let match = matches.last else { return checker.check(block.filling.nodes) }
            let outer = (checker.template, checker.fillings.current, checker.visits)
            let frame = checker.fillings.frames[match.frame]
            checker.template = frame.template
            checker.fillings.current = frame.outer
            checker.visits = checker.notes[match.frame].visits
            checker.check(match.filling.nodes)
            (checker.template, checker.fillings.current, checker.visits) = outer
        }
    }

    /// What a path leads to; reports and returns `nil` when it leads nowhere.
    private mutating func shape(at path: ModelPath, _ position: Position) -> MustacheSchema? {
        guard let first = path.keys.first else { return scopes.last }
        var known: Set<String> = []
        for scope in scopes.reversed() {
            if scope == .any { return .any }
            guard case .object(let members) = scope else { continue }
            guard var shape = members[first] else {
                known.formUnion(members.keys)
                continue
            }
            for key in path.keys.dropFirst() {
                if shape == .any { return .any }
                guard case .object(let members) = shape, let next = members[key] else {
                    if case .object(let members) = shape { known = Set(members.keys) } else { known = [] }
                    report(.unknownKey(path.text, known: known.sorted()), at: position)
                    return nil
                }
                shape = next
            }
            return shape
        }
        report(.unknownKey(path.text, known: known.sorted()), at: position)
        return nil
    }

    private mutating func descend(at position: Position, _ body: (inout Checker) -> Void) {
        guard depth < Renderer.nestingLimit else {
            return report(.nestedTooDeeply(limit: Renderer.nestingLimit), at: position)
        }
        depth += 1
        body(&self)
        depth -= 1
    }

    /// Says whether to go on; reports once when not.
    private mutating func countInclusion(at position: Position) -> Bool {
        inclusions += 1
        if inclusions == Checker.inclusionLimit + 1 {
            report(.tooManyInclusions(limit: Checker.inclusionLimit), at: position)
        }
        return inclusions <= Checker.inclusionLimit
    }

    private mutating func report(_ problem: MustacheError.Problem, at position: Position) {
        errors.insert(MustacheError(problem, in: template, at: position))
    }
}
