import JOSE
import JSON
import OAuthTypes
import Stores

extension RequestObject {
    /// What is said of the object itself, and is no parameter.
    private static let own: Set<String> = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"]

    /// The parameters that it stands for: RFC 9101 §4, §6.3.
    ///
    /// Texts are taken as they are, numbers as digits, objects as JSON; a list of texts is a parameter that comes several
    /// times where it may, as `resource` may. Parameters beside the object count only where the client's compatibility says
    /// so, and then only where it lacks them (Core §6.1).
    func parameters(beside outside: FormParameters, from client: Client) throws(OAuthError) -> FormParameters {
        var pairs: [String] = []
        var names: Set<Parameter> = []
        for member in claims.members where !RequestObject.own.contains(member.name) && !member.value.isNull {
            names.insert(Parameter(member.name))
            for text in RequestObject.texts(of: member.value) {
                pairs.append(FormParameters.encode(member.name) + "=" + FormParameters.encode(text))
            }
        }
        if client.mergesRequests {
            try requireAgreement(with: outside)
            let more = outside.names.subtracting(names).subtracting([.request, .requestURI])
            pairs.append(outside.encoded(only: more))
        }
        let form = Array(pairs.joined(separator: "&").utf8)
        guard form.count <= AuthorizationEndpoint.requestLimit, let parameters = try? FormParameters(decoding: form)
        else {
            throw OAuthError(
                .invalidRequestObject, "the request object says too much, or nothing readable",
                advice: "what it says, form-encoded, must have \(AuthorizationEndpoint.requestLimit) bytes at most",
                rule: "RFC 9101 §4, §6.3")
        }
        return parameters
    }

    private static func texts(of value: JSONValue) -> [String] {
        if let text = value.string { return [text] }
        if let values = value.array {
            let texts = values.compactMap(\.string)
            if texts.count == values.count { return texts }
        }
        return [String(decoding: value.jsonBytes(), as: UTF8.self)]
    }

    /// Core §6.1: what OAuth wants outside must not be contradicted inside.
    private func requireAgreement(with outside: FormParameters) throws(OAuthError) {
        for name in [Parameter.responseType, .clientID] {
            guard let beside = outside[name], let inside = claims[name.rawValue] else { continue }
            guard inside.string?.utf8.elementsEqual(beside.utf8) ?? false else {
                throw OAuthError(
                    .invalidRequestObject, "response_type or client_id differs between request and request object",
                    advice: "response_type and client_id beside the request object must be those in it, or be left out",
                    rule: "OpenID Connect Core §6.1")
            }
        }
    }
}
