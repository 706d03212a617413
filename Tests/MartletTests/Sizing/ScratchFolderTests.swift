import Foundation
import Testing

@testable import Martlet

@Suite("A folder for a while")
struct ScratchFolderTests {
    @Test func isForItsOwnerAloneAndGoesWithItsFiles() throws {
        let place = try TemporaryFolder()
        let folder = try ScratchFolder(near: place.root)
        #expect(folder.parent == place.root)
        let name = try #require(folder.path.split(separator: "/").last.map(String.init))
        #expect(place.mode(name) == 0o700)
        try place.file(name + "/martlet.db-wal", "x")
        try place.file(name + "/.hidden", "x")
        folder.remove()
        #expect(place.mode(name) == nil)
        #expect(SmallFile.isFolder(place.root))
    }

    @Test func standsAtTheNearestFolderThatThereIs() throws {
        let place = try TemporaryFolder()
        let folder = try ScratchFolder(near: place.path("no/such/folder"))
        #expect(folder.parent == place.root)
        folder.remove()
        let here = try ScratchFolder(near: "there-is-no-such-folder")
        #expect(here.parent == ".")
        here.remove()
    }
}
