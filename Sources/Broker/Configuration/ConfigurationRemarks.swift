/// What is said of keys that `nats-server` knows and this broker does not use.
///
/// A key is refused where leaving it out of account would open something, or leave clients without what the file promises
/// them; where only comfort is lost, a warning says that it has no effect.
enum ConfigurationRemarks {
    static let top: [String: ConfigurationRemark] = {
        var remarks: [String: ConfigurationRemark] = [
            "accounts": .refused(
                "accounts come from the operator's tokens, not from the configuration",
                hint: "make the account with `credence add account`, and give its token to the resolver"),
            "no_auth_user": .refused(
                "nobody is let in without a user token",
                hint: "remove it; `default_sentinel` names a bearer's token for clients that bring none"),
            "trusted": .refused(trustedKeys.0, hint: trustedKeys.1),
            "trusted_keys": .refused(trustedKeys.0, hint: trustedKeys.1),
            "cluster": .refused("this broker serves alone, and joins no cluster", hint: realServer),
            "gateway": .refused("this broker serves alone, and joins no super-cluster", hint: realServer),
            "leaf": .refused("this broker takes no leaf nodes, and is none", hint: realServer),
            "leafnodes": .refused("this broker takes no leaf nodes, and is none", hint: realServer),
            "jetstream": .refusedUnless(
                [.truth(false), .text("disabled"), .text("disable")], "this broker keeps no streams", hint: realServer),
            "mqtt": .refused("this broker speaks the protocol of NATS alone", hint: realServer),
            "websocket": .refused("this broker has no port for WebSocket", hint: realServer),
            "ws": .refused("this broker has no port for WebSocket", hint: realServer),
            "mappings": .refused(mappings.0, hint: mappings.1),
            "maps": .refused(mappings.0, hint: mappings.1),
            "no_system_account": .refusedUnless([.truth(false)], systemAccount.0, hint: systemAccount.1),
            "no_system": .refusedUnless([.truth(false)], systemAccount.0, hint: systemAccount.1),
            "no_sys_acc": .refusedUnless([.truth(false)], systemAccount.0, hint: systemAccount.1),
            "no_header_support": .refusedUnless([.truth(false)], "headers cannot be switched off", hint: "remove it"),
            "ocsp": .refusedUnless(
                [.truth(false)], "this broker staples no OCSP answers", hint: "remove it, or use short certificates"),
            "proxies": .refused("no proxy is trusted here", hint: "remove it: who needs a proxy is not let in"),
            "proxy_protocol": .refusedUnless(
                [.truth(false)], "the PROXY protocol is not spoken here",
                hint: "clients connect directly, or through something that hands bytes on as they are"),
            "https": .refused("monitoring is served without TLS", hint: monitoring),
            "https_port": .refused("monitoring is served without TLS", hint: monitoring),
            "feature_flags": .refused("these switches belong to `nats-server`", hint: "remove it"),
        ]
        let ignored: [(String, [String])] = [
            (
                "has no effect: lines of the log hold no messages",
                ["trace_headers", "trace_verbose", "max_traced_msg_len"]
            ),
            ("has no effect: times in the log are in UTC, and always there", ["logtime", "logtime_utc"]),
            (
                "has no effect: the log goes to standard error or to `log_file`, and is turned over from outside",
                [
                    "syslog", "remote_syslog", "logfile_size_limit", "log_size_limit", "logfile_max_num", "log_max_num",
                ]
            ),
            ("has no effect: nothing is profiled over the network", ["prof_port", "prof_block_rate"]),
            ("has no effect: there is one server, and its address is the one that it listens at", ["client_advertise"]),
            (
                "has no effect: a client that does not read is closed by `max_pending`",
                ["write_deadline", "write_timeout"]
            ),
            ("has no effect: monitoring is served at the root", ["http_base_path"]),
            (
                "has no effect in this broker",
                ["server_tags", "server_metadata", "ports_file_dir", "store_dir", "storedir"]
            ),
        ]
        for (what, keys) in ignored { for key in keys { remarks[key] = .ignored(what) } }
        for key in [
            "disable_sublist_cache", "connect_error_reports", "reconnect_error_reports", "no_fast_producer_stall",
            "max_closed_clients", "default_js_domain", "ocsp_cache",
        ] { remarks[key] = .silent }
        return remarks
    }()

    static let authorization: [String: ConfigurationRemark] = {
        var remarks: [String: ConfigurationRemark] = [
            "auth_callout": .refused(
                "an authorization service is named by the account's token, not by the configuration",
                hint: "set `authorization` in the account's token")
        ]
        for key in ["users", "user", "username", "pass", "password", "token", "permissions", "default_permissions"] {
            remarks[key] = .refused(
                "users come from their accounts' tokens, not from the configuration",
                hint: "make the user with `credence add user`; its creds are all that a client needs")
        }
        return remarks
    }()

    static let tls: [String: ConfigurationRemark] = {
        var remarks: [String: ConfigurationRemark] = [
            "insecure": .refusedUnless([.truth(false)], "who connects is always checked", hint: "remove it"),
            "verify_and_map": .refusedUnless([.truth(false)], mapped, hint: verify),
            "verify_cert_and_check_known_urls": .refusedUnless([.truth(false)], mapped, hint: verify),
            "pinned_certs": .refused("certificates of clients are not pinned here", hint: verify),
            "connection_rate_limit": .refused(
                "handshakes are not limited by number here", hint: "limit them before the broker"),
            "ocsp_peer": .refusedUnless([.truth(false)], "OCSP is not asked", hint: verify),
        ]
        for key in ["cipher_suites", "curve_preferences", "min_version"] {
            remarks[key] = .refused(
                "it cannot be chosen: TLS 1.2 and 1.3 with the library's suites are spoken", hint: "remove it")
        }
        for key in ["cert_store", "cert_match_by", "cert_match", "cert_match_skip_invalid", "ca_certs_match", "certs"] {
            remarks[key] = .refused("certificates come from files", hint: "name them with `cert_file` and `key_file`")
        }
        return remarks
    }()

    private static let realServer = "use `nats-server` for that: it takes the same operator, accounts and creds"
    private static let monitoring = "use `http`, at an address of this machine alone"
    private static let trustedKeys = (
        "a key alone is not trusted: what it signs with and how strictly stands in the operator's token",
        "name the operator's token: `operator: FILE`"
    )
    private static let mappings = (
        "subjects are mapped by the accounts' tokens, not by the configuration", "put the mappings into the account"
    )
    private static let systemAccount = (
        "the system account is the operator's choice", "remove it; without `system_account` in either there is none"
    )
    private static let mapped = "a certificate makes nobody a user here"
    private static let verify = "remove it; `verify` and `ca_file` decide whose certificates are taken"
}
