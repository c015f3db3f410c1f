import Foundation

/// A folder that goes away with this value, and short ways to fill it and look into it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        // In memory where that is to be had: the tests make files last thousands of times.
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm/" : NSTemporaryDirectory()
        path = parent + "folder-stores-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ text: String, to file: String) throws {
        try makeFolder((file as NSString).deletingLastPathComponent)
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

    /// A small store: operator `OP`, accounts `A` and `B` with users.
    func makeStore(_ folder: String = "OP") throws {
        try write(#"{"managed":false,"name":"OP","kind":"operator","version":"1"}"#, to: "\(folder)/.nsc")
        try write(token("operator"), to: "\(folder)/OP.jwt")
        for account in ["A", "B"] {
            try write(token(account), to: "\(folder)/accounts/\(account)/\(account).jwt")
            for user in ["one", "two"] {
                try write(token(account + user), to: "\(folder)/accounts/\(account)/users/\(user).jwt")
            }
        }
    }
}

/// A text as long as a token and made of its characters; different names give different texts.
func token(_ name: String) -> String {
    name + "." + String(repeating: "x", count: 100)
}

/// The folder of test data.
let testdata = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Testdata").path
