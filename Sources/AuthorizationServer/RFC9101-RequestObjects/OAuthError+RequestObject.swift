import OAuthTypes

extension OAuthError {
    /// A refusal of a request object by what is known of its `jti`: RFC 7519 §4.1.7.
    ///
    /// Of `OneTimeObject` alone; everything else names its rule.
    init(_ code: Code, _ summary: StaticString, advice: String) {
        self.init(code, summary, advice: advice, rule: "RFC 7519 §4.1.7, FAPI 2.0 Message Signing §5.3.1")
    }
}
