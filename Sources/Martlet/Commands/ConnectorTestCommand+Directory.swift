import Directory
import Glibc
import JSON
import OAuthTypes
import Stores

extension ConnectorTestCommand {
    /// Tries a directory as far as it goes without a person, and with one where that was asked for.
    func tryDirectory(_ connector: Connector, _ tool: Tool) async throws {
        let directory: Directory
        do {
            let settings = try DirectorySettings(connector)
            directory = try Directory(
                settings, secret: try connector.openSecret(try tool.configuration.requireMasterKey()),
                transport: LDAPTransport(settings), clock: tool.clock, random: tool.random,
                pause: { try await Task.sleep(for: $0) })
        } catch let fault as DirectorySettings.Fault {
            throw CommandFailure(.badData, "connector \(connector.id): \(Console.visible(fault.description))")
        }
        let checks = await directory.check()
        show(checks, on: tool.console)
        var isBroken = checks.contains(where: \.isBroken)
        if walks, !isBroken { isBroken = try await !walk(directory, connector.id, tool.console) }
        await directory.stop()
        guard !isBroken else { throw CommandFailure("connector \(connector.id) does not work yet") }
    }

    /// Signs somebody in; false where that does not work.
    private func walk(_ directory: Directory, _ id: ConnectorID, _ console: Console) async throws -> Bool {
        // What reads whole lines would take the password along, where that comes from a file.
        let typed = isatty(0) == 1 ? console.readLine("Address: ") : try console.readSecret("Address")
        guard let email = Email(typed) else {
            throw CommandFailure(.badData, "that is no address")
        }
        let password = try console.readSecret("Password there")
        let lines: [(String, String)]
        do throws(DirectoryFault) {
            switch try await directory.prove(email, password: Array(password.utf8)) {
            case .refused(let reason):
                lines = [("Refused", reason.rawValue), ("", reason.remedy)]
            case .proven(let person):
                lines = [
                    ("Subject", person.subject), ("Address", person.email.rawValue), ("Name", person.name ?? "none"),
                    ("Groups", person.groups.isEmpty ? "none" : person.groups.joined(separator: "; ")),
                    ("Here", ConnectorTestCommand.list(directory.settings.groups(named: person.groups, of: id) ?? [])),
                ]
            }
        } catch {
            lines = [("Refused", error.description), ("", error.remedy)]
        }
        for (label, value) in lines {
            console.print(label + String(repeating: " ", count: 12 - label.count) + Console.visible(value))
        }
        return lines.first?.0 == "Subject"
    }

    private static func list(_ groups: [String]) -> String {
        groups.isEmpty ? "in no group" : "in " + groups.joined(separator: "; ")
    }

    private func show(_ checks: [DirectoryCheck], on console: Console) {
        guard !isJSON else {
            console.print { writer in
                writer.object { writer in
                    writer.array("checks") { writer in
                        for check in checks {
                            writer.element {
                                $0.member("part", check.part.rawValue)
                                $0.member("outcome", check.outcome.word)
                                $0.member("remedy", check.remedy)
                            }
                        }
                    }
                }
            }
            return
        }
        for check in checks {
            let name = check.part.rawValue
            console.print(name + String(repeating: " ", count: 12 - name.count) + check.outcome.word)
            if let remedy = check.remedy { console.print("            " + remedy) }
        }
    }
}

extension DirectoryCheck.Outcome {
    /// What came of it, in a word.
    fileprivate var word: String {
        switch self {
        case .passed: "well"
        case .open: "unknown"
        case .failed(let fault): fault.description
        case .lacking: "lacking"
        }
    }
}
