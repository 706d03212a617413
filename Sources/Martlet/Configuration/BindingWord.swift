import Identity

/// What sessions are bound to, as `MARTLET_SESSION_BINDING` says it.
enum BindingWord: String, CaseIterable {
    case none, browser, network, both

    var binding: SessionBinding {
        switch self {
        case .none: []
        case .browser: .browser
        case .network: .network
        case .both: [.browser, .network]
        }
    }
}
