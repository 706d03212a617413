public import Mustache

/// Two-step verification of an account: on or off, recovery codes, remembered browsers, passkeys.
///
/// Each form posts `csrf`; one that forgets a browser also `device`.
public struct AccountSecurityPage: Page {
    /// The second factor and what belongs to it.
    public enum SecondFactor: Equatable, Sendable {
        /// There is none.
        case off
        /// It is on, with so many recovery codes left; `hasApp` is whether an authenticator app is one.
        case on(recoveryCodesLeft: Int, hasApp: Bool = true)
    }

    /// What the account has of a password.
    public enum Password: Equatable, Sendable {
        /// One that it needs.
        case needed
        /// One that it can do without.
        case dispensable
        /// None.
        case none
        /// It is kept by a directory of that name; `page` is where people change it, nil where nobody knows.
        case kept(by: String, page: String?)
    }

    /// What may be said of codes by mail.
    public enum MailCodes: Equatable, Sendable {
        /// Nothing: nobody gets any here, or something stronger is on.
        case notOffered
        /// They may be switched on.
        case off
        /// They are on.
        case on
    }

    /// A browser that needs no second factor for a while.
    public struct Device: Equatable, Sendable {
        /// What it is.
        public let name: String
        /// When it was remembered.
        public let since: ShownMoment
        /// When it is forgotten.
        public let until: ShownMoment
        /// What names it in the form.
        public let handle: String

        /// A device.
        public init(name: String, since: ShownMoment, until: ShownMoment, handle: String) {
            self.name = name
            self.since = since
            self.until = until
            self.handle = handle
        }
    }

    /// The page's template.
    public static let template = "account-security"

    /// What is around it.
    public let frame: AccountFrame
    /// The second factor.
    public let secondFactor: SecondFactor
    /// The remembered browsers.
    public let devices: [Device]
    /// Until when nothing may be changed here; nil where it may.
    public let frozenUntil: ShownMoment?
    /// Whether the address can be changed: that needs mail.
    public let hasMail: Bool
    /// What the account has of a password.
    public let password: Password
    /// What may be said of codes by mail.
    public let mailCodes: MailCodes
    /// The passkeys; nil where none can be used.
    public let passkeys: PasskeyList?
    /// Other providers that open the account; nil where there are none.
    public let links: LinkList?
    /// The token against forged posts.
    public let csrf: String

    /// A page.
    public init(
        frame: AccountFrame, secondFactor: SecondFactor, devices: [Device], passkeys: PasskeyList? = nil,
        links: LinkList? = nil, frozenUntil: ShownMoment? = nil, hasMail: Bool = false,
        password: Password = .needed, mailCodes: MailCodes = .notOffered, csrf: String
    ) {
        self.password = password
        self.mailCodes = mailCodes
        self.frozenUntil = frozenUntil
        self.hasMail = hasMail
        self.frame = frame
        self.secondFactor = secondFactor
        self.devices = devices
        self.passkeys = passkeys
        self.links = links
        self.csrf = csrf
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        var left: Int?
        var hasApp = false
        if case .on(let count, let isApp) = secondFactor { (left, hasApp) = (count, isApp) }
        var keeper: MustacheValue = .null
        if case .kept(let name, let page) = password { keeper = ["name": .string(name), "url": .link(page)] }
        return frame.value([
            "on": .bool(left != nil),
            "off": .bool(left == nil),
            "app": .bool(hasApp),
            "hasPasskeys": .bool(passkeys?.entries.isEmpty == false),
            "passkeys": passkeys?.value ?? .null,
            "links": links?.value ?? .null,
            "codesLeft": .integer(left ?? 0),
            "fewCodes": .bool((left ?? 10) < 3),
            "devices": .list(
                devices.map { device in
                    [
                        "name": ShownDevice(device.name).value, "since": device.since.value,
                        "until": device.until.value,
                        "handle": .string(device.handle),
                    ]
                }),
            "hasDevices": .bool(!devices.isEmpty),
            "frozenUntil": frozenUntil?.value ?? .null,
            "hasMail": .bool(hasMail),
            "hasPassword": .bool(password != .none),
            "passwordKeeper": keeper,
            "mayRemovePassword": .bool(password == .dispensable),
            "mailCodesOff": .bool(mailCodes == .off),
            "mailCodesOn": .bool(mailCodes == .on),
            "csrf": .string(csrf),
        ])
    }

    /// A page with everything on it.
    public static var example: AccountSecurityPage {
        AccountSecurityPage(
            frame: .example, secondFactor: .on(recoveryCodesLeft: 2),
            devices: [
                Device(
                    name: "Firefox on Linux", since: ShownMoment(seconds: 1_748_779_200),
                    until: ShownMoment(seconds: 1_751_371_200), handle: "q0A")
            ],
            passkeys: .example, links: .example, frozenUntil: ShownMoment(seconds: 1_748_779_200), hasMail: true,
            password: .dispensable, mailCodes: .on, csrf: "Yk3J0")
    }
}
