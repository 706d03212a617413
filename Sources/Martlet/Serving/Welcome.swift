import AuthorizationServer
import Web

/// What a person reads when a provider for development has started.
enum Welcome {
    static func text(_ access: DevelopmentAccess, _ issuer: Issuer, folder: String) -> String {
        """

        Martlet \(Version.text) is ready, for development.

          Open          \(issuer.url)/
          Sign in as    \(access.email) with password \(access.password)
          Client        \(access.clientID) with secret \(access.clientSecret)
          Get a token   \(access.curlCommand(issuer))
          Data          in \(folder)

        """
    }
}
