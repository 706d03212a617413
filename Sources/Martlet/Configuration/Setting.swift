import Identity

/// A setting by its name in the environment; what is not here does not exist, and is reported.
enum Setting: String, Sendable, CaseIterable {
    case configurationFile = "MARTLET_CONFIG"
    case mode = "MARTLET_MODE"
    case issuer = "MARTLET_ISSUER"
    case listen = "MARTLET_LISTEN"
    case tlsCertificate = "MARTLET_TLS_CERTIFICATE"
    case tlsKey = "MARTLET_TLS_KEY"
    case tlsClientAuthorities = "MARTLET_TLS_CLIENT_AUTHORITIES"
    case trustedProxies = "MARTLET_TRUSTED_PROXIES"
    case forwardedFields = "MARTLET_FORWARDED_FIELDS"
    case managementListen = "MARTLET_MANAGEMENT_LISTEN"
    case database = "MARTLET_DATABASE"
    case databaseConnections = "MARTLET_DATABASE_CONNECTIONS"
    case databaseTimeout = "MARTLET_DATABASE_TIMEOUT"
    case masterKeyFile = "MARTLET_MASTER_KEY_FILE"
    case masterKey = "MARTLET_MASTER_KEY"
    case pkcs11Module = "MARTLET_PKCS11_MODULE"
    case keyDevicePINFile = "MARTLET_KEY_DEVICE_PIN_FILE"
    case signingAlgorithms = "MARTLET_SIGNING_ALGORITHMS"
    case contextNames = "MARTLET_ACR_NAMES"
    case keyRotationInterval = "MARTLET_KEY_ROTATION_INTERVAL"
    case requestEncryption = "MARTLET_REQUEST_ENCRYPTION"
    case templates = "MARTLET_TEMPLATES"
    case templatesOverlay = "MARTLET_TEMPLATES_OVERLAY"
    case language = "MARTLET_LANGUAGE"
    case logLevel = "MARTLET_LOG_LEVEL"
    case traces = "MARTLET_TRACES"
    case tracePercent = "MARTLET_TRACE_PERCENT"
    case loops = "MARTLET_LOOPS"
    case passwordHash = "MARTLET_PASSWORD_HASH"
    case passwordWorkers = "MARTLET_PASSWORD_WORKERS"
    case passwordLength = "MARTLET_PASSWORD_LENGTH"
    case passwordLengthWithSecondFactor = "MARTLET_PASSWORD_LENGTH_WITH_SECOND_FACTOR"
    case passwordScore = "MARTLET_PASSWORD_SCORE"
    case passwordWords = "MARTLET_PASSWORD_WORDS"
    case passwordFiles = "MARTLET_PASSWORD_FILES"
    case passwordFilter = "MARTLET_PASSWORD_FILTER"
    case passwordRange = "MARTLET_PASSWORD_RANGE"
    case passkeyDomain = "MARTLET_PASSKEY_DOMAIN"
    case passkeyOrigins = "MARTLET_PASSKEY_ORIGINS"
    case captcha = "MARTLET_CAPTCHA"
    case captchaFailures = "MARTLET_CAPTCHA_FAILURES"
    case captchaWaits = "MARTLET_CAPTCHA_WAITS_PER_ADDRESS"
    case captchaProvider = "MARTLET_CAPTCHA_PROVIDER"
    case captchaSiteKey = "MARTLET_CAPTCHA_SITE_KEY"
    case captchaSecretFile = "MARTLET_CAPTCHA_SECRET_FILE"
    case failuresPerAddress = "MARTLET_SIGN_IN_FAILURES_PER_ADDRESS"
    case failuresPerNetwork = "MARTLET_SIGN_IN_FAILURES_PER_NETWORK"
    case lockFailures = "MARTLET_LOCK_FAILURES"
    case lockTime = "MARTLET_LOCK_TIME"
    case lockLongest = "MARTLET_LOCK_LONGEST"
    case secondFactorFailures = "MARTLET_SECOND_FACTOR_FAILURES"
    case accountFailures = "MARTLET_ACCOUNT_FAILURES"
    case failuresEverywhere = "MARTLET_SIGN_IN_FAILURES_EVERYWHERE"
    case signInsPerAddress = "MARTLET_SIGN_INS_PER_ADDRESS"
    case requestsPerAddress = "MARTLET_SIGN_IN_REQUESTS_PER_ADDRESS"
    case passwordChecks = "MARTLET_PASSWORD_CHECKS_PER_ADDRESS"
    case passkeyOptions = "MARTLET_PASSKEY_OPTIONS_PER_ADDRESS"
    case connectorAnswers = "MARTLET_CONNECTOR_ANSWERS_PER_ADDRESS"
    case connectorAccounts = "MARTLET_CONNECTOR_ACCOUNTS_PER_ADDRESS"
    case clientFailures = "MARTLET_CLIENT_FAILURES_PER_NETWORK"
    case registrations = "MARTLET_REGISTRATIONS_PER_NETWORK"
    case registrationChanges = "MARTLET_REGISTRATION_CHANGES"
    case logos = "MARTLET_LOGOS_PER_NETWORK"
    case auditRefusals = "MARTLET_AUDIT_REFUSALS"
    case auditRefusalsPerNetwork = "MARTLET_AUDIT_REFUSALS_PER_NETWORK"
    case mailsPerAddress = "MARTLET_MAILS_PER_ADDRESS"
    case mailsPerNetwork = "MARTLET_MAILS_PER_NETWORK"
    case mailsPerCode = "MARTLET_MAILS_PER_CODE"
    case lockMails = "MARTLET_LOCK_MAILS"
    case codeGuesses = "MARTLET_CODE_GUESSES"
    case mailPause = "MARTLET_MAIL_PAUSE"
    case mailLongestPause = "MARTLET_MAIL_LONGEST_PAUSE"
    case mailCodeLifetime = "MARTLET_MAIL_CODE_LIFETIME"
    case mailLinkLifetime = "MARTLET_MAIL_LINK_LIFETIME"
    case resetLinkLifetime = "MARTLET_RESET_LINK_LIFETIME"
    case changesPerAccount = "MARTLET_CHANGES_PER_ACCOUNT"
    case accessTokenLifetime = "MARTLET_ACCESS_TOKEN_LIFETIME"
    case idTokenLifetime = "MARTLET_ID_TOKEN_LIFETIME"
    case codeLifetime = "MARTLET_CODE_LIFETIME"
    case refreshIdleLifetime = "MARTLET_REFRESH_IDLE_LIFETIME"
    case grantLifetime = "MARTLET_GRANT_LIFETIME"
    case sessionLifetime = "MARTLET_SESSION_LIFETIME"
    case sessionIdleLifetime = "MARTLET_SESSION_IDLE_LIFETIME"
    case rememberedLifetime = "MARTLET_REMEMBERED_LIFETIME"
    case rememberedIdleLifetime = "MARTLET_REMEMBERED_IDLE_LIFETIME"
    case sessionBinding = "MARTLET_SESSION_BINDING"
    case sessionManagement = "MARTLET_SESSION_MANAGEMENT"
    case refreshGrace = "MARTLET_REFRESH_GRACE"
    case mailServer = "MARTLET_MAIL_SERVER"
    case mailSender = "MARTLET_MAIL_FROM"
    case mailUser = "MARTLET_MAIL_USER"
    case mailPasswordFile = "MARTLET_MAIL_PASSWORD_FILE"
    case mailAuthorities = "MARTLET_MAIL_AUTHORITIES"
    case mailTimeout = "MARTLET_MAIL_TIMEOUT"
    case signInOrder = "MARTLET_SIGN_IN_ORDER"
    case signUp = "MARTLET_SIGN_UP"
    case terms = "MARTLET_TERMS"
    case auditDays = "MARTLET_AUDIT_DAYS"
    case auditTokens = "MARTLET_AUDIT_TOKENS"
    case registration = "MARTLET_REGISTRATION"
    case claims = "MARTLET_CLAIMS"
    case deletionGrace = "MARTLET_DELETION_GRACE"
    case mailUnknown = "MARTLET_MAIL_UNKNOWN"
    case mailCodes = "MARTLET_MAIL_CODES"
    case geoIPFile = "MARTLET_GEOIP_FILE"

    /// What every name begins with.
    static let prefix = "MARTLET_"

    /// What it does, in a line of help.
    var summary: String {
        switch self {
        case .configurationFile: "a file of NAME=value lines; the environment wins over it"
        case .mode: "development or production"
        case .issuer: "the URL of this provider, such as https://login.example"
        case .listen:
            "address:port, https://address:port or unix:/path, several with commas, such as "
                + "https://0.0.0.0:443,https://[::]:443. Behind one may stand ?proxy-protocol (a PROXY header, version 2, "
                + "comes first), ?client-certificates (clients of https are asked for one), ?mode=660 (of a unix socket). "
                + "In production plain HTTP on a public address needs a trusted proxy"
        case .tlsCertificate:
            "the file of the certificate with its chain in PEM, for https; several with commas, chosen by the host that "
                + "the client names. Read again on SIGHUP and when it changes"
        case .tlsKey:
            "the file of the certificate's private key in PEM, for others not readable; as many as certificates"
        case .tlsClientAuthorities: "a file of authorities in PEM whose client certificates count as verified"
        case .trustedProxies:
            "networks of the proxies whose word on the client counts, such as 10.0.0.0/8,::1,unix (for unix sockets)"
        case .forwardedFields:
            "where those proxies name the client: x-forwarded (X-Forwarded-For, X-Forwarded-Proto) or forwarded (RFC 7239)"
        case .managementListen: "a port of 127.0.0.1, or as MARTLET_LISTEN, for /health, /ready and /metrics"
        case .database: "sqlite:PATH, or postgresql://… and all else that libpq understands"
        case .databaseConnections: "connections to PostgreSQL that write, \(bounds.lowerBound) to \(bounds.upperBound)"
        case .databaseTimeout: "seconds that PostgreSQL may take for an answer"
        case .masterKeyFile:
            "the file with the key that seals what is secret in the database, mode 0600. Below the key may stand older "
                + "ones, one a line, that open what they sealed: see martlet keys reseal"
        case .pkcs11Module:
            "the library of the PKCS #11 token that keeps signing keys, where no provider of OpenSSL reaches it; see martlet "
                + "keys import --uri"
        case .keyDevicePINFile:
            "the file of the PIN of that token or TPM, for others not readable; a refused one is not tried again"
        case .signingAlgorithms:
            "what tokens are signed with, the algorithm first that is used unless a client asks for another; the same on "
                + "every node"
        case .contextNames:
            "what sign-ins are called by their strength (acr): password=NAME second-factor=NAME passkey=NAME, several names "
                + "by commas, the first of which is told"
        case .keyRotationInterval: "seconds after which the next signing key takes over"
        case .requestEncryption: "whether there is a key that clients may encrypt request objects to: yes or no"
        case .masterKey:
            "the master key itself, older ones behind commas, where there can be no file; in the environment only, where "
                + "the program wipes it out"
        case .templates: "the folder of the page templates"
        case .templatesOverlay:
            "a folder whose templates, messages and static files count instead of those of the same name"
        case .language: "the language of pages and mails for whoever wishes for none that is there"
        case .logLevel: "debug, info, warning or error"
        case .traces:
            "where spans are sent by OTLP/HTTP in JSON, such as https://collector.example/v1/traces; http for a collector "
                + "on this machine"
        case .tracePercent: "how many of a hundred requests become spans"
        case .loops: "event loops, \(bounds.lowerBound) to \(bounds.upperBound)"
        case .passwordHash:
            "what a password hash costs: KiB of memory, passes, lanes. Others are made anew at the next sign-in. martlet "
                + "sizing finds numbers for a machine"
        case .passwordWorkers:
            "password hashes at a time, each with the memory of MARTLET_PASSWORD_HASH, \(bounds.lowerBound) to "
                + "\(bounds.upperBound)"
        case .failuresPerAddress: "failed sign-ins a minute from one address (IPv6: a /64); 0 for any number"
        case .failuresPerNetwork: "failed sign-ins a minute from one network (/24, IPv6: /48); 0 for any number"
        case .lockFailures: "failed sign-ins that lock an account for the network they come from; 0 for never"
        case .lockTime: "seconds of the first such lock; each further failure adds as much"
        case .lockLongest: "seconds that such a lock lasts at most"
        case .secondFactorFailures:
            "failed second factors of one account from anywhere that lock it, after its right password; 0 for never"
        case .signInsPerAddress:
            "passwords a minute that are compared for one address (IPv6: a /64), right ones included; 0 for any number"
        case .requestsPerAddress:
            "requests of clients to sign in that are kept a minute for one address; 0 for any number"
        case .passwordChecks:
            "passwords a minute that pages ask about for one address while they are typed, and as many sign-ups; 0 for any "
                + "number"
        case .passkeyOptions: "times a minute that pages of one address may ask for passkeys; 0 for any number"
        case .connectorAnswers: "returns a minute from connectors to one address; 0 for any number"
        case .connectorAccounts: "accounts a minute that connectors make for one address; 0 for any number"
        case .clientFailures: "wrong secrets a minute of one client from one network; 0 for any number"
        case .mailsPerAddress:
            "mails of one kind (sign-up, forgotten password, code, new device) to one address, then one in a few minutes"
        case .mailsPerNetwork: "mails that one network (/24, IPv6: /48) may ask for, then one in a few minutes"
        case .mailsPerCode: "mails with a code for one sign-up, change of address or sign-in, the first one included"
        case .lockMails: "mails a day to one address that say that it is locked"
        case .codeGuesses: "guesses at a code from a mail, then another mail is needed"
        case .mailPause:
            "seconds that whoever asked for too many mails or changes waits at first, and longer by as much each time; "
                + "three times as long for mails of sign-ups to one address"
        case .mailLongestPause:
            "seconds of the longest such pause; twice as long for mails of sign-ups to one address, and at most two thirds "
                + "of MARTLET_RESET_LINK_LIFETIME for those of forgotten passwords"
        case .mailCodeLifetime: "seconds that a code from a mail works"
        case .mailLinkLifetime: "seconds that a link works which proves an address"
        case .resetLinkLifetime: "seconds that a link to a new password works"
        case .registrations: "clients that strangers of one network may register in an hour; 0 for any number"
        case .registrationChanges: "changes of one client's registration in an hour by itself; 0 for any number"
        case .logos: "pictures of clients that browsers of one network may have fetched a minute; 0 for any number"
        case .auditRefusals:
            "refusals a minute that are security events of their own at a node, as many again of what is about nobody's "
                + "account; the rest is counted"
        case .auditRefusalsPerNetwork: "the same of one kind from one network"
        case .changesPerAccount: "changes of one account that its owner is told by mail, then one in a few minutes"
        case .accountFailures:
            "failed sign-ins from anywhere that lock an account for browsers it was not signed in to before; 0 for never"
        case .failuresEverywhere: "failed sign-ins a minute at one node, such browsers apart; 0 for any number"
        case .passwordLength:
            "fewest characters of a password that is chosen, \(bounds.lowerBound) to \(bounds.upperBound)"
        case .passwordLengthWithSecondFactor: "the same for accounts with a second factor"
        case .passwordScore:
            "how hard to guess a password must be that is chosen: 0 (anything) to 4 (nobody will); 3 is a hundred million "
                + "guesses"
        case .passwordWords: "words of your own that make a password easy, such as a company's name, with commas"
        case .passwordFiles: "the folder with words.txt and common.filter"
        case .passwordFilter:
            "the filter of breached passwords, as martlet passwords build-filter makes it, or none for no filter"
        case .passwordRange:
            "a service that is asked besides for breached passwords by the first five digits of their SHA-1, such as "
                + "https://api.pwnedpasswords.com/range/"
        case .passkeyDomain:
            "the domain that passkeys are bound to: the issuer's host, or one that it belongs to, such as example.com for "
                + "login.example.com. When it changes, no passkey works any more"
        case .passkeyOrigins:
            "further origins whose pages may use these passkeys, such as https://login.example.net, with commas; told to "
                + "browsers at /.well-known/webauthn, which that domain has to serve"
        case .captcha: "when signing in asks for a proof of being no robot: never, adaptive (after failures) or always"
        case .captchaFailures: "failures from an address or at an account, within minutes, after which adaptive asks"
        case .captchaWaits: "forms a minute that are taken from one address after a wait, where no JavaScript solves it"
        case .captchaProvider: "who asks for it: built-in, turnstile or hcaptcha"
        case .captchaSiteKey: "the provider's key for pages"
        case .captchaSecretFile: "the file of the provider's secret, for others not readable"
        case .accessTokenLifetime: "seconds that an access token is valid"
        case .idTokenLifetime: "seconds that an ID token is valid"
        case .codeLifetime: "seconds from the issue of a code to its redemption"
        case .refreshIdleLifetime: "seconds that a refresh token lives unused"
        case .grantLifetime: "seconds that a grant with all its refresh tokens lives"
        case .sessionLifetime: "seconds that a browser stays signed in"
        case .sessionIdleLifetime: "seconds that a browser stays signed in which nobody uses"
        case .rememberedLifetime:
            "seconds that a browser stays signed in whose owner wished so; 0 for nobody is asked"
        case .rememberedIdleLifetime: "seconds that such a browser stays signed in which nobody uses"
        case .sessionBinding:
            "what ends a session when it changes: none, browser (program and system), network (/24, IPv6 /48) or both"
        case .sessionManagement:
            "whether clients may watch the browser's session through a frame of ours (Session Management 1.0): yes or no"
        case .refreshGrace: "seconds in which a repeated refresh request gets the same answer"
        case .mailServer:
            "the server that takes mail: smtp://host:587, where STARTTLS is required unless it is this machine, or "
                + "smtps://host:465. Without it production resets no password and takes no sign-up"
        case .mailSender: "the sender of mails: an address, or \"Name <address>\"; required with MARTLET_MAIL_SERVER"
        case .mailUser: "the user that the mail server knows us as"
        case .mailPasswordFile: "the file with that user's password, for others not readable"
        case .mailAuthorities: "a file of authorities in PEM that prove the mail server"
        case .mailTimeout: "seconds that the mail server may take for one mail"
        case .signInOrder:
            "what the page of signing in asks for: together (address and password) or address-first (the password on the next)"
        case .signUp:
            "who may make an account: open, invitation (martlet user invite) or closed; the first two need mail"
        case .terms: "the address of terms that have to be accepted at sign-up"
        case .auditDays: "days that security events are kept (martlet audit list); 0 for good"
        case .auditTokens: "whether every issue of tokens is a security event: yes or no"
        case .registration:
            "a JSON file that says which clients may be registered over HTTP, and by whom; nobody may unless it is named"
        case .claims:
            "a JSON file that says which claims of your own are told of people, made of groups, roles and profiles"
        case .deletionGrace:
            "seconds in which somebody who asked for their account to be deleted may sign in and keep it; then all that is "
                + "kept of them is removed"
        case .mailUnknown:
            "whether an address without an account gets a mail that says so when a new password is asked for with it: yes "
                + "or no"
        case .geoIPFile:
            "a database of places in the MaxMind DB format (GeoLite2, DB-IP), for the list of sessions and mails about them"
        case .mailCodes:
            "whether people without an app or a passkey may have codes by mail as their second factor: yes or no; needs mail"
        }
    }

    /// What holds without it, in a line of help.
    var fallback: String {
        switch self {
        case .configurationFile: "none"
        case .mode: "development"
        case .issuer: "http://localhost:8080; required in production"
        case .listen: "127.0.0.1:8080, and [::1]:8080 in development"
        case .tlsCertificate, .tlsKey, .tlsClientAuthorities, .trustedProxies: "none"
        case .forwardedFields: "x-forwarded"
        case .managementListen: "none"
        case .database: "sqlite:data/martlet.db; required in production"
        case .databaseConnections: "16, shared by the event loops"
        case .databaseTimeout: "5"
        case .masterKeyFile:
            "the systemd credential \(MasterKeySource.credential); else master.key beside the database, made at the first "
                + "start of development mode; required in production"
        case .masterKey, .keyDevicePINFile: "none"
        case .pkcs11Module: "every token that p11-kit knows"
        case .signingAlgorithms: "ES256 RS256"
        case .contextNames: "the registered names"
        case .keyRotationInterval: "7776000, 90 days"
        case .requestEncryption: "yes"
        case .templates: "templates here, beside the program or in its source folder"
        case .templatesOverlay: "none"
        case .language: "en"
        case .logLevel: "info"
        case .traces: "none"
        case .tracePercent: "10"
        case .loops: "one a core"
        case .passwordHash: "\(Argon2Parameters.standard), 64 MiB"
        case .passwordWorkers: "cores divided by lanes of a hash: one for two cores"
        case .failuresPerAddress: "30"
        case .failuresPerNetwork: "120"
        case .lockFailures: "5"
        case .lockTime: "300"
        case .lockLongest: "3600"
        case .secondFactorFailures: "four times MARTLET_LOCK_FAILURES"
        case .signInsPerAddress: "ten times MARTLET_SIGN_IN_FAILURES_PER_ADDRESS"
        case .requestsPerAddress: "twenty times MARTLET_SIGN_IN_FAILURES_PER_ADDRESS"
        case .passwordChecks, .auditRefusals: "120"
        case .passkeyOptions: "600"
        case .connectorAnswers: "240"
        case .connectorAccounts, .mailsPerNetwork, .logos: "30"
        case .clientFailures, .registrationChanges: "60"
        case .mailPause: "300"
        case .mailLongestPause, .resetLinkLifetime: "1800"
        case .mailCodeLifetime: "600"
        case .mailLinkLifetime: "86400, 1 day"
        case .auditRefusalsPerNetwork: "10"
        case .mailsPerAddress, .codeGuesses: "5"
        case .mailsPerCode: "4"
        case .lockMails, .captchaFailures: "3"
        case .changesPerAccount, .registrations: "20"
        case .captchaWaits: "6"
        case .accountFailures: "100"
        case .failuresEverywhere: "3000"
        case .passwordLength: "15"
        case .passwordLengthWithSecondFactor: "8"
        case .passwordScore: "3"
        case .passwordWords, .passwordRange: "none"
        case .passwordFiles: "deploy/passwords or passwords beside the templates"
        case .passwordFilter: "common.filter of that folder"
        case .passkeyDomain: "the issuer's host; without a name, as 127.0.0.1, there are no passkeys"
        case .passkeyOrigins: "none"
        case .captcha: "adaptive"
        case .captchaProvider: "built-in, which needs nobody else"
        case .captchaSiteKey, .captchaSecretFile: "none; required by turnstile and hcaptcha"
        case .accessTokenLifetime: "900"
        case .idTokenLifetime: "3600"
        case .codeLifetime: "60"
        case .refreshIdleLifetime: "1209600, 14 days"
        case .grantLifetime: "7776000, 90 days"
        case .sessionLifetime: "86400, 1 day"
        case .sessionIdleLifetime: "28800, 8 hours, or as long as MARTLET_SESSION_LIFETIME where that is less"
        case .rememberedLifetime: "2592000, 30 days"
        case .rememberedIdleLifetime: "1209600, 14 days, or as long as MARTLET_REMEMBERED_LIFETIME where that is less"
        case .sessionBinding: "none"
        case .refreshGrace: "10"
        case .mailServer: "none; development mode shows mails at /inbox"
        case .mailSender, .mailUser, .mailPasswordFile, .terms, .geoIPFile, .registration, .claims: "none"
        case .mailAuthorities: "those of the system"
        case .mailTimeout: "20"
        case .auditDays: "400"
        case .auditTokens: "no"
        case .signInOrder: "together; the address first, too, where a connector is at home in domains"
        case .signUp: "open in development, closed in production"
        case .deletionGrace: "1209600, 14 days"
        case .mailUnknown, .mailCodes, .sessionManagement: "no"
        }
    }

    /// The numbers that it takes; empty for one that is no number.
    var bounds: ClosedRange<Int> {
        let day = 86_400
        return switch self {
        case .tracePercent: 0...100
        case .loops: 1...256
        case .passwordWorkers: 1...64
        case .passwordLength, .passwordLengthWithSecondFactor: PasswordRules.lengths
        case .passwordScore: PasswordRules.scores
        case .databaseConnections: 1...500
        case .databaseTimeout: 1...60
        case .failuresPerAddress, .failuresPerNetwork: 0...100_000
        case .lockFailures: 0...100
        case .accountFailures: 0...10_000
        case .failuresEverywhere: 0...1_000_000
        case .lockTime: 1...3600
        case .lockLongest: 1...86_400
        case .secondFactorFailures: 0...1000
        case .signInsPerAddress, .requestsPerAddress, .passwordChecks, .passkeyOptions: 0...100_000
        case .connectorAnswers, .connectorAccounts, .clientFailures: 0...100_000
        case .registrations, .registrationChanges, .logos: 0...100_000
        case .auditRefusals, .auditRefusalsPerNetwork: 1...10_000
        case .mailPause: 1...3600
        case .mailLongestPause: 1...day
        // ASVS 6.6.2: ten minutes at most.
        case .mailCodeLifetime: 60...600
        case .mailLinkLifetime: 600...(7 * day)
        case .resetLinkLifetime: 300...3600
        case .mailsPerAddress, .mailsPerNetwork, .changesPerAccount: 2...10_000
        case .mailsPerCode: 1...100
        case .lockMails: 2...100
        case .codeGuesses: 1...10
        case .captchaFailures: 1...1000
        case .captchaWaits: 1...10_000
        case .accessTokenLifetime, .idTokenLifetime: 5...day
        case .codeLifetime: 5...600
        case .keyRotationInterval: 3600...(3650 * day)
        case .refreshIdleLifetime: 5...(365 * day)
        case .grantLifetime: 5...(730 * day)
        case .sessionLifetime: 5...(90 * day)
        case .sessionIdleLifetime: 300...(90 * day)
        case .rememberedLifetime: 0...(400 * day)
        case .rememberedIdleLifetime: 300...(400 * day)
        case .refreshGrace: 0...60
        case .mailTimeout: 1...60
        case .auditDays: 0...36_500
        case .deletionGrace: 0...(90 * day)
        default: 0...0
        }
    }

    /// Whether a name that begins like ours comes from Kubernetes or a linked container, which name the address of a
    /// service called `martlet` so.
    static func isSetByOrchestrator(_ name: String) -> Bool {
        ["MARTLET_SERVICE_HOST", "MARTLET_SERVICE_PORT", "MARTLET_PORT"].contains { ours in
            name == ours || name.hasPrefix(ours + "_")
        }
    }
}
