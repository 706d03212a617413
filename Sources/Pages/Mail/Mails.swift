public import Mustache

/// A link that sets a new password.
public struct ResetPasswordMail: Mail {
    /// The mail's templates.
    public static let template = "reset-password"
    /// The name of the account; may be empty.
    public let name: String
    /// The link.
    public let link: String

    /// How long the link works.
    public let lifetime: ShownPeriod

    /// A mail.
    public init(name: String, link: String, for lifetime: ShownPeriod) {
        self.name = name
        self.link = link
        self.lifetime = lifetime
    }

    /// What the templates are rendered with.
    public var value: MustacheValue {
        ["name": .init(name.isEmpty ? nil : name), "link": .link(link), "linkTime": lifetime.value]
    }

    /// A mail with everything in it.
    public static var example: ResetPasswordMail {
        ResetPasswordMail(
            name: "Mara", link: "https://id.example/reset-password?link=h7Qe", for: ShownPeriod(seconds: 1800))
    }
}

/// A new password was asked for, and a directory keeps it.
public struct PasswordElsewhereMail: Mail {
    /// The mail's templates.
    public static let template = "password-elsewhere"
    /// The name of the account; may be empty.
    public let name: String
    /// What people call the directory.
    public let keeper: String
    /// Where people change it there; nil where nobody knows.
    public let link: String?

    /// A mail.
    public init(name: String, keeper: String, link: String?) {
        self.name = name
        self.keeper = keeper
        self.link = link
    }

    /// What the templates are rendered with.
    public var value: MustacheValue {
        ["name": .init(name.isEmpty ? nil : name), "keeper": .string(keeper), "link": .link(link)]
    }

    /// A mail with everything in it.
    public static var example: PasswordElsewhereMail {
        PasswordElsewhereMail(name: "Mara", keeper: "Northwind", link: "https://password.northwind.example/")
    }
}

/// The password has changed.
public struct PasswordChangedMail: Mail {
    /// The mail's templates.
    public static let template = "password-changed"
    /// The name of the account; may be empty.
    public let name: String
    /// When it changed.
    public let time: ShownMoment
    /// The link.
    public let link: String
    /// Whether the link is for saying that it was somebody else; otherwise another password can be asked for there.
    public let isRecourse: Bool

    /// A mail.
    public init(name: String, time: ShownMoment, link: String, isRecourse: Bool) {
        self.name = name
        self.time = time
        self.link = link
        self.isRecourse = isRecourse
    }

    /// What the templates are rendered with.
    public var value: MustacheValue {
        [
            "name": .init(name.isEmpty ? nil : name), "time": time.value, "link": .link(link),
            "recourse": .bool(isRecourse),
        ]
    }

    /// A mail with everything in it.
    public static var example: PasswordChangedMail {
        PasswordChangedMail(
            name: "Mara", time: ShownMoment(seconds: 1_769_903_999),
            link: "https://id.example/account/not-me?link=h7Qe",
            isRecourse: true)
    }
}

/// A code and a link that prove the address of a sign-up.
public struct SignUpMail: Mail {
    /// The mail's templates.
    public static let template = "sign-up"
    /// Six digits.
    public let code: String
    /// The link.
    public let link: String

    /// How long the code works.
    public let codeLifetime: ShownPeriod
    /// How long the link works.
    public let linkLifetime: ShownPeriod

    /// A mail; what was typed as a name is not in it, for anybody may have typed it.
    public init(code: String, link: String, for codeLifetime: ShownPeriod, _ linkLifetime: ShownPeriod) {
        self.code = code
        self.link = link
        self.codeLifetime = codeLifetime
        self.linkLifetime = linkLifetime
    }

    /// What the templates are rendered with.
    public var value: MustacheValue {
        [
            "code": .string(code), "link": .link(link), "codeTime": codeLifetime.value, "linkTime": linkLifetime.value,
        ]
    }

    /// A mail with everything in it.
    public static var example: SignUpMail {
        SignUpMail(
            code: "048151", link: "https://id.example/sign-up/confirm?link=h7Qe",
            for: ShownPeriod(seconds: 600), ShownPeriod(seconds: 86_400))
    }
}

/// Somebody wanted to sign up with an address that has an account.
public struct AccountExistsMail: Mail {
    /// The mail's templates.
    public static let template = "account-exists"
    /// The name of the account; may be empty.
    public let name: String
    /// Where a new password can be asked for.
    public let link: String

    /// A mail.
    public init(name: String, link: String) {
        self.name = name
        self.link = link
    }

    /// What the templates are rendered with.
    public var value: MustacheValue { ["name": .init(name.isEmpty ? nil : name), "link": .link(link)] }

    /// A mail with everything in it.
    public static var example: AccountExistsMail {
        AccountExistsMail(name: "Mara", link: "https://id.example/forgot-password")
    }
}

/// A link that opens the sign-up of somebody who was invited.
public struct InvitationMail: Mail {
    /// The mail's templates.
    public static let template = "invitation"
    /// The link.
    public let link: String

    /// A mail.
    public init(link: String) {
        self.link = link
    }

    /// What the templates are rendered with.
    public var value: MustacheValue { ["link": .link(link)] }

    /// A mail with everything in it.
    public static var example: InvitationMail {
        InvitationMail(link: "https://id.example/sign-up/invited?link=h7Qe")
    }
}

/// Mail arrives.
public struct TestMail: Mail {
    /// The mail's templates.
    public static let template = "test"
    /// The issuer that sends it.
    public let issuer: String

    /// A mail.
    public init(issuer: String) {
        self.issuer = issuer
    }

    /// What the templates are rendered with.
    public var value: MustacheValue { ["issuer": .string(issuer)] }

    /// A mail with everything in it.
    public static var example: TestMail { TestMail(issuer: "https://id.example") }
}
