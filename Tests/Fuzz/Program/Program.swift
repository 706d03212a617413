import Glibc

/// What libFuzzer calls: `FUZZ_TARGET` names the target.
///
/// A property that does not hold ends the program as a crash does, so that the input is kept.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do throws(Violation) {
        try chosenTarget.check(bytes)
    } catch {
        fatalError("\(chosenTarget.name): \(error)")
    }
    return 0
}

private let chosenTarget: FuzzTarget = {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        fatalError("FUZZ_TARGET is none of \(FuzzTarget.all.map(\.name))")
    }
    return target
}()
