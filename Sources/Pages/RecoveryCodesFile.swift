public import Mustache

/// Recovery codes as a text file, to keep.
public struct RecoveryCodesFile: TextFile {
    /// The file's template.
    public static let template = "recovery-codes"

    /// Whose codes they are.
    public let accountEmail: String
    /// Where they open the account.
    public let issuer: String
    /// The codes.
    public let codes: [String]

    /// A file.
    public init(accountEmail: String, issuer: String, codes: [String]) {
        self.accountEmail = accountEmail
        self.issuer = issuer
        self.codes = codes
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "accountEmail": .string(accountEmail), "issuer": .string(issuer),
            "codes": .list(codes.map { ["code": .string($0)] }),
        ]
    }

    /// A file with everything in it.
    public static var example: RecoveryCodesFile {
        RecoveryCodesFile(
            accountEmail: "mara.lindqvist@example.org", issuer: "https://id.example", codes: ["0h3k-9x2m-7qpt-v5ad"])
    }
}
