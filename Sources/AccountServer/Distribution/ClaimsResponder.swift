import Logging
import NATSClient
import NKeys

/// Answers servers that ask the system account for accounts: `$SYS.REQ.ACCOUNT.*.CLAIMS.LOOKUP` for one, and
/// `$SYS.REQ.CLAIMS.PACK` for all of them.
///
/// It answers and never takes: what others publish on the update subjects is not stored, because a server's word does not
/// make a token the operator's. A subject whose account is not spelled as a key is not answered (CVE-2022-28357).
struct ClaimsResponder: Sendable {
    static let lookupSubject = "$SYS.REQ.ACCOUNT.*.CLAIMS.LOOKUP"
    static let packSubject = "$SYS.REQ.CLAIMS.PACK"
    /// The queue group of full resolvers: one of the group answers a request.
    static let packQueue = "responder"

    /// Requests for everything that wait while one is answered. Whoever is turned away asks again after its interval.
    private static let waitingPacks = 8
    /// Messages between two pauses for the server to take what was sent.
    private static let packStride = 128

    /// Somebody who asked for an account that is not kept.
    private struct Asker {
        let reply: String
        let due: ContinuousClock.Instant
    }

    let accounts: any AccountServing
    let connection: NATSConnection
    let fingerprint: StoreFingerprint
    let settings: DistributionSettings
    let limits: DistributionLimits
    let clock: ServerClock
    let counters: DistributionCounters
    let logger: Logger

    /// Answers until the task is cancelled.
    func run() async {
        guard settings.answers != .none else { return }
        await withTaskGroup(of: Void.self) { group in
            let (late, askers) = AsyncStream.makeStream(
                of: Asker.self, bufferingPolicy: .bufferingOldest(limits.unknownAnswers))
            group.addTask {
                await connection.follow(Self.lookupSubject, logger: logger) { await lookUp($0, askers) }
                askers.finish()
            }
            group.addTask {
                // All wait equally long, so that the first is due first.
                for await asker in late {
                    try? await Task.sleep(until: asker.due, clock: .continuous)
                    await send([], to: asker.reply)
                }
            }
            guard settings.answers == .lookupsAndPacks else { return }
            let (requests, feed) = AsyncStream.makeStream(
                of: NATSMessage.self, bufferingPolicy: .bufferingOldest(Self.waitingPacks))
            group.addTask {
                await connection.follow(Self.packSubject, queue: Self.packQueue, logger: logger) { feed.yield($0) }
                feed.finish()
            }
            group.addTask { for await request in requests { await pack(request) } }
        }
    }

    /// The account's token; an empty message, somewhat later, where it is not known or has expired.
    private func lookUp(_ request: NATSMessage, _ askers: AsyncStream<Asker>.Continuation) async {
        guard let reply = request.reply, let key = accountKey(inSubject: request.subject) else { return }
        counters.lookedUp()
        guard let account = accounts.account(for: key), account.isCurrent(at: clock.now()) else {
            askers.yield(Asker(reply: reply, due: .now + settings.unknownAnswerDelay))
            return
        }
        await send(account.token, to: reply)
    }

    /// All accounts, unless the asker has the same; then an empty message.
    private func pack(_ request: NATSMessage) async {
        guard let reply = request.reply else { return }
        counters.packed()
        let accounts = accounts.current(at: clock.now())
        if request.payload.isEmpty || fingerprint.bytes(of: accounts) != request.payload {
            for (index, account) in accounts.enumerated() {
                guard await send(Array("\(account.key)|".utf8) + account.token, to: reply), !Task.isCancelled else {
                    return
                }
                guard index % Self.packStride == Self.packStride - 1 else { continue }
                do throws(NATSFault) { try await connection.flush() } catch { return }
            }
        }
        await send([], to: reply)
    }

    @discardableResult
    private func send(_ payload: [UInt8], to reply: String) async -> Bool {
        do throws(NATSFault) {
            try await connection.publish(reply, payload: payload)
            return true
        } catch {
            logger.debug("an answer was not sent", metadata: ["fault": "\(error)"])
            return false
        }
    }
}
