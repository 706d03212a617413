extension PlaygroundPage {
    /// A page with everything on it.
    public static var example: PlaygroundPage {
        PlaygroundPage(
            problem: Problem(code: "access_denied", message: "The person refused."),
            steps: [
                Step(
                    title: .authorization,
                    method: "GET",
                    url: "http://localhost:8080/authorize?response_type=code&client_id=demo&scope=openid&state=a-1",
                    response: "302 Found\nLocation: /playground/callback?code=SbxB0t3kQ1m7&state=a-1"
                ),
                Step(
                    title: .token,
                    method: "POST",
                    url: "http://localhost:8080/token",
                    request: "grant_type=authorization_code&code=SbxB0t3kQ1m7",
                    response: "200 OK\n\n{\n  \"token_type\": \"Bearer\",\n  \"expires_in\": 900\n}"
                ),
            ],
            tokens: [
                Token(
                    .id,
                    header: "{\n  \"alg\": \"ES256\",\n  \"typ\": \"JWT\"\n}",
                    payload: "{\n  \"iss\": \"http://localhost:8080\",\n  \"aud\": \"demo\"\n}"
                )
            ],
            userInfo: "{\n  \"email\": \"demo@example.org\"\n}",
            refresh: Refresh(action: "/playground/refresh", csrf: "Yk3J0"),
            startURL: "/playground",
            signOutURL: "/logout"
        )
    }
}
