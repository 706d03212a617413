import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Directory

@Suite("Settings of a directory")
struct DirectorySettingsTests {
    private func settings(_ members: String) throws -> DirectorySettings {
        try DirectorySettings(JSONObject(parsing: Array("{\(members)}".utf8)))
    }

    private static let least = #""hosts":["dc.x.org"],"domains":["X.org"],"base":"dc=x""#

    @Test func haveWhatIsUsual() throws {
        let settings = try settings(Self.least)
        #expect(settings.hosts == [DirectorySettings.Host(name: "dc.x.org", port: 636)])
        #expect(settings.security == .ldaps)
        #expect(settings.domains == ["x.org"])
        #expect(settings.finding == .search(as: nil))
        #expect(settings.login.map(\.rawValue) == ["mail", "userprincipalname"])
        #expect(settings.identifier.map(\.rawValue) == ["objectguid", "entryuuid"])
        #expect(settings.groups == .none)
        #expect(settings.mayCreate == nil && settings.mayLink && !settings.bringsName)
        #expect(settings.groupNames == nil)
        #expect(settings.passwordPage == nil)
        #expect(settings.patience == 5)
    }

    @Test func areReadWhole() throws {
        let settings = try settings(
            """
            "hosts":["dc1.x.org:1636","[::1]:3890","10.0.0.1"],"security":"starttls","ca_file":"/etc/ca.pem","domains":"x.org",
            "base":"dc=x","bind_dn":"cn=s,dc=x","login":"uid","require":{"objectClass":"person"},"identifier":["uid"],
            "email":"rfc822Mailbox","name":"cn","groups":{"base":"ou=g","member":"uniqueMember"},"group_names":{"Staff":"staff"},"may_create":false,"may_link":false,"profile":"provider","password_page":"https://x.org/p","timeout":30
            """)
        #expect(settings.hosts.map(\.port) == [1636, 3890, 389])
        #expect(settings.hosts.map(\.name) == ["dc1.x.org", "::1", "10.0.0.1"])
        #expect(settings.finding == .search(as: DistinguishedName("cn=s,dc=x")))
        #expect(
            settings.groups
                == .search(base: DistinguishedName("ou=g"), member: AttributeName("uniquemember")!, nested: false))
        #expect(settings.required == [AttributeName("objectclass")!: "person"])
        #expect(settings.mayCreate == false && !settings.mayLink && settings.bringsName)
        #expect(settings.groupNames == ["Staff": "staff"])
        #expect(settings.passwordPage == "https://x.org/p")
    }

    @Test(arguments: [
        (#""domains":["x.org"],"base":"dc=x""#, "hosts"), (#""hosts":["a"],"base":"dc=x""#, "domains"),
        (#""hosts":["a"],"domains":["x.org"]"#, "base"), (least + #","host":"a""#, "host"),
        (least + #","security":"tls""#, "security"), (least + #","security":"none""#, "security"),
        (least + #","user_dn":"uid=ada""#, "user_dn"),
        (least + #","user_dn":"uid={user}","bind_dn":"cn=x""#, "user_dn"),
        (#""hosts":["a"],"domains":["x.org","y.org"],"base":"dc=x","user_dn":"uid={user}""#, "user_dn"),
        (least + #","group_names":["a"]"#, "group_names"), (least + #","group_names":{"a":1}"#, "group_names"),
        (least + #","login":["a b"]"#, "login"), (least + #","login":[]"#, "login"),
        (least + #","email":"(x)""#, "email"),
        (least + #","groups":7"#, "groups"), (least + #","groups":{"base":"x","nest":true}"#, "groups"),
        (least + #","may_create":"yes""#, "may_create"), (least + #","may_link":1"#, "may_link"),
        (least + #","profile":"both""#, "profile"), (least + #","password_page":"http://x.org""#, "password_page"),
        (least + #","ca_file":"/a\u0000b""#, "ca_file"), (least + #","timeout":0"#, "timeout"),
        (least + #","timeout":31"#, "timeout"),
        (least + #","require":{"a":1}"#, "require"), (#""hosts":["a/b"],"domains":["x.org"],"base":"dc=x""#, "hosts"),
        (#""hosts":["a:0"],"domains":["x.org"],"base":"dc=x""#, "hosts"),
        (#""hosts":["a b"],"domains":["x.org"],"base":"dc=x""#, "hosts"),
        (#""hosts":["a"],"domains":["@x.org"],"base":"dc=x""#, "domains"),
    ])
    func sayWhatIsWrong(_ members: String, _ member: String) throws {
        let fault = #expect(throws: DirectorySettings.Fault.self) { try settings(members) }
        #expect(fault?.member == member)
        _ = try settings(Self.least)
        _ = try settings(#""hosts":["127.0.0.1"],"domains":["x.org"],"base":"dc=x","security":"none""#)
    }

    // In another part of the directory somebody else may name groups.
    @Test func groupsOfOneNameInDifferentPlacesAreDifferentGroups() throws {
        let corp = ConnectorID(rawValue: "corp")
        let names = ["CN=Admins,OU=Groups,DC=x", "cn=Admins,ou=Sales,dc=x", "cn=Admins,ou=y,ou=Groups,dc=x"]
        let whole = try settings(Self.least + #","groups":"memberOf""#)
        #expect(
            whole.groups(named: names, of: corp) == [
                "corp:cn=Admins,ou=Groups,dc=x", "corp:cn=Admins,ou=Sales,dc=x", "corp:cn=Admins,ou=y,ou=Groups,dc=x",
            ])
        for groups in [#""memberOf","group_base":"ou=groups,dc=x""#, #"{"base":"ou=groups,dc=x"}"#] {
            let short = try settings(Self.least + #","groups":\#(groups)"#)
            #expect(
                short.groups(named: names, of: corp) == [
                    "corp:Admins", "corp:cn=Admins,ou=Sales,dc=x", "corp:cn=Admins,ou=y,ou=Groups,dc=x",
                ])
        }
        let named = try settings(
            Self.least
                + #","groups":"memberOf","group_base":"ou=groups,dc=x","group_names":{"Admins":"a","CN=admins, OU=sales, DC=x":"b"}"#
        )
        #expect(named.groups(named: names, of: corp) == ["a", "b"])
        // Nor can a common name look like the whole name of another group.
        let odd = try settings(Self.least + #","groups":"memberOf","group_base":"dc=x""#)
        #expect(
            odd.groups(named: ["cn=cn\\=Admins\\,dc\\=y,dc=x", "cn=Admins,dc=y"], of: corp)
                == ["corp:cn=cn\\=Admins\\,dc\\=y,dc=x", "corp:cn=Admins,dc=y"])
    }

    @Test func groupsHaveTheNamesThatTheOperatorGave() throws {
        let corp = ConnectorID(rawValue: "corp")
        let all = try settings(Self.least + #","groups":"memberOf""#)
        #expect(all.groups(named: ["Staff", "Math", "Staff"], of: corp) == ["corp:Staff", "corp:Math"])
        let named = try settings(Self.least + #","groups":"memberOf","group_names":{"Staff":"staff"}"#)
        #expect(named.groups(named: ["Staff", "admin", "Math"], of: corp) == ["staff"])
        // Where nobody asks for them, those that are known stay.
        #expect(try settings(Self.least).groups(named: ["Staff"], of: corp) == nil)
        #expect(all.groups(named: [String(repeating: "x", count: 196)], of: corp) == [])
        #expect(throws: DirectorySettings.Fault.self) { try settings(Self.least + #","group_base":"groups""#) }
        #expect(throws: DirectorySettings.Fault.self) {
            try settings(Self.least + #","groups":"memberOf","group_names":{"cn=a,dc=x":"a","CN=A,DC=x":"b"}"#)
        }
        #expect(all.groups(named: (0..<1100).map { "\($0)" }, of: corp)?.count == 1000)
    }
}
