import Trust

/// `/varz`: the server by itself.
struct VarzPage {
    let survey: BrokerSurvey
    let requests: [String: UInt64]

    func bytes(at now: SurveyTime) -> [UInt8] {
        let server = survey.server
        var writer = JSONWriter()
        writer.object {
            $0.identity(of: server)
            $0.settings(of: server)
            $0.member("start", server.started.text)
            $0.member("now", now.text)
            $0.member("uptime", SurveySpan.uptime(now.since(server.started)))
            if let process = server.process { $0.process(process, running: now.since(server.started)) }
            $0.counters(of: server)
            $0.object("http_req_stats") {
                for (path, count) in requests.sorted(by: { $0.key < $1.key }) { $0.member(path, count) }
            }
            $0.member("config_load_time", server.configured.text)
            $0.list("trusted_operators_claim") {
                for entry in server.operators {
                    $0.object {
                        $0.member("name", entry.name)
                        $0.member("sub", entry.key)
                    }
                }
            }
            if let account = server.systemAccount { $0.member("system_account", account) }
            $0.object("slow_consumer_stats") { $0.member("clients", server.slowConsumers) }
            $0.object("stale_connection_stats") { $0.member("clients", server.staleConnections) }
        }
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func identity(of server: ServerSurvey) {
        member("server_id", server.key)
        member("server_name", server.name)
        member("version", server.version)
        member("proto", 1)
        member("host", server.address.host)
        member("port", server.address.port)
        member("auth_required", true)
        if server.tls != .none { member(server.tls == .required ? "tls_required" : "tls_available", true) }
    }

    fileprivate mutating func settings(of server: ServerSurvey) {
        let (limits, times) = (server.limits, server.times)
        member("max_connections", limits.connections)
        if let subscriptions = limits.subscriptions { member("max_subscriptions", subscriptions) }
        member("ping_interval", times.pingInterval.nanoseconds)
        member("ping_max", times.pingsOutstanding)
        if let place = server.monitoring {
            member("http_host", place.host)
            member("http_port", place.port)
        }
        name("auth_timeout")
        number(Double(times.authentication.nanoseconds) / 1_000_000_000)
        member("max_control_line", limits.controlLine)
        member("max_payload", limits.payload)
        member("max_pending", limits.pending)
        name("tls_timeout")
        number(Double(times.handshake.nanoseconds) / 1_000_000_000)
    }

    /// `cpu` is in percent of one processor, on average since the start.
    fileprivate mutating func process(_ process: ProcessSurvey, running: Int64) {
        member("mem", process.memory)
        member("cores", process.processors)
        name("cpu")
        let percent = running > 0 ? Double(process.processorTime) / Double(running) * 100 : 0
        number((percent * 100).rounded() / 100)
    }

    fileprivate mutating func counters(of server: ServerSurvey) {
        member("connections", server.connections)
        member("total_connections", server.totalConnections)
        for name in ["routes", "remotes", "leafnodes"] { member(name, 0) }
        let traffic = server.traffic
        member("in_msgs", traffic.inMessages)
        member("in_bytes", traffic.inBytes)
        member("in_client_msgs", traffic.inMessages)
        member("in_client_bytes", traffic.inBytes)
        member("out_msgs", traffic.outMessages)
        member("out_bytes", traffic.outBytes)
        member("out_client_msgs", traffic.outMessages)
        member("out_client_bytes", traffic.outBytes)
        member("slow_consumers", server.slowConsumers)
        member("stale_connections", server.staleConnections)
        member("subscriptions", server.subscriptions)
    }
}
