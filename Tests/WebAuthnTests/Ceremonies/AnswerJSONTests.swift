import JOSE
import JSON
import MartletTesting
import Testing

@testable import WebAuthn

@Suite("WebAuthn §5.1: what a page sends back")
struct AnswerJSONTests {
    static let challenge = RegistrationTests.challenge

    private func registration() throws -> JSONObject {
        let authenticator = try SoftAuthenticator()
        return try JSONObject(
            parsing: Array(authenticator.registrationJSON(authenticator.registration(Self.challenge)).utf8))
    }

    private func assertion(_ handle: [UInt8]? = [1, 2]) throws -> JSONObject {
        var authenticator = try SoftAuthenticator()
        authenticator.userHandle = handle
        return try JSONObject(parsing: Array(authenticator.assertionJSON(authenticator.assertion(Self.challenge)).utf8))
    }

    @Test func readsARegistration() throws {
        let authenticator = try SoftAuthenticator()
        let sent = try authenticator.registration(Self.challenge)
        let read = try RegistrationAnswer(json: authenticator.registrationJSON(sent))
        #expect(read.clientDataJSON == sent.clientDataJSON)
        #expect(read.attestationObject == sent.attestationObject)
        #expect(read.transports == ["internal"])
        #expect(read.credentialID == authenticator.credentialID)
    }

    @Test(arguments: [nil, [UInt8](1...64)])
    func readsAnAssertion(_ handle: [UInt8]?) throws {
        var authenticator = try SoftAuthenticator()
        authenticator.userHandle = handle
        let sent = try authenticator.assertion(Self.challenge)
        let read = try AssertionAnswer(json: authenticator.assertionJSON(sent))
        #expect(read.credentialID == authenticator.credentialID)
        #expect(read.clientDataJSON == sent.clientDataJSON)
        #expect(read.authenticatorData == sent.authenticatorData)
        #expect(read.signature == sent.signature)
        #expect(read.userHandle == handle)
    }

    /// Older browsers and scripts of other hands.
    @Test func membersThatAreNotNeededMayBeMissing() throws {
        var json = try registration()
        for name in ["rawId", "authenticatorAttachment", "clientExtensionResults"] { json[name] = nil }
        var response = try #require(json["response"]?.object)
        response["transports"] = nil
        json["response"] = .object(response)
        #expect(try RegistrationAnswer(json: json.jsonBytes()).transports.isEmpty)
        response["transports"] = .null
        json["response"] = .object(response)
        #expect(try RegistrationAnswer(json: json.jsonBytes()).transports.isEmpty)
        json = try assertion()
        response = try #require(json["response"]?.object)
        response["userHandle"] = .null
        json["response"] = .object(response)
        #expect(try AssertionAnswer(json: json.jsonBytes()).userHandle == nil)
        response["userHandle"] = ""
        json["response"] = .object(response)
        #expect(try AssertionAnswer(json: json.jsonBytes()).userHandle == nil)
    }

    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let member: String
        let value: JSONValue?
    }

    static let commonChanges = [
        Change(testDescription: "no type", member: "type", value: nil),
        Change(testDescription: "another type", member: "type", value: "password"),
        Change(testDescription: "no ID", member: "id", value: nil),
        Change(testDescription: "an empty ID", member: "id", value: ""),
        Change(testDescription: "an ID that is not base64url", member: "id", value: "a+b/"),
        Change(testDescription: "another raw ID", member: "rawId", value: "AAAA"),
        Change(testDescription: "a number as raw ID", member: "rawId", value: 1),
        Change(testDescription: "no response", member: "response", value: nil),
        Change(testDescription: "a list as response", member: "response", value: []),
        Change(testDescription: "no client data", member: "response.clientDataJSON", value: nil),
        Change(testDescription: "client data in base64", member: "response.clientDataJSON", value: "AAA="),
        Change(
            testDescription: "client data as an object", member: "response.clientDataJSON", value: .object(JSONObject())
        ),
    ]

    private func changed(_ json: JSONObject, _ change: Change) throws -> [UInt8] {
        var json = json
        if change.member.hasPrefix("response.") {
            var response = try #require(json["response"]?.object)
            response[String(change.member.dropFirst(9))] = change.value
            json["response"] = .object(response)
        } else {
            json[change.member] = change.value
        }
        return json.jsonBytes()
    }

    @Test(
        arguments: commonChanges + [
            Change(testDescription: "no attestation object", member: "response.attestationObject", value: nil),
            Change(testDescription: "transports as a text", member: "response.transports", value: "usb"),
            Change(testDescription: "a number among the transports", member: "response.transports", value: ["usb", 1]),
        ])
    func refusesAnotherRegistration(_ change: Change) throws {
        let sound = try registration()
        let broken = try changed(sound, change)
        #expect(throws: WebAuthnError.malformedAnswer) { try RegistrationAnswer(json: broken) }
        #expect(throws: Never.self) { try RegistrationAnswer(json: sound.jsonBytes()) }
    }

    @Test(
        arguments: commonChanges + [
            Change(testDescription: "no authenticator data", member: "response.authenticatorData", value: nil),
            Change(testDescription: "no signature", member: "response.signature", value: nil),
            Change(testDescription: "a user handle as a number", member: "response.userHandle", value: 7),
            Change(testDescription: "a user handle that is not base64url", member: "response.userHandle", value: "a="),
        ])
    func refusesAnotherAssertion(_ change: Change) throws {
        let sound = try assertion()
        let broken = try changed(sound, change)
        #expect(throws: WebAuthnError.malformedAnswer) { try AssertionAnswer(json: broken) }
        #expect(throws: Never.self) { try AssertionAnswer(json: sound.jsonBytes()) }
    }

    @Test(arguments: ["", "null", "[]", "{}", "{\"id\":", "\u{FEFF}{}"])
    func refusesOtherTexts(_ text: String) {
        #expect(throws: WebAuthnError.malformedAnswer) { try RegistrationAnswer(json: text) }
        #expect(throws: WebAuthnError.malformedAnswer) { try AssertionAnswer(json: text) }
    }

    @Test func refusesTextsThatAreTooLong() throws {
        let sound = try assertion().jsonBytes()
        let room = CredentialJSON.longest - sound.count
        #expect(throws: Never.self) { try AssertionAnswer(json: sound + [UInt8](repeating: 0x20, count: room)) }
        #expect(throws: WebAuthnError.malformedAnswer) {
            try AssertionAnswer(json: sound + [UInt8](repeating: 0x20, count: room + 1))
        }
    }

    /// A page that names another credential than the authenticator made is up to something.
    @Test func theNamedCredentialMustBeTheOneThatWasMade() throws {
        let relyingParty = RegistrationTests.relyingParty
        var json = try registration()
        let sound = try RegistrationAnswer(json: json.jsonBytes())
        json["id"] = "AAAA"
        json["rawId"] = "AAAA"
        let other = try RegistrationAnswer(json: json.jsonBytes())
        #expect(throws: WebAuthnError.wrongCredential) {
            try relyingParty.register(other, challenge: Self.challenge, verification: .required)
        }
        #expect(throws: Never.self) {
            try relyingParty.register(sound, challenge: Self.challenge, verification: .required)
        }
    }
}
