// Configuration files of a broker, as the reader of their language takes them. Run with `.ci/fuzz ConfigurationFuzz`; not
// a target of the package.
//
// modules:
// with: Sources/Broker/Configuration/ConfigurationFault.swift
// with: Sources/Broker/Configuration/ConfigurationReader.swift
// with: Sources/Broker/Configuration/ConfigurationText.swift
// with: Sources/Broker/Configuration/ConfigurationValue.swift
// with: Sources/Broker/Configuration/ConfigurationWord.swift
// corpus: Testdata/nsc/config

/// Offers the input as a file that may include itself, and dies of a broken invariant.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConfiguration(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    do throws(ConfigurationFault) {
        let entries = try ConfigurationReader.read("a.conf", environment: ["A": "[$B, 1]", "B": "{ c: $A }"]) {
            (path) throws(ConfigurationFault) in
            guard path == "a.conf" else { throw ConfigurationFault("there is no such file") }
            return input
        }
        if Set(entries.map(\.key)).count != entries.count { fatalError("a key is there twice") }
    } catch {
        if error.place == nil { fatalError("a fault has no place: \(error)") }
        if error.description.utf8.contains(0x0A) { fatalError("a fault has two lines: \(error)") }
    }
    return 0
}
