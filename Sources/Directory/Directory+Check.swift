/// One thing that was tried of a directory, and what came of it.
public struct DirectoryCheck: Sendable, Equatable {
    /// What was tried.
    public enum Part: String, Sendable, CaseIterable {
        /// That it is there, and is the one that is meant.
        case connection
        /// That it takes the account that searches.
        case account
        /// That there are people where they are looked for.
        case people
        /// That one of them has what tells people apart for good.
        case identifier
        /// That one of them has an address of the directory's domains.
        case address
        /// That groups are where they are looked for.
        case groups
    }

    /// What came of it.
    public enum Outcome: Sendable, Equatable {
        /// It is as it should be.
        case passed
        /// Only a sign-in can show it.
        case open
        /// It is to be mended.
        case failed(DirectoryFault)
        /// It answers, and has not what a sign-in needs.
        case lacking
    }

    /// What was tried.
    public let part: Part
    /// What came of it.
    public let outcome: Outcome

    /// What an operator can do about it, a sentence; nil where there is nothing to do.
    public var remedy: String? {
        switch outcome {
        case .passed: nil
        case .open: "Only a sign-in shows it."
        case .failed(let fault): fault.remedy
        case .lacking:
            switch part {
            case .connection, .account, .groups: nil
            case .people:
                "Nobody is found below base: check base, login and require, and whether bind_dn may read these attributes."
            case .identifier: "Set identifier to an attribute that never changes, and that bind_dn may read."
            case .address: "Set email to the attribute of the address, and domains to what follows the @ in it."
            }
        }
    }

    /// Whether something has to be mended.
    public var isBroken: Bool {
        switch outcome {
        case .passed, .open: false
        case .failed, .lacking: true
        }
    }
}

extension Directory {
    /// Tries everything that a sign-in needs, as far as it goes without a person.
    public func check() async -> [DirectoryCheck] {
        do {
            return try await ask { [course, settings] connection throws(DirectoryFault) in
                var checks = [DirectoryCheck(part: .connection, outcome: .passed)]
                guard case .search(let account) = settings.finding else {
                    return checks + [.people, .groups].map { DirectoryCheck(part: $0, outcome: .open) }
                }
                do throws(DirectoryFault) {
                    try course.enter(account, connection)
                    checks.append(DirectoryCheck(part: .account, outcome: .passed))
                } catch {
                    return checks + [DirectoryCheck(part: .account, outcome: .failed(error))]
                }
                return checks + course.checkPeople(over: connection) + [course.checkGroups(over: connection)]
            }
        } catch {
            return [DirectoryCheck(part: .connection, outcome: .failed(error))]
        }
    }
}

extension DirectoryCourse {
    /// Looks at whoever comes first.
    fileprivate func checkPeople(over connection: any DirectoryConnection) -> [DirectoryCheck] {
        let found: [DirectoryEntry]
        do throws(DirectoryFault) {
            found = try connection.search(
                DirectorySearch(
                    base: settings.base, depth: .subtree,
                    filter: .all([.any(settings.login.map { .present($0) })] + requirements), attributes: attributes,
                    limit: 1))
        } catch {
            return [DirectoryCheck(part: .people, outcome: .failed(error))]
        }
        guard let entry = found.first else { return [DirectoryCheck(part: .people, outcome: .lacking)] }
        return [
            DirectoryCheck(part: .people, outcome: .passed),
            DirectoryCheck(part: .identifier, outcome: subject(entry) == nil ? .lacking : .passed),
            DirectoryCheck(part: .address, outcome: ownAddress(entry) == nil ? .lacking : .passed),
        ]
    }

    fileprivate func checkGroups(over connection: any DirectoryConnection) -> DirectoryCheck {
        guard case .search(let base, _, _) = settings.groups else {
            return DirectoryCheck(part: .groups, outcome: .open)
        }
        do throws(DirectoryFault) {
            _ = try connection.search(
                DirectorySearch(
                    base: base, depth: .entry, filter: .present(DirectoryCourse.anything), attributes: [], limit: 1))
            return DirectoryCheck(part: .groups, outcome: .passed)
        } catch {
            return DirectoryCheck(part: .groups, outcome: .failed(error))
        }
    }
}
