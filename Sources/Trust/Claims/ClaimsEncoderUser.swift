import NKeys
import Subjects

extension UserClaims: WritableClaims {
    func writeContent(to encoder: inout ClaimsEncoder) {
        permissions.write(to: &encoder)
        limits.write(to: &encoder)
        encoder.key("issuer_account", issuerAccount)
    }
}

extension PermissionClaims {
    func write(to encoder: inout ClaimsEncoder) {
        encoder.permission("pub", allow: publishAllow, deny: publishDeny, \.text)
        encoder.permission("sub", allow: subscribeAllow, deny: subscribeDeny, \.text)
        responses?.write(to: &encoder)
    }
}

extension TemplatePermissions {
    func write(to encoder: inout ClaimsEncoder) {
        encoder.permission("pub", allow: publishAllow, deny: publishDeny, \.self)
        encoder.permission("sub", allow: subscribeAllow, deny: subscribeDeny, \.self)
        responses?.write(to: &encoder)
    }
}

extension ClaimsEncoder {
    /// One kind of permission; always written. A list that is present and empty is written too: it allows nothing.
    fileprivate mutating func permission<Entry>(
        _ name: String, allow: [Entry]?, deny: [Entry]?, _ text: (Entry) -> String
    ) {
        object(name) { encoder in
            if let allow { encoder.list("allow", allow) { $0.string(text($1)) } }
            if let deny { encoder.list("deny", deny) { $0.string(text($1)) } }
        }
    }
}

extension ResponseClaims {
    fileprivate func write(to encoder: inout ClaimsEncoder) {
        encoder.object("resp") { encoder in
            encoder.integer("max", maximum)
            encoder.integer("ttl", timeToLive)
        }
    }
}

extension UserLimits {
    func write(to encoder: inout ClaimsEncoder) {
        if let sources { encoder.list("src", sources) { $0.string($1.description) } }
        if let times {
            encoder.list("times", times) { encoder, window in
                encoder.element { encoder in
                    encoder.string("start", TimeWindow.text(window.start))
                    encoder.string("end", TimeWindow.text(window.end))
                }
            }
        }
        encoder.text("times_location", timeZone ?? "")
        encoder.number("subs", subscriptions ?? 0)
        encoder.number("data", data ?? 0)
        encoder.number("payload", payload ?? 0)
        encoder.flag("bearer_token", bearer)
        encoder.flag("proxy_required", proxyRequired)
        if let connectionTypes { encoder.list("allowed_connection_types", connectionTypes) { $0.string($1) } }
    }
}

extension ActivationClaims: WritableClaims {
    func writeContent(to encoder: inout ClaimsEncoder) {
        encoder.pattern("subject", subject)
        encoder.string("kind", kind.rawValue)
        encoder.key("issuer_account", issuerAccount)
    }
}

extension OperatorClaims: WritableClaims {
    func writeContent(to encoder: inout ClaimsEncoder) {
        encoder.keys("signing_keys", signingKeys)
        encoder.text("account_server_url", accountServerURL)
        encoder.texts("operator_service_urls", serviceURLs)
        encoder.key("system_account", systemAccount)
        encoder.text("assert_server_version", assertServerVersion)
        encoder.flag("strict_signing_key_usage", strictSigningKeys)
    }
}
