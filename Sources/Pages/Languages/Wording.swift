import Mustache

/// The messages of one language as templates, and what is wrong with them.
struct Wording {
    /// A message and where it stands.
    struct Place {
        let file: String
        let key: String
    }

    let language: Language
    private(set) var templates: [Template] = []
    private(set) var places: [String: Place] = [:]
    private(set) var problems: [PageError.Problem] = []

    /// Parses the messages of a language; of two with the same name the one of the later file counts.
    init(_ language: Language, _ files: [MessageFile]) {
        self.language = language
        for file in files where file.language == language {
            for (name, key) in file.names.sorted(by: { $0.name < $1.name }) {
                places[name] = Place(file: file.file, key: key)
                do throws(MustacheError) {
                    let source = file.texts[key] ?? ""
                    templates.append(try Template(parsing: source, named: name, wording: MessageFile.prefix))
                } catch {
                    problems.append(problem(error))
                }
            }
        }
    }

    /// A mistake in a message or in a template, with the file that it is in.
    func problem(_ error: MustacheError) -> PageError.Problem {
        guard let place = places[error.template] else { return PageError.Problem(error) }
        return .init(file: place.file, "`\(place.key)`: \(error.problem)")
    }

    /// What differs from the language that sets the keys.
    func differences(from reference: Wording) -> [PageError.Problem] {
        let missing = reference.places.filter { places[$0.key] == nil }.map { name, place in
            let area = name.dropFirst(MessageFile.prefix.utf8.count).prefix { $0 != "." }
            return PageError.Problem(
                file: Wording.file(of: area, in: language),
                "`\(place.key)` is missing; \(place.file) has it: translate it from there")
        }
        let unknown = places.filter { reference.places[$0.key] == nil }.map { _, place in
            PageError.Problem(
                file: place.file,
                "`\(place.key)` is not among the messages in \(reference.language.tag); correct the key, or remove it")
        }
        return missing + unknown
    }

    /// Messages that nothing shows.
    func unused(besides used: Set<String>) -> [PageError.Problem] {
        places.filter { !used.contains($0.key) }.map { _, place in
            .init(file: place.file, "`\(place.key)` is shown by no template; remove it, or correct the key")
        }
    }

    static func file(of area: some StringProtocol, in language: Language) -> String {
        "\(MessageFile.folder)/\(language.tag)/\(area)\(MessageFile.suffix)"
    }
}
