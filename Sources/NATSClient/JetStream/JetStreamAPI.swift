import NATSWire

/// Asks the servers' own services for streams (`$JS.API`).
struct JetStreamAPI: Sendable {
    let connection: NATSConnection
    /// How long one answer is waited for.
    let timeout: Duration
    /// How long what passes by itself is tried again: no leader, no connection.
    let patience: Duration

    /// Asks until there is an answer that stays. Only for what may be asked twice.
    func ask(_ subject: String, _ request: WireJSON) async throws(BucketFault) -> WireJSON {
        let end = ContinuousClock.now + patience
        var attempt = 0
        while true {
            let fault: BucketFault
            do throws(BucketFault) { return try await askOnce(subject, request) } catch {
                guard Self.passes(error), ContinuousClock.now < end else { throw error }
                fault = error
            }
            attempt += 1
            try await Self.pause(attempt, after: fault)
        }
    }

    /// Whether the same question may be answered a moment later.
    static func passes(_ fault: BucketFault) -> Bool {
        switch fault {
        case .refused(let code, _): APICode.passing.contains(code)
        case .connection(.timeout), .connection(.connectionLost), .connection(.noResponders), .connection(.notSent):
            true
        default: false
        }
    }

    /// Waits a little, longer with each attempt up to a quarter of a second.
    static func pause(_ attempt: Int, after fault: BucketFault) async throws(BucketFault) {
        let wait = Duration.milliseconds(min(20 * attempt, 250))
        do { try await Task.sleep(for: wait) } catch { throw .connection(.cancelled) }
    }

    private func askOnce(_ subject: String, _ request: WireJSON) async throws(BucketFault) -> WireJSON {
        let answer: NATSMessage
        do throws(NATSFault) {
            answer = try await connection.request("$JS.API.\(subject)", payload: request.utf8, timeout: timeout)
        } catch { throw .connection(error) }
        return try Self.read(answer)
    }

    /// The JSON of an answer; a fault where it says one.
    static func read(_ answer: NATSMessage) throws(BucketFault) -> WireJSON {
        let json: WireJSON
        do throws(WireFault) { json = try WireJSON(parsing: answer.payload) } catch { throw BucketFault(error) }
        guard let error = json["error"] else { return json }
        let text = ClientMachine.quoted(error["description"]?.string ?? "")
        throw .refused(code: error["err_code"]?.integer ?? error["code"]?.integer ?? 0, text: text)
    }
}
