import Identity
import JSON
import MartletTesting
import Stores
import Testing

@testable import Martlet

@Suite("Exports of Auth0's Authorization Extension")
struct AuthorizationExtensionTests {
    private static let groups = #"""
        "groups": [
          {"_id": "g-admin", "name": "Admin", "description": "all", "nested": ["g-hr"]},
          {"_id": "g-hr", "name": "HR", "members": ["auth0|ada"], "roles": ["r-manager"], "nested": ["g-train"]},
          {"_id": "g-train", "name": "Trainers", "members": ["auth0|ben", "auth0|ada"], "nested": ["g-admin"],
           "mappings": [{"_id": "m", "groupName": "trainers", "connectionName": "corp"}]},
          {"_id": "g-other", "name": "Other", "members": ["auth0|eve"]}
        ]
        """#
    private static let rest = #"""
        "configuration": [{"_id": "v1", "rolesInToken": true}], "rules": [],
        "permissions": [{"_id": "p", "applicationType": "client", "applicationId": "a", "name": "Approve"}],
        "roles": [
          {"_id": "r-manager", "applicationType": "client", "applicationId": "a", "name": "HR Manager",
           "permissions": ["p"]},
          {"_id": "r-clerk", "applicationType": "client", "applicationId": "b", "name": "Clerk", "users": ["auth0|eve"]}
        ]
        """#

    private func read(_ members: String...) throws -> AuthorizationExtension {
        try AuthorizationExtension(JSONObject(parsing: Array("{\(members.joined(separator: ","))}".utf8)))
    }

    private func words(_ memberships: Set<Membership>?) -> [String] {
        (memberships ?? []).map { "\($0.kind.rawValue) \($0.name.rawValue)" }.sorted()
    }

    @Test func peopleAreInGroupsOfGroupsAndHaveTheRolesOfAll() throws {
        let read = try read(Self.groups, Self.rest)
        let all = ["group Admin", "group HR", "group Trainers", "role HR Manager"]
        #expect(words(read.memberships["auth0|ben"]) == all)
        // Groups may have each other.
        #expect(words(read.memberships["auth0|ada"]) == all)
        #expect(words(read.memberships["auth0|eve"]) == ["group Other", "role Clerk"])
        #expect(read.memberships.count == 3 && read.mapped == ["Trainers"])
    }

    @Test(arguments: [
        (
            #""roles": [{"_id": "1", "name": "Clerk"}, {"_id": "2", "name": "Clerk"}]"#,
            "two of its roles are called Clerk"
        ),
        (#""groups": [{"_id": "1", "name": "A"}, {"_id": "2", "name": "A"}]"#, "two of its groups are called A"),
        (#""groups": [{"_id": "1", "name": ""}]"#, "cannot be the name of a group"),
        (#""groups": [{"name": "A"}]"#, "has no _id"), (#""groups": {"a": 1}"#, "groups is no list"),
        (#""groups": [{"_id": "1", "name": "A", "members": [7]}]"#, "members is no list"),
        (
            #""groups": [{"_id": "1", "name": "A", "members": ["x"], "roles": ["r"]}]"#,
            "has a role that it does not hold"
        ),
        (#""users": []"#, "neither groups nor roles"),
    ])
    func whatIsNotClearIsRefused(_ members: String, _ sentence: String) throws {
        let damage = #expect(throws: AuthorizationExtension.Damage.self) { try read(members) }
        #expect(damage?.sentence.contains(sentence) == true)
        _ = try read(#""groups": [{"_id": "1", "name": "A"}], "roles": [{"_id": "2", "name": "A"}]"#)
    }

    @Test func standBesideListsOfMembers() throws {
        let lists = try MemberLists([], .auth0)
        lists.add(try read(Self.groups, Self.rest))
        #expect(words(lists.memberships(of: "auth0|eve")) == ["group Other", "role Clerk"])
        #expect(lists.memberships(of: "auth0|nobody").isEmpty)
    }
}
