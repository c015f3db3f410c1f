/// Reads where a broker listens, what it admits, and when it acts by itself.
enum ServingReading {
    static func read(_ top: inout ConfigurationSection, into configuration: inout BrokerConfiguration) {
        let findings = top.findings
        readAddresses(&top, &configuration.settings)
        if let name = top.text("server_name") {
            if name.value.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
                findings.faults.append(name.fault("a name has no blanks"))
            }
            configuration.settings.name = name.value
        }
        readLimits(&top, &configuration.settings.limits)
        readTimes(&top, &configuration.settings.times)
        readTLS(&top, &configuration.settings)
        let (debug, trace) = (top.truth("debug")?.value ?? false, top.truth("trace")?.value ?? false)
        configuration.logging.detail = trace ? .trace : debug ? .debug : .standard
        configuration.logging.file = top.text("log_file", "logfile")?.value
        configuration.processFile = top.text("pid_file", "pidfile")?.value
    }

    // MARK: Addresses

    private static func readAddresses(_ top: inout ConfigurationSection, _ settings: inout BrokerSettings) {
        let findings = top.findings
        let (listen, host) = (address(&top, "listen"), top.text("host", "net"))
        let port = top.number("port", in: -1...65_535)
        if let listen {
            for other in [host?.fault, port?.fault].compactMap(\.self) {
                findings.faults.append(other("`listen` at \(listen.place) says it too", "remove one of the two"))
            }
            (settings.host, settings.port) = (listen.value.host ?? settings.host, listen.value.port)
        } else {
            settings.host = host?.value ?? settings.host
            // -1 is any port, 0 the standard one, as with the server.
            settings.port = port.map { $0.value < 0 ? 0 : $0.value == 0 ? 4222 : $0.value } ?? settings.port
        }
        let http = address(&top, "http")
        let monitoring = top.number("http_port", "monitor_port", in: -1...65_535)
        if let http, let monitoring {
            findings.faults.append(
                monitoring.fault("`http` at \(http.place) says it too", hint: "remove one of the two"))
        }
        if let http {
            settings.monitoring = ListenAddress(host: http.value.host ?? settings.host, port: http.value.port)
        } else if let port = monitoring?.value, port != 0 {
            settings.monitoring = ListenAddress(host: settings.host, port: max(0, port))
        }
    }

    /// A port, or a host and a port.
    private static func address(
        _ section: inout ConfigurationSection, _ name: String
    ) -> ConfigurationSection.Found<(host: String?, port: Int)>? {
        guard let found = section.entry([name]) else { return nil }
        var result: (host: String?, port: Int)?
        switch found.value.content {
        case .number(let port) where (-1...65_535).contains(port): result = (nil, max(0, Int(port)))
        case .text(let text): result = Self.split(text)
        default: break
        }
        guard let result else {
            return section.findings.refuse(
                found.fault("a port or `HOST:PORT` is expected", hint: "such as 4222, 127.0.0.1:4222 or \"[::1]:4222\"")
            )
        }
        return found.with(result)
    }

    /// Takes `HOST:PORT`, `[::1]:PORT` and `:PORT` apart.
    static func split(_ text: String) -> (host: String?, port: Int)? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits == "-1" || digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
            port <= 65_535
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
        return (host.isEmpty ? nil : String(host), max(0, port))
    }

    // MARK: Limits

    private static func readLimits(_ top: inout ConfigurationSection, _ limits: inout BrokerLimits) {
        let bytes: ClosedRange<Int64> = 0...Int64(Int32.max)
        // 0 is the standard, as with the server; so is -1 where it means no limit at all.
        func given(_ found: ConfigurationSection.Found<Int>?) -> Int? {
            found.flatMap { $0.value == 0 ? nil : $0.value }
        }
        limits.controlLine = given(top.number("max_control_line", in: bytes)) ?? limits.controlLine
        let payload = top.number("max_payload", in: bytes)
        limits.payload = given(payload) ?? limits.payload
        let pending = top.number("max_pending", in: 0...1 << 40)
        limits.pending = given(pending) ?? limits.pending
        if limits.payload > limits.pending {
            let what = "a message of \(limits.payload) bytes never fits into `max_pending` of \(limits.pending)"
            for found in [payload ?? pending].compactMap(\.self) {
                top.findings.faults.append(found.fault(what, hint: "raise `max_pending`, or lower `max_payload`"))
            }
        }
        let connections = top.number("max_connections", "max_conn", in: -1...Int64(Int32.max))
        limits.connections = given(connections).map { $0 < 0 ? .max : $0 } ?? limits.connections
        limits.subscriptions = given(top.number("max_subscriptions", "max_subs", in: -1...Int64(Int32.max)))
            .flatMap { $0 < 0 ? nil : $0 }
        limits.subscriptionTokens = given(top.number("max_sub_tokens", "max_subscription_tokens", in: 0...255))
    }

    // MARK: Times

    private static func readTimes(_ top: inout ConfigurationSection, _ times: inout BrokerTimes) {
        let findings = top.findings
        func positive(_ found: ConfigurationSection.Found<Duration>?) -> Duration? {
            found.flatMap { $0.value == .zero ? nil : $0.value }
        }
        times.pingInterval = positive(top.duration("ping_interval")) ?? times.pingInterval
        times.pingsOutstanding = top.number("ping_max", in: 1...1_000)?.value ?? times.pingsOutstanding
        let duration = top.duration("lame_duck_duration")
        if let duration, duration.value < .seconds(30) {
            findings.faults.append(duration.fault("it is at least 30 seconds, so that clients do not all come at once"))
        }
        times.lameDuckDuration = duration?.value ?? times.lameDuckDuration
        let grace = top.duration("lame_duck_grace_period")
        times.lameDuckGrace = grace?.value ?? times.lameDuckGrace
        if let grace, grace.value >= times.lameDuckDuration {
            findings.faults.append(grace.fault("it is shorter than `lame_duck_duration`"))
        }
        if var block = top.block("authorization")?.value {
            times.authentication = positive(block.duration("timeout", numbers: .seconds)) ?? times.authentication
            block.finish(ConfigurationRemarks.authorization)
        }
    }

    // MARK: TLS

    private static func readTLS(_ top: inout ConfigurationSection, _ settings: inout BrokerSettings) {
        let findings = top.findings
        let clearText = top.truth("allow_non_tls")
        guard let found = top.block("tls") else {
            if let clearText, clearText.value {
                findings.warnings.append(clearText.fault("has no effect: there is no `tls`"))
            }
            return
        }
        var block = found.value
        let (chain, key) = (block.text("cert_file"), block.text("key_file"))
        let (authorities, verify) = (block.text("ca_file"), block.truth("verify"))
        let first = block.entry(["handshake_first", "first", "immediate"])
        let timeout = block.duration("timeout", numbers: .seconds)
        block.finish(ConfigurationRemarks.tls)
        if let timeout, timeout.value > .zero { settings.times.handshake = timeout.value }
        guard let chain, let key else {
            findings.faults.append(
                found.fault("a certificate and its key are needed", hint: "name them with `cert_file` and `key_file`"))
            return
        }
        var tls = BrokerTLS(certificateChain: chain.value, privateKey: key.value)
        switch (verify?.value ?? false, authorities) {
        case (true, let authorities?): tls.clientCertificates = .required(authorities: authorities.value)
        case (true, nil):
            findings.faults.append(
                found.fault(
                    "`verify` needs the authorities that sign clients' certificates", hint: "name them with `ca_file`"))
        case (false, let authorities?):
            findings.warnings.append(authorities.fault("has no effect without `verify: true`"))
        case (false, nil): break
        }
        switch first?.value.content {
        case nil, .truth(false): break
        case .truth(true): tls.beginning = .first
        default:
            // A server may wait a while for clients that begin, and send INFO to the others: that is not done here.
            findings.faults.append(
                (first?.fault ?? found.fault)(
                    "true or false is expected", "a time to wait for clients that begin is not supported"))
        }
        if clearText?.value == true { tls.clearText = .allowed }
        settings.tls = tls
    }
}
