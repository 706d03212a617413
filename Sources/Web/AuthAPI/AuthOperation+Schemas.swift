import HTTP
import Identity

/// What each call takes and answers.
extension AuthOperation {
    /// What the content of a request is; nil where it has none.
    var request: JSONSchema? {
        switch self {
        case .register:
            .object([
                .required("email", Words.email), .required("password", Words.password), .required("name", Words.name),
                .optional("termsAccepted", .truth(about: "True where this server has terms.")),
                .optional("challenge", Words.solution),
            ])
        case .resendVerification: .object([.required("registrationToken", Words.registrationToken)])
        case .verifyEmail:
            .object([
                .required("registrationToken", Words.registrationToken),
                .required("code", .text(TextRule(length: 6...6, shape: .digits), about: "The code of the mail.")),
                .optional("scope", Words.scope),
            ])
        case .login:
            .object([
                .required("email", Words.email), .required("password", Words.password),
                .optional("scope", Words.scope), .optional("challenge", Words.solution),
                .optional("deviceMark", Words.deviceMark),
            ])
        case .verifySecondFactor:
            .object([
                .required("sessionToken", Words.sessionToken),
                .required(
                    "code", .text(TextRule(length: 6...6, shape: .digits), about: "What the app shows, or of the mail.")
                ),
                .optional("deviceMark", Words.deviceMark),
            ])
        case .recoveryLogin:
            .object([
                .required("sessionToken", Words.sessionToken),
                .required("recoveryCode", .text(TextRule(length: 16...64, shape: .typedCode))),
                .optional("deviceMark", Words.deviceMark),
            ])
        case .refresh:
            .object([
                .optional(
                    "refreshToken",
                    .text(
                        TextRule(length: 1...512, shape: .base64url, isSecret: true),
                        about: "Of a client with tokens; one with cookies sends none."))
            ])
        case .completeSecondFactor:
            .object([
                .required("code", .text(TextRule(length: 6...6, shape: .digits), about: "What the app shows."))
            ])
        case .disableSecondFactor:
            .object([
                .required(
                    "code", .text(TextRule(length: 6...64, shape: .typedCode), about: "Of the app, or a recovery code.")
                )
            ])
        case .forgotPassword:
            .object([.required("email", Words.email), .optional("challenge", Words.solution)])
        case .resetPassword:
            .object([
                .required(
                    "resetToken",
                    .text(
                        TextRule(length: 43...43, shape: .base64url, isSecret: true),
                        about: "The parameter link of the address in the mail.")),
                .required("password", Words.password),
            ])
        case .updateProfile: .object([.required("name", Words.name)])
        case .beginSecondFactor: .object([.required("password", Words.password)])
        case .logout, .readProfile, .readDocument: nil
        }
    }

    /// The status of success, and what its content is; no schema where it has none.
    var success: (status: Status, schema: JSONSchema?) {
        switch self {
        case .register: (.accepted, Words.registration)
        case .login: (.ok, .one([Words.tokens, Words.cookie, Words.secondFactorDue]))
        case .verifyEmail, .verifySecondFactor, .recoveryLogin, .refresh: (.ok, .one([Words.tokens, Words.cookie]))
        case .beginSecondFactor: (.ok, Words.setUp)
        case .completeSecondFactor:
            (
                .ok,
                .object([
                    .required(
                        "recoveryCodes",
                        .list(
                            .text(TextRule(length: 16...64, shape: .typedCode, isSecret: true)),
                            RecoveryCodes.count...RecoveryCodes.count, about: "Each once, shown this once."))
                ])
            )
        case .readProfile, .updateProfile: (.ok, Words.profile)
        case .readDocument: (.ok, .anyObject)
        case .resendVerification, .logout, .disableSecondFactor, .forgotPassword, .resetPassword: (.noContent, nil)
        }
    }

    /// What may go wrong.
    var problems: [AuthProblem.Code] {
        let own: [AuthProblem.Code] =
            switch self {
            case .register: [.notOffered, .unfit, .challengeRequired, .challengeFailed, .tooManyMails]
            case .resendVerification: [.notOffered, .registrationOver, .tooManyMails]
            case .verifyEmail: [.notOffered, .wrongCode, .codeOver, .registrationOver, .invalidScope]
            case .login:
                [.wrongCredentials, .notAdmitted, .challengeRequired, .challengeFailed, .invalidScope]
            case .verifySecondFactor, .recoveryLogin: [.wrongCode, .sessionOver]
            case .refresh: [.invalidRefreshToken, .invalidToken]
            case .beginSecondFactor: [.wrongCredentials, .secondFactorIsOn]
            case .completeSecondFactor: [.wrongCode, .setUpNotBegun]
            case .disableSecondFactor: [.wrongCode, .secondFactorIsOff]
            case .forgotPassword: [.notOffered, .challengeRequired, .challengeFailed, .tooManyMails]
            case .resetPassword: [.notOffered, .unfit, .linkOver]
            case .updateProfile: [.unfit, .insufficientScope]
            case .logout, .readProfile, .readDocument: []
            }
        let ofCaller: [AuthProblem.Code] =
            switch access {
            case .anybody: []
            case .client: [.invalidClient, .clientNotAllowed, .originNotAllowed, .tooManyAttempts]
            case .person: [.invalidClient, .clientNotAllowed, .invalidToken, .originNotAllowed, .tooManyAttempts]
            case .freshPerson:
                [
                    .invalidClient, .clientNotAllowed, .invalidToken, .originNotAllowed, .freshSignInNeeded,
                    .accountFrozen, .tooManyAttempts,
                ]
            }
        let ofContent: [AuthProblem.Code] = request == nil ? [] : [.unsupportedMediaType]
        return own + ofCaller + ofContent + [.invalidRequest, .notFound, .tooLarge, .failure, .busy]
    }

    /// The schemas that several calls share.
    private enum Words {
        static let email = JSONSchema.text(TextRule(length: 3...254, shape: .email))
        static let password = JSONSchema.text(TextRule(length: 1...256, shape: .anything, isSecret: true))
        static let name = JSONSchema.text(TextRule(length: 1...200, shape: .oneLine), about: "The full name.")
        static let scope = JSONSchema.text(
            TextRule(length: 1...1000, shape: .oneLine),
            about: "Scopes with spaces between; without it all that the client may have, but offline_access.")
        static let registrationToken = JSONSchema.text(TextRule(length: 87...87, shape: .pair, isSecret: true))
        static let sessionToken = JSONSchema.text(
            TextRule(length: 44...1500, shape: .pair, isSecret: true), about: "What login has answered; good once.")
        static let solution = JSONSchema.object([
            .required("token", .text(TextRule(length: 1...128, shape: .base64url))),
            .required(
                "solution",
                .text(TextRule(length: 1...704, shape: .numbers), about: "A number for each round, with dots between.")),
        ])
        static let deviceMark = JSONSchema.text(
            TextRule(length: 1...500, shape: .parts, isSecret: true),
            about:
                "For a client with tokens to keep with the device, also after signing out: whoever guesses elsewhere "
                + "does not lock this device out.")
        static let registration = JSONSchema.object([
            .required("registrationToken", registrationToken),
            .required("codeExpiresIn", .count(about: "Seconds for which the code of the mail works.")),
        ])
        static let left = JSONSchema.count(about: "Recovery codes that are left, where one was used.")
        static let tokens = JSONSchema.named(
            "Tokens",
            .object([
                .required("mfaRequired", .always(false)),
                .required("accessToken", .text(TextRule(length: 1...16384, shape: .oneLine, isSecret: true))),
                .required("tokenType", .words(["Bearer"])),
                .required("expiresIn", .count(about: "Seconds that the access token lives.")),
                .optional("refreshToken", .text(TextRule(length: 1...512, shape: .base64url, isSecret: true))),
                .optional("idToken", .text(TextRule(length: 1...16384, shape: .oneLine))),
                .optional("scope", .text(TextRule(length: 1...16384, shape: .oneLine))),
                .optional("recoveryCodesLeft", left),
                .optional("deviceMark", deviceMark),
            ]))
        static let cookie = JSONSchema.named(
            "CookieSession",
            .object([
                .required("mfaRequired", .always(false)),
                .required("expiresIn", .count(about: "Seconds after which the session ends if nobody uses it.")),
                .optional("recoveryCodesLeft", left),
            ]))
        static let secondFactorDue = JSONSchema.named(
            "SecondFactorDue",
            .object([
                .required("mfaRequired", .always(true)),
                .required(
                    "methods",
                    .list(
                        .words(["app", "passkey", "mail", "recoveryCode"]), 1...4,
                        about: "What is taken; a code by mail is on its way. Passkeys work on our pages only.")),
                .required("sessionToken", sessionToken),
                .required("expiresIn", .count(about: "Seconds for which the session token works.")),
            ]))
        static let setUp = JSONSchema.object([
            .required("secret", .text(TextRule(length: 1...64, shape: .typedCode, isSecret: true), about: "Base 32.")),
            .required("otpauthUri", .text(TextRule(length: 1...2048, shape: .uri), about: "For a QR code.")),
            .required("expiresIn", .count(about: "Seconds in which the first code must come.")),
        ])
        static let profile = JSONSchema.named(
            "Profile",
            .object([
                .required("id", .text(TextRule(length: 1...255, shape: .oneLine), about: "The claim sub of tokens.")),
                .optional("email", email),
                .optional("emailVerified", .truth(about: "With the scope email, as the address.")),
                .optional("name", .text(TextRule(length: 0...200, shape: .oneLine), about: "With the scope profile.")),
                .optional("secondFactor", .truth(about: "Whether the account has a second factor; with openid.")),
                .optional("recoveryCodesLeft", .count()),
                .optional("createdAt", .text(TextRule(length: 20...40, shape: .moment), about: "With profile.")),
                .optional("updatedAt", .text(TextRule(length: 20...40, shape: .moment), about: "With profile.")),
                .optional(
                    "leavesAt",
                    .text(
                        TextRule(length: 20...40, shape: .moment),
                        about:
                            "With openid: when the account is removed, as its owner asked; a page of the account keeps it."
                    )),
            ]))
    }
}
