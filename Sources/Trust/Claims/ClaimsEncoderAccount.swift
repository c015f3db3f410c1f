import NKeys
import Subjects

extension AccountClaims: WritableClaims {
    func writeContent(to encoder: inout ClaimsEncoder) {
        encoder.filledList("imports", imports) { encoder, item in encoder.element { item.write(to: &$0) } }
        encoder.filledList("exports", exports) { encoder, item in encoder.element { item.write(to: &$0) } }
        encoder.object("limits") { limits.write(to: &$0) }
        encoder.filledList("signing_keys", signingKeys.sorted { $0.key < $1.key }) { $1.write(to: &$0) }
        encoder.revocations(revocations)
        encoder.object("default_permissions") { defaultPermissions.write(to: &$0) }
        if !mappings.isEmpty {
            encoder.object("mappings") { encoder in
                for mapping in mappings { mapping.write(to: &encoder) }
            }
        }
        encoder.object("authorization") { authorization?.write(to: &$0) }
        if let trace {
            encoder.object("trace") { encoder in
                encoder.string("dest", trace.destination.text)
                encoder.number("sampling", Int64(trace.sampling))
            }
        }
        encoder.text("cluster_traffic", clusterTraffic)
        encoder.text("description", description)
        encoder.text("info_url", infoURL)
    }
}

extension Import {
    fileprivate func write(to encoder: inout ClaimsEncoder) {
        encoder.text("name", name)
        encoder.pattern("subject", subject)
        encoder.key("account", account)
        encoder.secret("token", token ?? "")
        encoder.pattern("to", to)
        encoder.text("local_subject", localSubject ?? "")
        encoder.string("type", kind.rawValue)
        encoder.flag("share", share)
        encoder.flag("allow_trace", allowTrace)
    }
}

extension Export {
    fileprivate func write(to encoder: inout ClaimsEncoder) {
        encoder.text("name", name)
        encoder.pattern("subject", subject)
        encoder.string("type", kind.rawValue)
        encoder.flag("token_req", tokenRequired)
        encoder.revocations(revocations)
        encoder.text("response_type", responseType?.rawValue ?? "")
        encoder.number("response_threshold", responseThreshold)
        if let latency {
            encoder.object("service_latency") { encoder in
                if let percent = latency.percent {
                    encoder.integer("sampling", percent)
                } else {
                    encoder.string("sampling", "headers")
                }
                encoder.string("results", latency.results.text)
            }
        }
        encoder.number("account_token_position", Int64(accountTokenPosition))
        encoder.flag("advertise", advertise)
        encoder.flag("allow_trace", allowTrace)
        encoder.text("description", description)
        encoder.text("info_url", infoURL)
    }
}

extension AccountLimits {
    fileprivate func write(to encoder: inout ClaimsEncoder) {
        encoder.number("subs", subscriptions)
        encoder.number("data", data)
        encoder.number("payload", payload)
        encoder.number("imports", imports)
        encoder.number("exports", exports)
        encoder.flag("wildcards", wildcardExports)
        encoder.flag("disallow_bearer", disallowsBearer)
        encoder.number("conn", connections)
        encoder.number("leaf", leafConnections)
        streams.write(to: &encoder)
        if !tiers.isEmpty {
            encoder.object("tiered_limits") { encoder in
                for (name, limits) in tiers.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                    encoder.object(name) { limits.write(to: &$0) }
                }
            }
        }
    }
}

extension StreamLimits {
    fileprivate func write(to encoder: inout ClaimsEncoder) {
        encoder.number("mem_storage", memoryStorage)
        encoder.number("disk_storage", diskStorage)
        encoder.number("streams", streams)
        encoder.number("consumer", consumers)
        encoder.number("max_ack_pending", maximumAckPending)
        encoder.number("mem_max_stream_bytes", memoryMaximumStreamBytes)
        encoder.number("disk_max_stream_bytes", diskMaximumStreamBytes)
        encoder.flag("max_bytes_required", maximumBytesRequired)
    }
}

extension SigningKey {
    fileprivate func write(to encoder: inout ClaimsEncoder) {
        switch self {
        case .plain(let key): encoder.string(key.text)
        case .scoped(let scope):
            encoder.element { encoder in
                encoder.string("kind", "user_scope")
                encoder.string("key", scope.key.text)
                encoder.string("role", scope.role)
                encoder.object("template") { encoder in
                    scope.permissions.write(to: &encoder)
                    scope.limits.write(to: &encoder)
                }
                encoder.string("description", scope.description)
            }
        }
    }
}

extension AccountMapping {
    fileprivate func write(to encoder: inout ClaimsEncoder) {
        encoder.list(source.text, destinations) { encoder, destination in
            encoder.element { encoder in
                encoder.string("subject", destination.subject)
                encoder.number("weight", Int64(destination.weight))
                encoder.text("cluster", destination.cluster)
            }
        }
    }
}

extension ExternalAuthorization {
    fileprivate func write(to encoder: inout ClaimsEncoder) {
        encoder.keys("auth_users", users)
        if allowsAnyAccount {
            encoder.texts("allowed_accounts", ["*"] + accounts.map(\.text))
        } else {
            encoder.keys("allowed_accounts", accounts)
        }
        encoder.key("xkey", sealingKey)
    }
}
