import AuthorizationServer
import HTTP
import Identity
import JOSE
import OAuthTypes
import Pages
import Stores

/// A person's passkeys on their security page: add, rename, remove.
extension AccountRoutes {
    /// None where passkeys cannot be used.
    var passkeyRoutes: [Route] {
        guard let passkeys else { return [] }
        let path = AccountRoutes.passkeyPath
        return [
            form(path + "/options", .security) { owner, _, _ in
                let options = try await passkeys.creationOptions(for: owner.user, in: owner.browserSecret)
                return Response.options(options, .ok, environment.issuer)
            },
            change(path + "/add", .security) { try await addPasskey($1, passkeys, $0, $2) },
            change(path + "/rename", .security) { owner, form, request in
                guard let id = AccountRoutes.credential(form) else { return securityPage }
                let isNamed = try await passkeys.rename(id, of: owner.user.id, to: form[Parameter("name")] ?? "")
                if isNamed {
                    try await audit.note(.passkeyRenamed, of: owner.user.id, from: request.auditOrigin)
                }
                guard !isNamed, try await passkeys.list(of: owner.user.id).contains(where: { $0.credentialID == id })
                else { return securityPage }
                return try await showSecurity(owner, request, .noName, status: .unprocessableContent)
            },
            change(path + "/remove", .security) { owner, form, request in
                guard let id = AccountRoutes.credential(form) else { return securityPage }
                let removal = try await passkeys.remove(id, of: owner.user, language: language(request)) {
                    try await audit.note(.passkeyRemoved, of: owner.user.id, from: request.auditOrigin)
                }
                switch removal {
                case .removed:
                    return try await renewing(owner, adding: [], securityPage)
                // The page says what is frozen.
                case .unknown, .frozen: return securityPage
                case .lastWayIn: return try await showSecurity(owner, request, .lastWayIn, status: .conflict)
                }
            },
        ]
    }

    private static let passkeyPath = AccountPlace.security.path + "/passkeys"

    private var securityPage: Response { answers.redirect(to: AccountPlace.security.path) }

    private func addPasskey(
        _ form: FormParameters, _ passkeys: Passkeys, _ owner: Owner, _ request: Request
    ) async throws -> Response {
        let answer = Passkeys.Answer(
            json: form[Parameter("passkey")] ?? "", challenge: form[Parameter("passkey-challenge")] ?? "")
        let name = form[Parameter("name")] ?? ""
        switch try await passkeys.register(
            answer, named: Passkeys.isFit(name: name) ? name : request.deviceName, for: owner.user,
            in: owner.browserSecret, language: language(request),
            noting: { try await audit.note(.passkeyAdded, of: owner.user.id, from: request.auditOrigin) })
        {
        case .refused: return try await showSecurity(owner, request, .refused, status: .forbidden)
        case .taken: return try await showSecurity(owner, request, .taken, status: .conflict)
        case .full: return securityPage
        case .added: break
        }
        // Whoever loses the device needs another way in.
        guard try await secondFactor.recoveryCodes.left(for: owner.user.id) == 0,
            let codes = try await secondFactor.recoveryCodes.renew(
                for: owner.user.id,
                telling: { try await audit.note(.recoveryCodesMade, of: owner.user.id, from: request.auditOrigin) })
        else { return try await renewing(owner, adding: Passkeys.methods, securityPage) }
        return try await renewing(
            owner, adding: Passkeys.methods, recoveryCodes(codes, owner, isFirst: true, request))
    }

    /// The passkeys as the page shows them; nil where none can be used.
    func passkeyList(
        _ owner: Owner, _ request: Request, _ problem: PasskeyList.Problem?
    ) async throws -> PasskeyList? {
        guard let passkeys else { return nil }
        let all = try await passkeys.list(of: owner.user.id)
        return PasskeyList(
            entries: all.map { passkey in
                PasskeyList.Entry(
                    name: passkey.name,
                    added: ShownMoment(seconds: passkey.createdAt.seconds),
                    lastUsed: passkey.lastUsedAt.map { ShownMoment(seconds: $0.seconds) },
                    isSynced: passkey.isBackedUp,
                    handle: Base64URL.encode(passkey.credentialID)
                )
            },
            problem: problem, mayAdd: all.count < Passkeys.limit,
            optionsURL: environment.issuer.path + AccountRoutes.passkeyPath + "/options",
            suggestedName: request.deviceName)
    }

    private static func credential(_ form: FormParameters) -> [UInt8]? {
        form[Parameter("credential")].flatMap { Base64URL.decode($0) }
    }
}

extension Request {
    /// What a device is called for people, by what its browser says of itself.
    fileprivate var deviceName: String {
        BrowserTraits(userAgent: headers["User-Agent"], address: []).deviceName
    }
}
