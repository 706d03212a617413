import AuthorizationServer
import HTTP
import Identity
import Observability
import Reactor

/// What only the server needs.
struct ServerSettings: Sendable {
    let mode: Configuration.Mode
    let issuer: Issuer?
    let listen: [ListenSetting]
    /// Where only operators and their machines ask; none unless set.
    let management: [ListenSetting]
    let proxies: TrustedProxies
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
    let sessionBinding: SessionBinding
    let passwords: PasswordSettings
    let captcha: CaptchaSettings

    /// Nil where no mail server is named.
    let mail: MailSettings?
    let signUp: SignUpMode
    /// The terms of use; nil where there are none to accept.
    let terms: String?

    init(_ reader: inout SettingsReader, hasIPv6: Bool) {
        mode = reader.choice(.mode) ?? .development
        issuer = reader.issuer()
        templates = TemplateSettings(&reader)
        logLevel = reader.choice(.logLevel) ?? .info
        traces = reader.traces()
        loops = reader.number(.loops)
        passwordWorkers = reader.number(.passwordWorkers)
        signInLimits = reader.signInLimits()
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
        reader.checkTransport(listen, management, mode, hasProxies: !proxies.networks.isEmpty, hasTLS: tls != nil)
        mail = MailSettings(&reader)
        // Who has not decided yet finds no strangers among the accounts.
        signUp = reader.choice(.signUp) ?? (mode == .development ? .open : .closed)
        terms = reader.terms()
        if signUp != .closed, mode == .production, reader.text(.mailServer) == nil {
            reader.report(
                .signUp, "needs mail, and no mail server is named",
                "Name one with MARTLET_MAIL_SERVER, or write closed.")
        }
    }
}
