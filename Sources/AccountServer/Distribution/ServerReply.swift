import NKeys
import Trust

/// A server, as its answers name it.
struct ServerIdentity: Hashable, Sendable {
    let id: PublicKey
    let name: String
    let version: String

    /// Reads the object `server`; nil unless it bears a server's key.
    init?(_ tree: JSONTree) {
        guard case .string(let id)? = tree["id"], let key = try? PublicKey(id, role: .server) else { return nil }
        self.id = key
        name = if case .string(let name)? = tree["name"] { OneLine.text(name) } else { "" }
        version = if case .string(let version)? = tree["ver"] { OneLine.text(version) } else { "" }
    }

    /// Reads who answers, and nothing of what else the answer says: statistics hold numbers that are not whole, and may
    /// hold anything in a version to come. Servers write themselves first.
    init?(heading payload: [UInt8]) {
        let beginning = Array(#"{"server":"#.utf8)
        guard payload.starts(with: beginning) else { return nil }
        var (depth, isText, isEscaped) = (0, false, false)
        for (index, byte) in payload.enumerated().dropFirst(beginning.count).prefix(16 << 10) {
            switch byte {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isText: isEscaped = true
            case UInt8(ascii: "\""): isText.toggle()
            case UInt8(ascii: "{") where !isText: depth += 1
            case UInt8(ascii: "}") where !isText:
                depth -= 1
                guard depth == 0 else { continue }
                guard let tree = try? JSONTree(Array(payload[beginning.count...index])) else { return nil }
                self.init(tree)
                return
            default: break
            }
        }
        return nil
    }

    /// What a server with this name calls itself in its inboxes: eight letters and digits of the name's hash.
    static func inboxLabel(of name: String) -> String {
        let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        return String(decoding: SHA256.hash(name.utf8).prefix(8).map { digits[Int($0) % digits.count] }, as: UTF8.self)
    }
}

/// What a server answers to an update, a list or a deletion.
struct ServerReply: Sendable {
    /// What it says.
    enum Content: Hashable, Sendable {
        /// Done, in its own words.
        case done(String)
        /// Not done; why, on one line.
        case failed(String)
        /// The accounts that it stores. Names that are no account keys are left out.
        case accounts([PublicKey])
    }

    let server: ServerIdentity
    /// The account that it speaks of, as it writes it.
    let account: String?
    let content: Content

    /// Reads an answer; nil for what is none.
    init?(_ payload: [UInt8]) {
        guard let tree = try? JSONTree(payload), let named = tree["server"], let server = ServerIdentity(named) else {
            return nil
        }
        self.server = server
        if case .list(let names)? = tree["data"] {
            account = nil
            content = .accounts(
                names.compactMap { name in
                    guard case .string(let text) = name else { return nil }
                    return try? PublicKey(text, role: .account)
                })
            return
        }
        let outcome = tree["error"] ?? tree["data"]
        guard let outcome, case .integer(let code)? = outcome["code"] else { return nil }
        account = if case .string(let account)? = outcome["account"] { account } else { nil }
        let texts = [outcome["message"], outcome["description"]].compactMap { text -> String? in
            if case .string(let text)? = text { text } else { nil }
        }
        let text = OneLine.text(texts.first ?? "")
        content = tree["error"] == nil && code == 200 ? .done(text) : .failed(text.isEmpty ? "code \(code)" : text)
    }
}

extension JSONTree {
    /// A member of an object; nil for none, and for null.
    subscript(name: String) -> JSONTree? {
        guard case .object(let members) = self, let member = members.first(where: { $0.name == name }),
            member.value != .null
        else { return nil }
        return member.value
    }
}

/// Text that somebody else wrote, made fit for a log line: printable ASCII, short, and no word long enough to be a token
/// or a seed.
enum OneLine {
    private static let longestWord = 56

    static func text(_ text: String, limit: Int = 200) -> String {
        var line = ""
        var word = 0
        for byte in text.utf8.prefix(limit) {
            word = byte == UInt8(ascii: " ") ? 0 : word + 1
            // A word that is too long is cut down to what tells it from others.
            if word > longestWord { continue }
            line.append((0x20...0x7E).contains(byte) ? Character(Unicode.Scalar(byte)) : "?")
        }
        return line.split(separator: " ", omittingEmptySubsequences: false).map { word in
            word.hasPrefix("S") && word.utf8.count > 50 ? "?" : String(word)
        }.joined(separator: " ")
    }
}
