import AuthorizationServer
import HTTP
import Identity
import Observability
import Reactor
import Web

/// What only the server needs.
struct ServerSettings: Sendable {
    let mode: Configuration.Mode
    let issuer: Issuer?
    let listen: [ListenSetting]
    /// Where only operators and their machines ask; none unless set.
    let management: [ListenSetting]
    let proxies: TrustedProxies
    /// Whether everybody seems to come from the proxy that must do TLS here, because none is named.
    ///
    /// What counts by address, such as the limits of signing in, then counts all people together.
    let hidesClients: Bool
    /// Nil where nothing is served by https.
    let tls: TLSFiles?
    let templates: TemplateSettings
    let logLevel: LogLevel
    /// Nil where no traces are sent.
    let traces: TraceSettings?
    /// Nil for one a core.
    let loops: Int?
    /// Nil for as many as the cores divided by the lanes of a hash.
    let passwordWorkers: Int?
    let signInLimits: SignInLimits
    let mailRates: MailRates
    let requestRates: RequestRates
    /// How many rows strangers may cause in the log of events.
    let auditRates: AuditRates
    let sessionBinding: SessionBinding
    /// How long people stay signed in who wish so; nil where nobody is asked.
    let remembered: Sessions.Remembered?
    let passwords: PasswordSettings
    let captcha: CaptchaSettings

    /// Nil where no mail server is named.
    let mail: MailSettings?
    let signUp: SignUpMode
    let signInOrder: Site.SignInOrder
    /// How long security events are kept; nil for good.
    let auditRetention: Duration?
    /// Whether every issue of tokens is one.
    let auditsTokens: Bool
    /// The terms of use; nil where there are none to accept.
    let terms: String?
    /// What strangers may register; nil where nobody registers a client over HTTP.
    let registration: RegistrationPolicy?
    /// Claims of the operator's own.
    let claims: ClaimsMapping
    /// How long an account waits that is to be deleted.
    let deletionGrace: Duration
    /// Whether an address without an account is told that it has none.
    let tellsUnknown: Bool
    /// Whether codes by mail may be somebody's second factor.
    let allowsMailCodes: Bool
    /// Whether clients may watch the browser's session.
    let offersSessionManagement: Bool
    /// The file that says where networks are; nil where there is none.
    let geoIPFile: String?

    init(_ reader: inout SettingsReader, hasIPv6: Bool) {
        mode = reader.choice(.mode) ?? .development
        issuer = reader.issuer()
        templates = TemplateSettings(&reader)
        logLevel = reader.choice(.logLevel) ?? .info
        traces = reader.traces()
        loops = reader.number(.loops)
        passwordWorkers = reader.number(.passwordWorkers)
        signInLimits = reader.signInLimits()
        mailRates = reader.mailRates()
        requestRates = reader.requestRates()
        auditRates = reader.auditRates()
        remembered = reader.remembered()
        sessionBinding = (reader.choice(.sessionBinding) ?? BindingWord.none).binding
        passwords = reader.passwords()
        captcha = reader.captcha()
        let loopback = ListenAddresses.loopback(port: 8080, hasIPv6: hasIPv6 && mode == .development)
        listen =
            reader.listeners(.listen) { text throws(ListenAddresses.Refusal) in
                try ListenAddresses.parse(text, hasIPv6: hasIPv6)
            } ?? loopback.map { ListenSetting(.ip($0)) }
        management =
            reader.listeners(.managementListen) { text throws(ListenAddresses.Refusal) in
                try ListenAddresses.parseManagement(text, hasIPv6: hasIPv6)
            } ?? []
        proxies = reader.proxies()
        tls = reader.tlsFiles()
        hidesClients =
            mode == .production && proxies.networks.isEmpty && !listen.isEmpty
            && listen.allSatisfy { $0.scheme == .http }
        reader.checkTransport(listen, management, mode, hasProxies: !proxies.networks.isEmpty, hasTLS: tls != nil)
        mail = MailSettings(&reader)
        // Who has not decided yet finds no strangers among the accounts.
        signUp = reader.choice(.signUp) ?? (mode == .development ? .open : .closed)
        signInOrder = reader.choice(.signInOrder) ?? .together
        terms = reader.terms()
        let days = reader.number(.auditDays) ?? 400
        auditRetention = days == 0 ? nil : .seconds(days * 86_400)
        auditsTokens = (reader.choice(.auditTokens) ?? YesOrNo.no) == .yes
        registration = reader.registration()
        claims = reader.claims()
        deletionGrace = reader.number(.deletionGrace).map { .seconds($0) } ?? AccountDeletion.standardGrace
        tellsUnknown = (reader.choice(.mailUnknown) ?? YesOrNo.no) == .yes
        offersSessionManagement = (reader.choice(.sessionManagement) ?? YesOrNo.no) == .yes
        geoIPFile = reader.text(.geoIPFile)
        allowsMailCodes = (reader.choice(.mailCodes) ?? YesOrNo.no) == .yes
        if allowsMailCodes, mode == .production, reader.text(.mailServer) == nil {
            reader.report(
                .mailCodes, "needs mail, and no mail server is named",
                "Name one with MARTLET_MAIL_SERVER, or write no.")
        }
        if signUp != .closed, mode == .production, reader.text(.mailServer) == nil {
            reader.report(
                .signUp, "needs mail, and no mail server is named",
                "Name one with MARTLET_MAIL_SERVER, or write closed.")
        }
    }
}
