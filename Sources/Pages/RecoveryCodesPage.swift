public import Mustache

/// Shows new recovery codes, once.
///
/// The form posts `csrf` and the `codes` back for a text file of them.
public struct RecoveryCodesPage: Page {
    /// The page's template.
    public static let template = "recovery-codes"

    /// What is around it.
    public let frame: AccountFrame
    /// The codes.
    public let codes: [String]
    /// Whether two-step verification has just been switched on.
    public let isFirst: Bool
    /// The token against forged posts.
    public let csrf: String

    /// A page.
    public init(frame: AccountFrame, codes: [String], isFirst: Bool, csrf: String) {
        self.frame = frame
        self.codes = codes
        self.isFirst = isFirst
        self.csrf = csrf
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        frame.value([
            "codes": .list(codes.map { ["code": .string($0)] }),
            "allCodes": .string(codes.joined(separator: " ")),
            "first": .bool(isFirst),
            "fileAction": .link(frame.rootURL + "/security/recovery-codes/file"),
            "csrf": .string(csrf),
        ])
    }

    /// A page with everything on it.
    public static var example: RecoveryCodesPage {
        RecoveryCodesPage(
            frame: .example, codes: ["0h3k-9x2m-7qpt-v5ad", "8c1r-w4zn-e6ys-2b0g"], isFirst: true, csrf: "Yk3J0")
    }
}
