import AuthorizationServer
import JSON

extension SettingsReader {
    private static let largestMapping = 256 * 1024

    /// The operator's claims; none where the file is wrong, which is reported.
    mutating func claims() -> ClaimsMapping {
        guard let path = text(.claims) else { return ClaimsMapping() }
        let contents: SmallFile.Contents
        do {
            contents = try SmallFile.read(path, limit: SettingsReader.largestMapping)
        } catch {
            report(.claims, "names a file that cannot be read: \(error)", "Name a JSON file, or nothing.")
            return ClaimsMapping()
        }
        guard let document = try? JSONObject(parsing: contents.bytes) else {
            report(
                .claims, "names a file that is no JSON object",
                "Write {\"claims\": [{\"claim\": \"groups\", \"from\": \"groups\", \"in\": [\"id_token\"]}]}, for example."
            )
            return ClaimsMapping()
        }
        do throws(ClaimsMapping.Refusal) {
            return try ClaimsMapping(document)
        } catch {
            report(
                .claims, "names a file with a mistake: \(error)",
                "A rule has claim, from or value, in, and may have scopes, clients and values.")
            return ClaimsMapping()
        }
    }
}
