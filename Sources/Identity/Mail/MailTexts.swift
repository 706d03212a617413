public import JOSE
public import OAuthTypes
public import Stores

/// Makes the text of a mail at the moment when it is sent, with the links and codes that only the reader gets.
public struct MailTexts: Sendable {
    /// The paths of the pages that links in mails open.
    ///
    /// The secret follows as a parameter: paths are logged.
    public enum Path {
        /// Sets a new password.
        public static let resetPassword = "/reset-password"
        /// Asks for a mail with such a link.
        public static let forgotPassword = "/forgot-password"
        /// Proves the address of a sign-up.
        public static let signUp = "/sign-up/confirm"
        /// Opens the sign-up of somebody who was invited.
        public static let invitation = "/sign-up/invited"
        /// Proves an address for an account.
        public static let changeEmail = "/account/email/confirm"
        /// Gives an account its earlier address back.
        public static let restoreEmail = "/account/restore-email"
        /// Says that it was somebody else.
        public static let disown = "/account/not-me"
        /// Keeps an account that is to be deleted.
        public static let keepAccount = "/account/keep"
    }

    private let storage: Storage
    private let codes: MailCodes
    private let write: MailWriter
    private let sender: Mailbox
    private let base: String
    private let host: String
    private let clock: any TimeSource
    private let random: any RandomSource
    /// Whether who has no account is told so by mail.
    private let tellsUnknown: Bool
    /// Who has the passwords that cannot be set here; nil where nobody has.
    private let authority: (any PasswordAuthority)?
    /// How long codes and links to a new password work; other links work as long as their proof lives.
    private let lifetimes: MailLifetimes

    /// Texts over the stores.
    ///
    /// `base` is the issuer's URL: every link begins with it, whatever a request said. `host` is its host. `tellsUnknown`
    /// also writes to an address without an account that a new password was asked for; `authority` has the passwords that
    /// cannot be set here.
    public init(
        _ storage: Storage, codes: MailCodes, sender: Mailbox, base: String, host: String, clock: any TimeSource,
        random: any RandomSource, lifetimes: MailLifetimes = MailLifetimes(), tellsUnknown: Bool = false,
        beside authority: (any PasswordAuthority)? = nil, write: @escaping MailWriter
    ) {
        self.storage = storage
        self.codes = codes
        self.sender = sender
        self.base = base
        self.host = host
        self.clock = clock
        self.random = random
        self.tellsUnknown = tellsUnknown
        self.write = write
        self.authority = authority
        self.lifetimes = lifetimes
    }

    /// The mail of an order; nil where nobody is to get one.
    func message(for order: MailOrder) async throws -> MailMessage? {
        guard let content = try await content(for: order) else { return nil }
        var language = order.language
        // Ordered by nobody's page, or by one that may be a stranger's.
        if language == nil { language = try await storage.users.find(order.recipient)?.language }
        return MailMessage(
            id: order.id, sender: sender, recipient: order.recipient, content: try write(content, language),
            date: order.createdAt, host: host)
    }

    private func content(for order: MailOrder) async throws -> MailContent? {
        switch order.kind {
        case .test: return .test
        case .resetPassword: return try await resetPassword(order)
        case .passwordChanged where order.proof == nil:
            // Ordered by a program that knew no link for it.
            guard let user = try await storage.users.find(order.recipient) else { return nil }
            return .passwordChanged(
                name: user.name, at: order.createdAt, link: base + Path.forgotPassword, isRecourse: false)
        case .signUp: return try await signUp(order)
        case .invitation:
            guard let proof = try await living(order), try await storage.users.find(order.recipient) == nil,
                let link = try await arm(proof, code: nil)
            else { return nil }
            return .invitation(link: address(Path.invitation, link))
        case .changeEmail: return try await changeEmail(order)
        case .emailTaken:
            guard let user = try await storage.users.find(order.recipient) else { return nil }
            return .emailTaken(name: user.name)
        case .emailChanged, .accountNotice, .newDevice, .deletion, .passwordChanged:
            return try await withRecourse(order)
        case .lockedOut:
            guard let user = try await storage.users.find(order.recipient), user.disabledAt == nil else { return nil }
            let network = order.details.dropFirst().first ?? ""
            return .lockedOut(
                isSecondFactor: order.details.first == AccountNotices.FailedProof.secondFactor.rawValue,
                network: network.isEmpty ? nil : network, name: user.name, at: order.createdAt,
                link: base + Path.forgotPassword)
        case .signInCode:
            guard let proof = try await living(order), let user = try await storage.users.find(order.recipient),
                user.id == proof.userID, user.disabledAt == nil
            else { return nil }
            let code = codes.newCode()
            guard try await arm(proof, code: code) != nil else { return nil }
            let isForFreshness = order.details.first == MailedCodes.Purpose.freshness.rawValue
            return .signInCode(
                code: code, name: user.name, link: isForFreshness ? nil : base + Path.forgotPassword)
        }
    }

    /// What tells of a change, with the link that takes it back.
    private func withRecourse(_ order: MailOrder) async throws -> MailContent? {
        guard let id = order.proof, let recourse = try await storage.recourses.find(id, at: clock.now),
            let user = try await storage.users.find(recourse.userID)
        else { return nil }
        let (secret, digest) = codes.newLink()
        let content: MailContent
        switch (order.kind, recourse.purpose) {
        case (.emailChanged, .restoreEmail):
            content = .emailChanged(
                name: user.name, at: recourse.createdAt, until: recourse.expiresAt,
                link: address(Path.restoreEmail, secret))
        case (.deletion, .keepAccount):
            content = .deletion(name: user.name, at: recourse.expiresAt, link: address(Path.keepAccount, secret))
        case (.accountNotice, .disown), (.newDevice, .disown):
            guard let event = AccountNotices.Event(order.kind, order.details) else { return nil }
            content = .notice(event, name: user.name, at: recourse.createdAt, link: address(Path.disown, secret))
        case (.passwordChanged, .disown):
            content = .passwordChanged(
                name: user.name, at: recourse.createdAt, link: address(Path.disown, secret), isRecourse: true)
        default: return nil
        }
        return try await storage.recourses.arm(id, link: digest, at: clock.now) ? content : nil
    }

    private func changeEmail(_ order: MailOrder) async throws -> MailContent? {
        guard let proof = try await living(order) else { return nil }
        if let user = try await storage.users.find(order.recipient) {
            // The page that waits counts guesses from here on, as it does where there is a code.
            guard try await arm(proof, code: nil) != nil, user.disabledAt == nil else { return nil }
            return .emailInUse(name: user.name, link: base + Path.forgotPassword)
        }
        let code = codes.newCode()
        guard let link = try await arm(proof, code: code) else { return nil }
        return .changeEmail(code: code, link: address(Path.changeEmail, link))
    }

    /// Only now is looked whether there is an account: whoever asks sees no difference.
    private func resetPassword(_ order: MailOrder) async throws -> MailContent? {
        guard let user = try await storage.users.find(order.recipient) else { return tellsUnknown ? .noAccount : nil }
        guard user.disabledAt == nil else { return nil }
        if let keeper = try await authority?.keeper(of: user) {
            return .passwordElsewhere(name: user.name, keeper: keeper)
        }
        let (secret, digest) = codes.newLink()
        let now = clock.now
        try await storage.proofs.open(
            EmailProof(
                id: MailCodes.digest(of: Base64URL.encode(random.bytes(32))), purpose: .resetPassword,
                email: user.email, userID: user.id, name: "", passwordHash: nil, browser: nil, interaction: nil,
                link: digest, code: nil, codeExpiresAt: nil, guesses: 0, mails: 1, createdAt: now,
                expiresAt: now + lifetimes.reset),
            ordering: nil)
        return .resetPassword(name: user.name, link: address(Path.resetPassword, secret))
    }

    private func signUp(_ order: MailOrder) async throws -> MailContent? {
        guard let proof = try await living(order) else { return nil }
        if let user = try await storage.users.find(order.recipient) {
            // The page that waits counts guesses from here on, as it does where there is a code.
            guard try await arm(proof, code: nil) != nil, user.disabledAt == nil else { return nil }
            return .accountExists(name: user.name, link: base + Path.forgotPassword)
        }
        let code = codes.newCode()
        guard let link = try await arm(proof, code: code) else { return nil }
        return .signUp(name: proof.name, code: code, link: address(Path.signUp, link))
    }

    private func address(_ path: String, _ secret: String) -> String { base + path + "?link=" + secret }

    private func living(_ order: MailOrder) async throws -> EmailProof? {
        guard let id = order.proof else { return nil }
        return try await storage.proofs.find(id, at: clock.now)
    }

    /// The secret of a new link; nil where the proof is gone meanwhile.
    private func arm(_ proof: EmailProof, code: String?) async throws -> String? {
        let (secret, digest) = codes.newLink()
        let now = clock.now
        let isArmed = try await storage.proofs.arm(
            proof.id, link: digest, code: code.map { codes.digest(ofCode: $0, for: proof.id) },
            codeExpiresAt: now + lifetimes.code, at: now)
        return isArmed ? secret : nil
    }
}
