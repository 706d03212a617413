import Mustache

/// The templates of a folder, parsed once for all languages.
struct SharedTemplates {
    let templates: [Template]
    /// The names of all that came, also of those that could not be parsed.
    let names: Set<String>
    /// Whatever they include, also those that an overlay took the place of: their messages stay.
    let inclusions: Set<String>
    let problems: [PageError.Problem]
    /// Where templates of an overlay stand.
    private let files: [String: String]

    init(_ folder: TemplateFolder) {
        var templates: [Template] = []
        var problems: [PageError.Problem] = []
        for (name, source) in folder.sources.sorted(by: { $0.key < $1.key }) {
            if name.hasPrefix(MessageFile.prefix) {
                let file = folder.overlaid[name] ?? name + TemplateFolder.suffix
                problems.append(.init(file: file, "\(MessageFile.prefix) is for messages; move it to another folder"))
            }
            do throws(MustacheError) {
                templates.append(try Template(parsing: source, named: name, wording: MessageFile.prefix))
            } catch {
                problems.append(SharedTemplates.problem(error, folder.overlaid))
            }
        }
        let replaced = folder.replaced.compactMap {
            try? Template(parsing: $0, named: "", wording: MessageFile.prefix)
        }
        inclusions = (templates + replaced).reduce(into: []) { $0.formUnion($1.inclusions) }
        names = Set(folder.sources.keys)
        files = folder.overlaid
        self.templates = templates
        self.problems = problems
    }

    /// A mistake with the file that it is in.
    func problem(_ error: MustacheError) -> PageError.Problem { SharedTemplates.problem(error, files) }

    private static func problem(_ error: MustacheError, _ files: [String: String]) -> PageError.Problem {
        let problem = PageError.Problem(error)
        guard let file = files[error.template] else { return problem }
        return .init(file: file, position: problem.position, problem.message)
    }
}
