import Identity
import NKeys
import Trust
import UnixSignals

/// A login: gets a token, exchanges it, writes creds, and keeps them fresh where that is asked for.
struct LoginRun {
    var source: any SubjectSource
    let call: ExchangeCall
    /// The file of creds.
    let output: String
    /// The key of the new user, made here: its seed goes into the file and nowhere else.
    let pair: KeyPair
    /// Waits; cancelled when the process is told to end.
    var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// Writes creds once.
    mutating func login() async throws -> ExchangeCall.Issued {
        let subject = try await source.token()
        let pair = subject.pair ?? pair
        let issued: ExchangeCall.Issued
        do {
            issued = try await call.issue(subject, to: pair)
        } catch let failure as CommandFailure {
            // A token that was not judged is of use again.
            if failure.status != .inputOutput { source.taken() }
            throw failure
        }
        source.taken()
        try write(issued, pair)
        StandardError.write(
            "wrote creds \(Files.quoted(output)) for \(Files.quoted(call.audience.text)), good until \(issued.expires)\n"
        )
        return issued
    }

    /// Renews creds before they end, until the process is told to end by SIGTERM or SIGINT. What is there stays until
    /// there is something newer.
    mutating func keepFresh(after first: ExchangeCall.Issued) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let run = self
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in signals { return }
            }
            group.addTask {
                var run = run
                try await run.renew(after: first)
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private mutating func renew(after first: ExchangeCall.Issued) async throws {
        var expires = first.expires
        var schedule = RenewalSchedule(issuedAt: first.issuedAt, expires: expires)
        while !Task.isCancelled {
            let now = WallClock.now()
            if schedule.next > now { try await sleep(.seconds(schedule.next.seconds - now.seconds)) }
            do {
                let issued = try await login()
                expires = issued.expires
                schedule.renewed(issuedAt: issued.issuedAt, expires: expires)
            } catch let failure as CommandFailure {
                guard !Task.isCancelled else { return }
                // Nobody is asked a second time: what cannot come back by itself ends here.
                if source.isOver { throw failure }
                schedule.failed(at: WallClock.now())
                let state = expires > WallClock.now() ? "stay good until \(expires)" : "ended at \(expires)"
                StandardError.write(
                    "warning: the creds are not renewed and \(state); the next attempt is at \(schedule.next): "
                        + "\(Printable.line(failure.what))\n")
            }
        }
    }

    private func write(_ issued: ExchangeCall.Issued, _ pair: KeyPair) throws(CommandFailure) {
        let creds: SecretBytes
        do {
            creds = try CredentialsFile.render(token: Array(issued.token.utf8), seed: pair.seed)
        } catch {
            throw CommandFailure(.internalError, "the creds cannot be written: \(error)")
        }
        try creds.withUnsafeBytes { (bytes) throws(CommandFailure) in
            try Files.writeSecret(bytes, to: output, replacing: .allowed)
        }
    }
}
