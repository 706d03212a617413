public import Mustache

/// Sets up an authenticator app: RFC 6238.
///
/// Posts `csrf` and `code`, the first code that the app shows.
public struct AuthenticatorPage: Page {
    /// The page's template.
    public static let template = "authenticator"

    /// What is around it.
    public let frame: AccountFrame
    /// The secret in groups of four characters.
    public let keyGroups: [String]
    /// The `otpauth` link as a picture; nil where it could not be drawn.
    public let picture: QRPicture?
    /// Whether a wrong code was typed before.
    public let isWrongCode: Bool
    /// The token against forged posts.
    public let csrf: String

    /// A page.
    public init(frame: AccountFrame, keyGroups: [String], picture: QRPicture?, isWrongCode: Bool, csrf: String) {
        self.frame = frame
        self.keyGroups = keyGroups
        self.picture = picture
        self.isWrongCode = isWrongCode
        self.csrf = csrf
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        frame.value([
            "key": .string(keyGroups.joined(separator: " ")),
            "picture": picture?.value ?? .null,
            "problem": .bool(isWrongCode),
            "action": .link(frame.rootURL + "/security/authenticator"),
            "csrf": .string(csrf),
        ])
    }

    /// A page with everything on it.
    public static var example: AuthenticatorPage {
        AuthenticatorPage(
            frame: .example, keyGroups: ["JBSW", "Y3DP", "EHPK", "3PXP", "JBSW", "Y3DP", "EHPK", "3PXP"],
            picture: QRPicture(rows: [[true, false], [false, true]]), isWrongCode: true, csrf: "Yk3J0")
    }
}
