import Identity
import NKeys

/// A configuration with everything in it, to be changed piece by piece.
struct ConfigurationText {
    let account: PublicKey
    let key: PublicKey
    let narrowing: PublicKey
    let delegate: PublicKey
    let server: PublicKey

    init() throws {
        account = try KeyPair.generate(.account).publicKey
        key = try KeyPair.generate(.account).publicKey
        narrowing = try KeyPair.generate(.account).publicKey
        delegate = try KeyPair.generate(.user).publicKey
        server = try KeyPair.generate(.server).publicKey
    }

    var full: String {
        """
        {"names": ["https://accounts.example.com"],
         "audiences": [{"name": "orders", "description": "the orders", "keys": ["\(account)"]}, {"name": "billing"}],
         "issuers": [
          {"issuer": "https://login.example.com", "audiences": ["credence"], "algorithms": ["RS256", "ES256", "EdDSA"],
           "keys": {"url": "https://login.example.com/jwks"}, "tokens": "access", "leeway": 20, "maximum_age": 1800,
           "required_claims": ["azp"], "use": "once", "keep_keys": 7200, "fresh_keys": 60, "refetch_interval": 10,
           "ca": "ca.pem"},
          {"issuer": "https://file.example.com", "audiences": ["credence"], "algorithms": ["ES256"],
           "keys": {"file": "jwks.json"}, "tokens": "id"},
          {"issuer": "http://127.0.0.1:8080", "audiences": ["credence"], "algorithms": ["ES256"],
           "keys": {"discovery": true}, "tokens": "plain"},
          {"issuer": "internal", "audiences": ["credence"], "algorithms": ["HS256"], "keys": {"secret_file": "hs.key"}}],
         "signing_keys": ["orders.nk", "keys/billing.nk"],
         "maximum_lifetime": 1200,
         "roles": [
          {"name": "reader", "issuer": "https://login.example.com",
           "claims": {"groups": ["orders", "all"], "realm_access.roles": "r", "https://example\\\\.com/x": true, "n": [1, 2]},
           "audiences": ["orders"], "account": "\(account)", "signing_key": "\(key)", "narrowing_key": "\(narrowing)",
           "user_name": "{{sub}}-{{azp}}", "tags": ["team:{{team}}"],
           "permissions": {"pub": {"allow": ["a.>"], "deny": ["a.b"]}, "sub": {"allow": ["b q", "c"]},
                           "resp": {"max": 2, "ttl": 3}},
           "lifetime": 900, "delegates": ["\(delegate)"]},
          {"name": "guest", "issuer": "internal", "server_account": "APP", "signing_key": "\(account)",
           "permissions": {"sub": {"deny": [">"]}}}],
         "callout": {"account": "\(account)", "signing_key": "\(key)", "server": ["nats://a", "nats://b"], "creds": "c.creds",
          "ca": "ca.pem", "xkey": "x.nk", "unsealed": "accepted", "servers": ["\(server)"], "audience": "billing",
          "user_tokens": "checked", "names": ["cluster"], "queue": "callout", "reasons": "told", "time_limit": 700,
          "concurrency": 9, "operator": "op.jwt", "accounts": "jwt"}}
        """
    }

    /// Files that are there: `hs.key` has 256 bits, `short.key` fewer.
    static let files: IdentityFiles = { path throws(IdentityFileFault) in
        switch path {
        case "hs.key": Array(repeating: UInt8(ascii: "s"), count: 32) + [0x0a]
        case "bytes.key": Array(repeating: 0xff, count: 31) + [0x0a]
        case "short.key": Array(repeating: UInt8(ascii: "s"), count: 31) + [0x0a]
        case "jwks.json": Array(#"{"keys":[]}"#.utf8)
        case "ca.pem": Array("pem".utf8)
        default: throw IdentityFileFault("there is no such file")
        }
    }

    /// The faults of the full text in which `old` is replaced; nil where there are none.
    func faults(replacing old: String, by new: String) -> [String]? {
        precondition(full.contains(old), "the text holds \(old)")
        return Self.faults(full.replacing(old, with: new, maxReplacements: 1))
    }

    static func faults(_ text: String) -> [String]? {
        do throws(IdentityConfigurationRefusal) {
            _ = try IdentityConfiguration(reading: Array(text.utf8), files: files)
            return nil
        } catch {
            return error.faults.map(\.description)
        }
    }
}
