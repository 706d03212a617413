import AuthorizationServer
import JSON

extension SettingsReader {
    private static let largestPolicy = 64 * 1024

    /// The policy for registrations over HTTP; nil where there are none, or where the file is wrong, which is reported.
    mutating func registration() -> RegistrationPolicy? {
        guard let path = text(.registration) else { return nil }
        let contents: SmallFile.Contents
        do {
            contents = try SmallFile.read(path, limit: SettingsReader.largestPolicy)
        } catch {
            report(.registration, "names a file that cannot be read: \(error)", "Name a JSON file, or nothing.")
            return nil
        }
        guard let document = try? JSONObject(parsing: contents.bytes) else {
            report(
                .registration, "names a file that is no JSON object",
                "Write {\"access\": \"token\"}, for example: then it takes a token of martlet client registration-token."
            )
            return nil
        }
        do throws(RegistrationRefusal) {
            return try RegistrationPolicy(document)
        } catch {
            report(
                .registration, "names a file with a mistake: \(error)",
                "It has access, scopes, grant_types, token_endpoint_auth_methods, redirect_hosts, compatibility and "
                    + "software_statements.")
            return nil
        }
    }
}
