public import Mustache

/// A code and a link that prove an address for an account.
public struct ChangeEmailMail: Mail {
    /// The mail's templates.
    public static let template = "change-email"
    /// Six digits.
    public let code: String
    /// The link.
    public let link: String

    /// How long the code works.
    public let codeLifetime: ShownPeriod
    /// How long the link works.
    public let linkLifetime: ShownPeriod

    /// A mail; whose account it is is not in it, for anybody may have typed the address.
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
    public static var example: ChangeEmailMail {
        ChangeEmailMail(
            code: "048151", link: "https://id.example/account/email/confirm?link=h7Qe",
            for: ShownPeriod(seconds: 600), ShownPeriod(seconds: 86_400))
    }
}

/// Somebody wanted an address for their account that another account has.
public struct EmailInUseMail: Mail {
    /// The mail's templates.
    public static let template = "email-in-use"
    /// The name of the account that has it; may be empty.
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
    public static var example: EmailInUseMail {
        EmailInUseMail(name: "Mara", link: "https://id.example/forgot-password")
    }
}

/// The account has another address: goes to the one before, with a link that takes it back.
public struct EmailChangedMail: Mail {
    /// The mail's templates.
    public static let template = "email-changed"
    /// The name of the account; may be empty.
    public let name: String
    /// When it changed.
    public let time: ShownMoment
    /// Until when the link works.
    public let end: ShownMoment
    /// The link.
    public let link: String

    /// A mail.
    public init(name: String, time: ShownMoment, end: ShownMoment, link: String) {
        self.name = name
        self.time = time
        self.end = end
        self.link = link
    }

    /// What the templates are rendered with.
    public var value: MustacheValue {
        ["name": .init(name.isEmpty ? nil : name), "time": time.value, "end": end.value, "link": .link(link)]
    }

    /// A mail with everything in it.
    public static var example: EmailChangedMail {
        EmailChangedMail(
            name: "Mara", time: ShownMoment(seconds: 1_769_903_999), end: ShownMoment(seconds: 1_770_508_799),
            link: "https://id.example/account/restore-email?link=h7Qe")
    }
}

/// The account has this address now.
public struct EmailTakenMail: Mail {
    /// The mail's templates.
    public static let template = "email-taken"
    /// The name of the account; may be empty.
    public let name: String

    /// A mail.
    public init(name: String) {
        self.name = name
    }

    /// What the templates are rendered with.
    public var value: MustacheValue { ["name": .init(name.isEmpty ? nil : name)] }

    /// A mail with everything in it.
    public static var example: EmailTakenMail { EmailTakenMail(name: "Mara") }
}

/// Something about an account has changed that its owner should know, with a link for who did not do it.
public struct AccountNoticeMail: Mail {
    /// What has changed.
    public enum Event: Equatable, Sendable {
        /// An authenticator app was set up.
        case authenticatorAdded
        /// It was switched off.
        case authenticatorRemoved
        /// A recovery code was used; so many are left.
        case recoveryCodeUsed(left: Int)
        /// There are new ones.
        case recoveryCodesRenewed
        /// A passkey of that name was added.
        case passkeyAdded(String)
        /// It was removed.
        case passkeyRemoved(String)
        /// The password was removed.
        case passwordRemoved
        /// Codes by mail are asked for.
        case mailCodesAdded
        /// They are asked for no more.
        case mailCodesRemoved
        /// An account at the connector of that name was linked.
        case identityLinked(String)
        /// It was unlinked.
        case identityUnlinked(String)
        /// The account was made, by the word of the connector of that name.
        case accountMade(String)
    }

    /// The mail's templates.
    public static let template = "account-notice"
    /// What has changed.
    public let event: Event
    /// The name of the account; may be empty.
    public let name: String
    /// When.
    public let time: ShownMoment
    /// The link.
    public let link: String

    /// A mail.
    public init(_ event: Event, name: String, time: ShownMoment, link: String) {
        self.event = event
        self.name = name
        self.time = time
        self.link = link
    }

    /// What the templates are rendered with.
    public var value: MustacheValue {
        var (left, passkey, connector): (Int?, String?, String?)
        var (isAdded, isRemoved, isLinked, isUnlinked, isMade) = (false, false, false, false, false)
        switch event {
        case .recoveryCodeUsed(let count): left = count
        case .passkeyAdded(let name): (passkey, isAdded) = (name, true)
        case .passkeyRemoved(let name): (passkey, isRemoved) = (name, true)
        case .identityLinked(let name): (connector, isLinked) = (name, true)
        case .identityUnlinked(let name): (connector, isUnlinked) = (name, true)
        case .accountMade(let name): (connector, isMade) = (name, true)
        case .authenticatorAdded, .authenticatorRemoved, .recoveryCodesRenewed, .passwordRemoved, .mailCodesAdded,
            .mailCodesRemoved:
            break
        }
        return [
            "authenticatorAdded": .bool(event == .authenticatorAdded),
            "authenticatorRemoved": .bool(event == .authenticatorRemoved),
            "recoveryCodeUsed": .bool(left != nil),
            "left": .string(String(left ?? 0)),
            "recoveryCodesRenewed": .bool(event == .recoveryCodesRenewed),
            "passkeyAdded": .bool(isAdded),
            "passkeyRemoved": .bool(isRemoved),
            "passwordRemoved": .bool(event == .passwordRemoved),
            "mailCodesAdded": .bool(event == .mailCodesAdded),
            "mailCodesRemoved": .bool(event == .mailCodesRemoved),
            "passkey": .string(passkey ?? ""),
            "identityLinked": .bool(isLinked),
            "identityUnlinked": .bool(isUnlinked),
            "accountMade": .bool(isMade),
            "connector": .string(connector ?? ""),
            "name": .init(name.isEmpty ? nil : name),
            "time": time.value,
            "link": .link(link),
        ]
    }

    /// A mail with everything in it.
    public static var example: AccountNoticeMail {
        AccountNoticeMail(
            .passkeyAdded("Blue key"), name: "Mara", time: ShownMoment(seconds: 1_769_903_999),
            link: "https://id.example/account/not-me?link=h7Qe")
    }
}

/// Somebody signed in, in a browser that is not known, with a link for who did not.
public struct NewDeviceMail: Mail {
    /// The mail's templates.
    public static let template = "new-device"
    /// The browser in a few words; nil where it is not known.
    public let device: String?
    /// The network it came from; nil where it is not known.
    public let network: String?
    /// Where that is; nil where it is not known.
    public let place: String?
    /// The name of the account; may be empty.
    public let name: String
    /// When.
    public let time: ShownMoment
    /// The link.
    public let link: String

    /// A mail.
    public init(
        device: String?, network: String?, place: String? = nil, name: String, time: ShownMoment, link: String
    ) {
        self.device = device
        self.network = network
        self.place = place
        self.name = name
        self.time = time
        self.link = link
    }

    /// What the templates are rendered with.
    public var value: MustacheValue {
        [
            "device": device.map { ShownDevice($0).value } ?? .null, "network": .init(network), "place": .init(place),
            "name": .init(name.isEmpty ? nil : name),
            "time": time.value, "link": .link(link),
        ]
    }

    /// A mail with everything in it.
    public static var example: NewDeviceMail {
        NewDeviceMail(
            device: "Firefox on Linux", network: "192.0.2.0/24", place: "Bristol, United Kingdom", name: "Mara",
            time: ShownMoment(seconds: 1_769_903_999),
            link: "https://id.example/account/not-me?link=h7Qe")
    }
}

/// Attempts to sign in failed too often.
public struct LockedOutMail: Mail {
    /// The mail's templates.
    public static let template = "locked-out"
    /// Whether the password was right and the second factor failed.
    public let isSecondFactor: Bool
    /// The network they came from; nil where it is not known.
    public let network: String?
    /// The name of the account; may be empty.
    public let name: String
    /// When it was locked.
    public let time: ShownMoment
    /// Where a new password can be asked for.
    public let link: String

    /// A mail.
    public init(isSecondFactor: Bool, network: String?, name: String, time: ShownMoment, link: String) {
        self.isSecondFactor = isSecondFactor
        self.network = network
        self.name = name
        self.time = time
        self.link = link
    }

    /// What the templates are rendered with.
    public var value: MustacheValue {
        [
            "secondFactor": .bool(isSecondFactor), "password": .bool(!isSecondFactor), "network": .init(network),
            "name": .init(name.isEmpty ? nil : name), "time": time.value, "link": .link(link),
        ]
    }

    /// A mail with everything in it.
    public static var example: LockedOutMail {
        LockedOutMail(
            isSecondFactor: false, network: "192.0.2.0/24", name: "Mara", time: ShownMoment(seconds: 1_769_903_999),
            link: "https://id.example/forgot-password")
    }
}

/// A code for somebody whose password was right, or who came by a provider that does not say when it asked them.
public struct SignInCodeMail: Mail {
    /// The mail's templates.
    public static let template = "sign-in-code"
    /// Six digits.
    public let code: String
    /// The name of the account; may be empty.
    public let name: String
    /// Where a new password can be asked for; nil where they came by a provider.
    public let link: String?

    /// How long the code works.
    public let codeLifetime: ShownPeriod

    /// A mail.
    public init(code: String, name: String, link: String?, for codeLifetime: ShownPeriod) {
        self.code = code
        self.name = name
        self.link = link
        self.codeLifetime = codeLifetime
    }

    /// What the templates are rendered with.
    public var value: MustacheValue {
        [
            "code": .string(code), "name": .init(name.isEmpty ? nil : name), "link": .link(link),
            "password": .bool(link != nil), "codeTime": codeLifetime.value,
        ]
    }

    /// A mail with everything in it.
    public static var example: SignInCodeMail {
        SignInCodeMail(
            code: "048151", name: "Mara", link: "https://id.example/forgot-password", for: ShownPeriod(seconds: 600))
    }
}

/// The account is going to be deleted, with a link that keeps it.
public struct DeletionMail: Mail {
    /// The mail's templates.
    public static let template = "deletion"
    /// The name of the account; may be empty.
    public let name: String
    /// When it is deleted.
    public let time: ShownMoment
    /// The link.
    public let link: String

    /// A mail.
    public init(name: String, time: ShownMoment, link: String) {
        self.name = name
        self.time = time
        self.link = link
    }

    /// What the templates are rendered with.
    public var value: MustacheValue {
        ["name": .init(name.isEmpty ? nil : name), "time": time.value, "link": .link(link)]
    }

    /// A mail with everything in it.
    public static var example: DeletionMail {
        DeletionMail(
            name: "Mara", time: ShownMoment(seconds: 1_769_903_999), link: "https://id.example/account/keep?link=h7Qe")
    }
}

/// Somebody asked for a new password with an address that has no account.
public struct NoAccountMail: Mail {
    /// The mail's templates.
    public static let template = "no-account"
    /// The issuer where it was asked for.
    public let issuer: String

    /// A mail.
    public init(issuer: String) {
        self.issuer = issuer
    }

    /// What the templates are rendered with.
    public var value: MustacheValue { ["issuer": .string(issuer)] }

    /// A mail with everything in it.
    public static var example: NoAccountMail { NoAccountMail(issuer: "https://id.example") }
}
