import Observability
import Testing

@testable import Martlet

@Suite("Memory of the process")
struct ProcessMemoryTests {
    @Test func hiddenMemoryStaysHidden() {
        ProcessMemory.hide()
        #expect(ProcessMemory.isHidden)
    }
}
