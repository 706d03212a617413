import Testing

@testable import Martlet

@Suite("Where templates are looked for")
struct TemplateSearchTests {
    @Test func candidatesFollowFromWhereTheProgramIs() {
        #expect(
            TemplateSearch.candidates(executable: "/usr/local/bin/martlet") == [
                "templates", "/usr/local/share/martlet/templates",
            ]
        )
        #expect(
            TemplateSearch.candidates(executable: "/src/martlet/.build/x86_64-unknown-linux-gnu/release/martlet") == [
                "templates", "/src/martlet/.build/x86_64-unknown-linux-gnu/share/martlet/templates",
                "/src/martlet/templates",
            ]
        )
    }
}
