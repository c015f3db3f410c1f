import NKeys

/// What a request asks for: a resource, what fills the template of its path, and the parameters of its query.
///
/// A path is one of those that Docs/AccountServer.md names, byte for byte. Nothing is decoded, folded or normalised, so
/// that no two paths mean one thing, and no file of any name can be meant (CVE-2022-28357).
struct RequestTarget: Equatable, Sendable {
    let route: Route
    /// What stands for `{key}` or `{hash}`; empty for other resources. Not checked.
    let argument: String
    /// The query as it stands, without the question mark; nil when there is none.
    let query: String?

    /// Nil when no resource has the path.
    init?(_ target: String) {
        var path = target[...]
        var query: String?
        if let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) {
            path = target[..<mark]
            query = String(target[target.utf8.index(after: mark)...])
        }
        self.query = query
        switch path {
        case "/healthz": (route, argument) = (.health, "")
        case "/jwt/v1/accounts", "/jwt/v1/accounts/": (route, argument) = (.accounts, "")
        case "/jwt/v1/operator": (route, argument) = (.operator, "")
        case "/jwt/v1/activations": (route, argument) = (.activations, "")
        case "/jwt/v1/pack": (route, argument) = (.pack, "")
        case "/jwt/v1/help": (route, argument) = (.help, "")
        case "/readyz": (route, argument) = (.ready, "")
        case "/metrics": (route, argument) = (.metrics, "")
        case "/openapi.json": (route, argument) = (.openAPI, "")
        case "/oauth2/token": (route, argument) = (.token, "")
        case "/.well-known/credence-audiences": (route, argument) = (.audiences, "")
        default:
            if let key = Self.rest(of: path, behind: "/jwt/v1/accounts/") {
                (route, argument) = (.account, key)
            } else if let hash = Self.rest(of: path, behind: "/jwt/v1/activations/") {
                (route, argument) = (.activation, hash)
            } else {
                return nil
            }
        }
    }

    private static func rest(of path: Substring, behind prefix: StaticString) -> String? {
        let bytes = path.utf8
        let head = UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount)
        guard bytes.starts(with: head) else { return nil }
        return String(path[bytes.index(bytes.startIndex, offsetBy: head.count)...])
    }

    /// The parameters of the query, when each is one of `known`, stands once, and has a value that it can have.
    func parameters(known: Set<Route.Parameter>) -> [Route.Parameter: String]? {
        guard let query, !query.isEmpty else { return [:] }
        var parameters: [Route.Parameter: String] = [:]
        for part in query.split(separator: "&", omittingEmptySubsequences: false) {
            let equals = part.utf8.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let value = equals == part.endIndex ? "" : String(part[part.utf8.index(after: equals)...])
            guard let name = Route.Parameter(rawValue: String(part[..<equals])), known.contains(name),
                Self.isValue(value, of: name), parameters.updateValue(value, forKey: name) == nil
            else { return nil }
        }
        return parameters
    }

    private static func isValue(_ value: String, of parameter: Route.Parameter) -> Bool {
        switch parameter {
        case .text, .decode, .check, .notify, .dryRun: value == "true" || value == "false"
        case .jti: true
        case .max: positive(value) != nil
        }
    }

    /// A number from 1 on, in digits alone and without a zero in front.
    static func positive(_ text: String) -> Int? {
        guard (1...18).contains(text.utf8.count), text.utf8.first != 0x30,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(text)
    }

    /// The hash of an activation, in the one spelling that it has.
    static func isActivationHash(_ text: String) -> Bool {
        text.utf8.count == 52
            && text.utf8.allSatisfy { (0x41...0x5a).contains($0) || (0x32...0x37).contains($0) }
    }
}
