import AccountServer
import Foundation
import NKeys
import Trust

/// Keys and texts of tokens for tests of stores, which judge neither.
enum StoreTexts {
    /// The key of an account that nobody needs to hold; the same index gives the same key.
    static func key(_ index: Int) -> PublicKey {
        var last: UInt8 = 0
        while true {
            var bytes = [UInt8](repeating: 3, count: 32)
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: index).littleEndian) {
                bytes.replaceSubrange(0..<4, with: $0)
            }
            bytes[31] = last & 0x7F
            // Some bytes are of a point that is refused.
            if let key = try? PublicKey(role: .account, rawBytes: bytes) { return key }
            last &+= 1
        }
    }

    static func account(_ index: Int) -> StoreKey { .account(key(index)) }

    /// The name of an activation token.
    static func hash(_ index: Int) -> String { SHA256.base32(Array("\(index)".utf8)) }

    /// A text of the characters and the length of a token; another for each index and length.
    static func token(_ index: Int, count: Int = 900) -> String {
        let beginning = "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.\(index).-_"
        return beginning + String(repeating: "x", count: max(0, count - beginning.utf8.count))
    }
}

/// A folder that goes away with its last reference.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        // In memory where that is to be had: the tests bring files to the disk thousands of times.
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : FileManager.default.temporaryDirectory.path
        path = "\(parent)/account-stores-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ text: String, to file: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(file)"))
    }

    func makeFolder(_ folder: String) throws {
        try FileManager.default.createDirectory(atPath: "\(path)/\(folder)", withIntermediateDirectories: true)
    }

    func link(_ file: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(path)/\(file)", withDestinationPath: target)
    }

    func text(of file: String) -> String? {
        FileManager.default.contents(atPath: "\(path)/\(file)").map { String(decoding: $0, as: UTF8.self) }
    }

    func remove(_ file: String) throws {
        try FileManager.default.removeItem(atPath: "\(path)/\(file)")
    }

    func permissions(of file: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(file)")
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }

    /// All files and folders, sorted.
    func all() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
    }
}
