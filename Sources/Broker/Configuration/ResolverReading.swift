import NKeys
import Trust

/// Reads where accounts come from.
enum ResolverReading {
    static func read(
        _ top: inout ConfigurationSection, _ trust: TrustReading, into configuration: inout BrokerConfiguration
    ) {
        let findings = top.findings
        let before = findings.faults.count
        let found = top.entry(["resolver", "account_resolver", "accounts_resolver"])
        let tls = top.block("resolver_tls")
        let preload = top.block("resolver_preload")
        if let resolver = found.map({ resolver($0, findings) }) ?? standard(trust, findings) {
            configuration.resolver = resolver
        } else if findings.faults.count == before {
            findings.faults.append(
                ConfigurationFault(
                    "nothing says where accounts come from", at: trust.place ?? trust.start, key: "resolver",
                    hint: "`resolver: MEMORY` and `resolver_preload`, or `resolver { type: full, dir: './jwt' }`"))
        }
        if let tls { readTLS(tls, &configuration.resolver) }
        if let preload {
            configuration.preload = readPreload(preload, trust)
            switch configuration.resolver {
            case .url, .bucket:
                findings.faults.append(preload.fault("only the resolvers `MEMORY` and `full` start with tokens"))
            default: break
            }
        }
        checkSystemAccount(configuration, found, findings)
    }

    /// What the only operator says, where the configuration says nothing.
    private static func standard(_ trust: TrustReading, _ findings: ConfigurationFindings) -> ResolverConfiguration? {
        guard let server = trust.accountServer, !server.isEmpty else { return nil }
        let base = server.hasSuffix("/") ? String(server.dropLast()) : server
        guard isAddress(base) else { return nil }
        return .url(ResolverURL(base + "/accounts"))
    }

    private static func isAddress(_ text: String) -> Bool {
        let lower = text.lowercased()
        let rest =
            lower.hasPrefix("https://") ? lower.dropFirst(8) : lower.hasPrefix("http://") ? lower.dropFirst(7) : ""
        // Who is asked stands in the log: a secret has no place in an address.
        return !rest.isEmpty && !rest.hasPrefix("/") && rest.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            && !rest.prefix { $0 != "/" }.contains("@")
    }

    private static func resolver(
        _ found: ConfigurationSection.Found<ConfigurationValue>, _ findings: ConfigurationFindings
    ) -> ResolverConfiguration? {
        switch found.value.content {
        case .text(let text): return named(text, found, findings)
        case .block(let entries):
            var block = ConfigurationSection(entries, path: found.key + ".", findings)
            return described(&block, found)
        default: return findings.refuse(found.fault("a text or a block is expected", hint: forms))
        }
    }

    private static let forms = "`MEMORY`, `URL(http://…)`, or a block with `type: full`, `memory` or `jetstream`"

    private static func named(
        _ text: String, _ found: ConfigurationSection.Found<ConfigurationValue>, _ findings: ConfigurationFindings
    ) -> ResolverConfiguration? {
        let lower = text.lowercased()
        if lower == "mem" || lower == "memory" { return .memory }
        if lower.hasPrefix("url("), text.hasSuffix(")") {
            var address = text.dropFirst(4).dropLast()
            for quote in ["\"", "'"] where address.count > 1 && address.hasPrefix(quote) && address.hasSuffix(quote) {
                address = address.dropFirst().dropLast()
            }
            guard isAddress(String(address)) else {
                return findings.refuse(
                    found.fault(
                        "an address is expected", hint: "such as `URL(https://accounts.example.com/jwt/v1/accounts/)`"))
            }
            return .url(ResolverURL(String(address)))
        }
        let what = "\(ConfigurationText.quoted(text)) names no resolver"
        // The server takes every text with `mem` in it, an address too, for the one in memory.
        return findings.refuse(
            found.fault(
                lower.contains("mem") ? what + ": the one in memory is spelled `MEMORY`" : what, hint: forms))
    }

    private static func described(
        _ block: inout ConfigurationSection, _ found: ConfigurationSection.Found<ConfigurationValue>
    ) -> ResolverConfiguration? {
        let findings = block.findings
        guard let type = block.text("type") else {
            return findings.refuse(found.fault("the block has no `type`", hint: forms))
        }
        let result: ResolverConfiguration?
        switch type.value.lowercased() {
        case "mem", "memory": result = .memory
        case "full": result = folder(&block, found, isCache: false).map { .full($0) }
        case "cache": result = folder(&block, found, isCache: true).map { .cache($0) }
        case "jetstream": result = bucket(&block, found).map { .bucket($0) }
        default:
            return findings.refuse(
                type.fault("\(ConfigurationText.quoted(type.value)) is no type of resolver", hint: forms))
        }
        block.finish()
        return result
    }

    // MARK: Folders

    private static func folder(
        _ block: inout ConfigurationSection, _ found: ConfigurationSection.Found<ConfigurationValue>, isCache: Bool
    ) -> ResolverFolder? {
        let findings = block.findings
        let path = block.text("dir")
        let (delete, hard) = (block.truth("allow_delete"), block.truth("hard_delete"))
        let limit = block.number("limit", in: 0...Int64(Int32.max))
        let (interval, ttl) = (block.duration("interval"), block.duration("ttl"))
        if let timeout = block.duration("timeout"), timeout.value == .zero {
            findings.faults.append(timeout.fault("it is longer than nothing"))
        }
        if isCache {
            for other in [delete?.fault, hard?.fault, interval?.fault].compactMap(\.self) {
                findings.faults.append(other("a cache does not take this", nil))
            }
            findings.warnings.append(
                found.fault(
                    "a cache fills from other servers, and this broker has none: it knows what is preloaded or lies in "
                        + "`dir`, and `ttl` and `limit` have no effect"))
        } else if let ttl {
            findings.faults.append(ttl.fault("only a cache takes this"))
        }
        if let hard, hard.value, delete?.value != true {
            findings.faults.append(
                hard.fault("has no meaning where nothing is deleted", hint: "add `allow_delete: true`"))
        }
        guard let path else { return findings.refuse(found.fault("no folder is named", hint: "add `dir: './jwt'`")) }
        var folder = ResolverFolder(path.value)
        if isCache || delete?.value == true { folder.deletions = .allowed }
        if !isCache, let limit, limit.value > 0 { folder.limit = limit.value }
        return folder
    }

    // MARK: Buckets

    private static func bucket(
        _ block: inout ConfigurationSection, _ found: ConfigurationSection.Found<ConfigurationValue>
    ) -> ResolverBucket? {
        let findings = block.findings
        let (name, creds) = (block.text("bucket"), block.text("creds"))
        let servers = block.texts(["servers", "server", "urls"])
        let replicas = block.number("replicas", in: 1...5)
        let (authorities, journal) = (block.text("ca_file"), block.text("dir"))
        guard let servers, !servers.value.isEmpty, let creds else {
            return findings.refuse(
                found.fault(
                    "a bucket needs its servers and a user of its account",
                    hint: "add `servers: [nats://…]` and `creds: FILE`"))
        }
        var bucket = ResolverBucket(servers: servers.value.map(\.value), creds: creds.value)
        bucket.name = name?.value ?? bucket.name
        bucket.replicas = replicas?.value ?? bucket.replicas
        bucket.authorities = authorities?.value
        bucket.journal = journal?.value
        return bucket
    }

    // MARK: TLS

    private static func readTLS(
        _ found: ConfigurationSection.Found<ConfigurationSection>, _ resolver: inout ResolverConfiguration
    ) {
        var block = found.value
        let (authorities, chain, key) = (block.text("ca_file"), block.text("cert_file"), block.text("key_file"))
        // The server's part of these has no meaning for who asks.
        _ = (block.duration("timeout", numbers: .seconds), block.truth("verify"))
        var remarks = ConfigurationRemarks.tls
        remarks["insecure"] = .refusedUnless(
            [.truth(false)], "an account server is always checked",
            hint: "name who signs its certificate with `ca_file`")
        block.finish(remarks)
        guard case .url(var url) = resolver else {
            found.value.findings.warnings.append(found.fault("has no effect: the resolver asks no address"))
            return
        }
        url.authorities = authorities?.value
        switch (chain, key) {
        case (nil, nil): break
        case (let chain?, let key?): url.certificate = (chain.value, key.value)
        default: found.value.findings.faults.append(found.fault("a certificate and its key go together"))
        }
        resolver = .url(url)
    }

    // MARK: Preloaded tokens

    private static func readPreload(
        _ found: ConfigurationSection.Found<ConfigurationSection>, _ trust: TrustReading
    ) -> [BrokerConfiguration.PreloadedAccount] {
        let findings = found.value.findings
        var accounts: [BrokerConfiguration.PreloadedAccount] = []
        for entry in found.value.rest {
            let key: PublicKey
            do throws(KeyTextError) {
                key = try PublicKey(entry.key, role: .account)
            } catch {
                if entry.isVariable { continue }
                let shown = "\(found.key).\(entry.key.prefix(60))"
                findings.faults.append(
                    ConfigurationFault("an account's key is expected: \(error)", at: entry.place, key: shown))
                continue
            }
            func refuse(_ what: String) {
                findings.faults.append(
                    ConfigurationFault(what, at: entry.place, key: "\(found.key).…\(key.text.suffix(8))"))
            }
            guard case .text(let token) = entry.value.content else {
                refuse("an account's token is expected, and this is \(entry.value.kind)")
                continue
            }
            var text = token
            let report = text.withUTF8 { trust.verifier.report(utf8: $0, at: trust.now) }
            guard let claims = report.claims as? AccountClaims else {
                let why = report.failures.isEmpty ? "" : ": " + TrustReading.text(of: report.failures)
                refuse("an account's token is expected" + why)
                continue
            }
            guard claims.common.subject == key else {
                refuse("C-account-mismatch: the token is that of `\(claims.common.subject)`")
                continue
            }
            if !report.failures.isEmpty {
                findings.warnings.append(
                    ConfigurationFault(
                        "the account is not let in as it stands: \(TrustReading.text(of: report.failures))",
                        at: entry.place, key: "\(found.key).…\(key.text.suffix(8))"))
            }
            accounts.append(.init(key: key, token: token, place: entry.place))
        }
        return accounts
    }

    /// A folder is filled over the system account: without one nobody could.
    private static func checkSystemAccount(
        _ configuration: BrokerConfiguration, _ found: ConfigurationSection.Found<ConfigurationValue>?,
        _ findings: ConfigurationFindings
    ) {
        switch configuration.resolver {
        case .full, .cache:
            let trust = configuration.settings.trust
            guard trust.systemKey == nil, !trust.operators.isEmpty, let found else { return }
            findings.faults.append(
                found.fault(
                    "accounts are pushed through the system account, and there is none",
                    hint: "name it with `system_account: KEY`, or in the operator's token"))
        default: break
        }
    }
}
