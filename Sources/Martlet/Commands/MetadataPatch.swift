import AuthorizationServer
import JSON
import OAuthTypes
import Stores

/// What a command line says about a client's metadata: `--metadata FILE` and, on top of it, `--set NAME=VALUE`.
struct MetadataPatch: Sendable {
    private let file: String?
    private let assignments: [(name: String, value: JSONValue)]

    init(_ arguments: Arguments) throws(UsageError) {
        file = arguments.value(.metadataFile)
        var assignments: [(name: String, value: JSONValue)] = []
        for text in arguments.values(.metadataMember) {
            let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2 else {
                throw UsageError("--set takes NAME=VALUE", in: arguments.usage.words)
            }
            let name = String(halves[0])
            guard MetadataPatch.known.contains(String(name.prefix { $0 != "#" })) else {
                throw .unknown("member", name, known: MetadataPatch.known, in: arguments.usage.words)
            }
            // A word that is no JSON is meant as a string: RS256 needs no quotes.
            let value = String(halves[1])
            assignments.append((name, (try? JSONValue(parsing: value)) ?? .string(value)))
        }
        self.assignments = assignments
    }

    private static let known =
        ["redirect_uris", "post_logout_redirect_uris", "grant_types", "scope"] + ClientMetadata.memberNames

    private static let largestFile = 256 * 1024

    /// The members, null for one that is to go.
    func members() throws(CommandFailure) -> JSONObject {
        var members = JSONObject()
        if let file {
            let path = Console.visible(file)
            let contents: SmallFile.Contents
            do {
                contents = try SmallFile.read(file, limit: MetadataPatch.largestFile)
            } catch {
                throw CommandFailure(.badData, "\(path) cannot be read: \(error)")
            }
            do {
                members = try JSONObject(parsing: contents.bytes)
            } catch {
                throw CommandFailure(.badData, "\(path) is no JSON object: \(error.reason) at byte \(error.offset)")
            }
        }
        for (name, value) in assignments { members[name] = value }
        return members
    }

    /// The members as a document of their own.
    func document() throws(CommandFailure) -> ClientDocument {
        let members = try members()
        return try CommandFailure.checking { () throws(RegistrationRefusal) in try ClientDocument(members) }
    }
}

extension Option {
    static let metadataFile = once(
        "--metadata", "FILE", "Members of RFC 7591 and OpenID Connect Registration, as a JSON object.")
    static let metadataMember = repeatable(
        "--set", "NAME=VALUE", "One such member; the value is JSON or a plain word, null takes it away.")
}

extension CommandFailure {
    /// What the rules of registration refuse, as the end of a command.
    static func checking<Result>(
        _ body: () throws(RegistrationRefusal) -> Result
    ) throws(CommandFailure) -> Result {
        do throws(RegistrationRefusal) {
            return try body()
        } catch {
            throw CommandFailure(.badData, "\(error.member) cannot be registered so: \(error.reason)")
        }
    }
}
