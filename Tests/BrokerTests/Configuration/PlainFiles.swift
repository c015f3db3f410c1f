import Foundation

@testable import Broker

/// Files of a test: those that it makes up, and then those of the disk.
struct PlainFiles {
    var texts: [String: String] = [:]

    func read(_ path: String) throws(ConfigurationFault) -> [UInt8] {
        if let text = texts[path] { return Array(text.utf8) }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ConfigurationFault("there is no such file", hint: "check the path")
        }
        return Array(data)
    }

    /// The configurations that the real `nsc` made.
    static let corpus = ["config", "negative"].flatMap { folder in
        let path = #filePath.components(separatedBy: "/Tests/")[0] + "/Testdata/nsc/\(folder)"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasSuffix(".conf") }.sorted().map { "\(path)/\($0)" }
    }
}

extension ConfigurationValue {
    /// The value without its places, in one spelling.
    var plain: String {
        switch content {
        case .text(let text): "\"\(text)\""
        case .number(let number): "\(number)"
        case .fraction(let number): "\(number)"
        case .truth(let truth): "\(truth)"
        case .list(let values): "[" + values.map(\.plain).joined(separator: " ") + "]"
        case .block(let entries): "{" + entries.plain + "}"
        }
    }
}

extension [ConfigurationEntry] {
    var plain: String { map { "\($0.key)=\($0.value.plain)" }.joined(separator: " ") }
}

/// The time of the machine, in Unix seconds.
func currentSeconds() -> Int { Int(Date().timeIntervalSince1970) }
