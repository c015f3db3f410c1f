import AccountServer
import Logging
import Synchronization
import Testing
import Trust

@testable import Identity

/// When keys are fetched: by a clock that the test moves, from a place that answers as the test says.
@Suite struct KeyCacheTests {
    /// A clock that stands still until it is moved; who sleeps wakes when it has moved far enough.
    final class HandClock: Sendable {
        private struct State {
            var now = Duration.zero
            var count = 0
            var sleepers: [Int: (until: Duration, continuation: CheckedContinuation<Void, Never>)] = [:]
            var cancelled: Set<Int> = []
        }
        private let state = Mutex(State())

        var clock: KeySetCache.Clock {
            KeySetCache.Clock(now: { self.state.withLock { $0.now } }, sleep: { await self.sleep($0) })
        }

        private func sleep(_ length: Duration) async {
            let number = state.withLock { state in
                state.count += 1
                return state.count
            }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isOver = state.withLock { state in
                        if state.cancelled.contains(number) { return true }
                        state.sleepers[number] = (state.now + length, continuation)
                        return false
                    }
                    if isOver { continuation.resume() }
                }
            } onCancel: {
                let sleeper = state.withLock { state in
                    state.cancelled.insert(number)
                    return state.sleepers.removeValue(forKey: number)
                }
                sleeper?.continuation.resume()
            }
        }

        func advance(_ seconds: Int64) {
            let woken = state.withLock { state in
                state.now += .seconds(seconds)
                let woken = state.sleepers.filter { $0.value.until <= state.now }
                for number in woken.keys { state.sleepers.removeValue(forKey: number) }
                return woken.values
            }
            for sleeper in woken { sleeper.continuation.resume() }
        }
    }

    /// An endpoint whose answers the test sets, and that counts.
    final class Endpoint: DocumentFetching {
        private struct State {
            var answers: [String: Result<[UInt8], DocumentFault>] = [:]
            var asked: [String] = []
            var isHeld = false
            var held: [CheckedContinuation<Void, Never>] = []
            var watchers: [CheckedContinuation<Void, Never>] = []
        }
        private let state = Mutex(State())

        var asked: [String] { state.withLock { $0.asked } }
        func set(_ answer: Result<[UInt8], DocumentFault>, at address: String = Endpoint.address) {
            state.withLock { $0.answers[address] = answer }
        }
        static let address = "https://login.example.com/jwks"

        /// From now on whoever asks waits.
        func hold() { state.withLock { $0.isHeld = true } }
        func release() {
            let held = state.withLock { state in
                defer { (state.isHeld, state.held) = (false, []) }
                return state.held
            }
            for continuation in held { continuation.resume() }
        }
        /// Returns when somebody waits.
        func somebodyWaits() async {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if state.held.isEmpty { state.watchers.append(continuation) }
                    return !state.held.isEmpty
                }
                if isThere { continuation.resume() }
            }
        }

        func document(at address: KeyAddress) async throws(DocumentFault) -> [UInt8] {
            state.withLock { $0.asked.append(address.text) }
            await withCheckedContinuation { continuation in
                let watchers: [CheckedContinuation<Void, Never>]? = state.withLock { state in
                    guard state.isHeld else { return nil }
                    state.held.append(continuation)
                    defer { state.watchers = [] }
                    return state.watchers
                }
                guard let watchers else { return continuation.resume() }
                for watcher in watchers { watcher.resume() }
            }
            guard let answer = state.withLock({ $0.answers[address.text] }) else { throw .status(404) }
            return try answer.get()
        }
    }

    /// An issuer whose keys are behind an endpoint, and everything around it.
    struct Setting {
        let world: ForeignWorld
        let clock = HandClock()
        let endpoint = Endpoint()
        let registry = PrometheusRegistry()
        let verifier: ForeignTokenVerifier

        init(_ keys: ForeignIssuer.Keys = .url(Endpoint.address)) async throws {
            world = try await .shared
            var issuer = world.issuer
            issuer.keys = keys
            let endpoint = endpoint
            verifier = ForeignTokenVerifier([issuer], clock: clock.clock, metrics: registry) { _ in endpoint }
            endpoint.set(.success(keySet(world.keys)))
        }

        func faults(_ key: MintKey? = nil, header: [String: String?] = [:], claims: [String: String?] = [:])
            async throws
            -> [String]
        {
            let token = try world.mint.token(key ?? world.curve, header: header, claims: claims)
            return await verifier.verify(token, at: ForeignWorld.now).faults
        }

        func fetches(_ result: String) -> Int {
            let name = "credence_identity_key_fetches_total"
            let line = registry.text.split(separator: "\n").first { $0.hasPrefix(name) && $0.contains("\"\(result)\"") }
            return line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
        }
    }

    @Test func `keys are fetched when they are needed first, and again when they are stale`() async throws {
        let setting = try await Setting()
        #expect(setting.endpoint.asked.isEmpty)
        for _ in 0..<3 { #expect(try await setting.faults() == []) }
        #expect(setting.endpoint.asked == [Endpoint.address])
        setting.clock.advance(299)
        #expect(try await setting.faults() == [])
        #expect(setting.endpoint.asked.count == 1)
        setting.clock.advance(1)
        #expect(try await setting.faults() == [])
        #expect(setting.endpoint.asked.count == 2)
        #expect(setting.fetches("fetched") == 2 && setting.fetches("failed") == 0)
    }

    @Test func `a key that its issuer has just made is found, and one that it took back is gone`() async throws {
        let setting = try await Setting()
        #expect(try await setting.faults() == [])
        let fresh = try await MintKey.curve(.es256, kid: "fresh")
        setting.endpoint.set(.success(keySet([fresh])))
        setting.clock.advance(29)
        #expect(try await setting.faults(fresh) == ["F-key header.kid"])
        setting.clock.advance(1)
        #expect(try await setting.faults(fresh) == [])
        #expect(try await setting.faults() == ["F-key header.kid"])
        #expect(setting.endpoint.asked.count == 2)
    }

    @Test func `names of keys that nobody has do not make fetches grow`() async throws {
        let setting = try await Setting()
        for number in 0..<1000 {
            let isGood = number % 2 == 0
            let found = try await setting.faults(header: isGood ? [:] : ["kid": "\"random-\(number)\""])
            #expect(found == (isGood ? [] : ["F-key header.kid"]))
        }
        #expect(setting.endpoint.asked.count == 1)
        #expect(setting.fetches("fetched") == 1)
        // In a minute there are as many as the interval allows, whatever comes.
        for second in 0..<60 {
            setting.clock.advance(1)
            for number in 0..<5 { _ = try await setting.faults(header: ["kid": "\"other-\(second)-\(number)\""]) }
        }
        #expect(setting.endpoint.asked.count == 3)
    }

    @Test func `many that wait cause one fetch`() async throws {
        let setting = try await Setting()
        setting.endpoint.hold()
        let token = try setting.world.mint.token(setting.world.curve)
        let verifier = setting.verifier
        let taken = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<200 { group.addTask { await verifier.verify(token, at: ForeignWorld.now).proof != nil } }
            await setting.endpoint.somebodyWaits()
            setting.endpoint.release()
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(taken == 200)
        #expect(setting.endpoint.asked.count == 1)
    }

    @Test func `who waits in vain is refused, and the fetch is given up`() async throws {
        let setting = try await Setting()
        setting.endpoint.hold()
        let token = try setting.world.mint.token(setting.world.curve)
        async let waiting = setting.verifier.verify(token, at: ForeignWorld.now)
        await setting.endpoint.somebodyWaits()
        // The time limit is set beside the fetch: it is moved until it is over.
        let ended = Mutex(false)
        let pusher = Task {
            while !ended.withLock({ $0 }) {
                setting.clock.advance(5)
                await Task.yield()
            }
        }
        let verdict = await waiting
        ended.withLock { $0 = true }
        await pusher.value
        #expect(verdict.faults == ["F-keys "])
        #expect(verdict.failures.first?.message.contains("not to be had") == true)
        #expect(setting.fetches("failed") == 1)
        // What it brings later is dropped, and the next one begins anew.
        setting.endpoint.release()
        setting.clock.advance(30)
        #expect(try await setting.faults() == [])
        #expect(setting.endpoint.asked.count == 2)
    }

    @Test func `keys are kept for a stated time when the endpoint is lost`() async throws {
        let setting = try await Setting()
        #expect(try await setting.faults() == [])
        setting.endpoint.set(.failure(.status(500)))
        setting.clock.advance(86_399)
        #expect(try await setting.faults() == [])
        #expect(try await setting.faults(header: ["kid": #""new""#]) == ["F-key header.kid"])
        #expect(setting.endpoint.asked.count == 2 && setting.fetches("failed") == 1)
        setting.clock.advance(1)
        #expect(try await setting.faults() == ["F-keys "])
        #expect(setting.endpoint.asked.count == 2)
        setting.endpoint.set(.success(keySet(setting.world.keys)))
        setting.clock.advance(30)
        #expect(try await setting.faults() == [])
    }

    @Test func `an endpoint that was never there is asked at its interval, and nothing is taken`() async throws {
        let setting = try await Setting()
        setting.endpoint.set(.failure(.connection("the connection was refused")))
        for _ in 0..<10 { #expect(try await setting.faults() == ["F-keys "]) }
        #expect(setting.endpoint.asked.count == 1)
        setting.clock.advance(30)
        #expect(try await setting.faults() == ["F-keys "])
        #expect(setting.endpoint.asked.count == 2)
    }

    @Test func `for a token that is refused anyway nothing is fetched`() async throws {
        let setting = try await Setting()
        #expect(try await setting.faults(claims: ["aud": #""other""#]) == ["F-audience aud"])
        #expect(setting.endpoint.asked.isEmpty)
        #expect(try await setting.faults() == [])
        setting.clock.advance(30)
        let both = try await setting.faults(header: ["kid": #""new""#], claims: ["aud": #""other""#])
        #expect(both == ["F-audience aud", "F-key header.kid"])
        #expect(setting.endpoint.asked.count == 1)
    }

    @Test func `an empty key set takes every key back`() async throws {
        let setting = try await Setting()
        #expect(try await setting.faults() == [])
        setting.endpoint.set(.success(Array(#"{"keys":[]}"#.utf8)))
        setting.clock.advance(300)
        #expect(try await setting.faults() == ["F-key header.kid"])
        // What is no key set takes nothing back.
        setting.endpoint.set(.success(keySet(setting.world.keys)))
        setting.clock.advance(30)
        #expect(try await setting.faults() == [])
        setting.endpoint.set(.success(Array("{}".utf8)))
        setting.clock.advance(300)
        #expect(try await setting.faults() == [])
        #expect(setting.fetches("failed") == 1)
    }

    // MARK: Discovery

    private static let wellKnown = "https://login.example.com/.well-known/openid-configuration"
    private func metadata(_ keys: String = Endpoint.address, issuer: String = "https://login.example.com") -> [UInt8] {
        Array(#"{"issuer":"\#(issuer)","jwks_uri":"\#(keys)"}"#.utf8)
    }

    @Test func `a discovery document is asked first, and as seldom as the keys`() async throws {
        let setting = try await Setting(.discovery)
        setting.endpoint.set(.success(metadata()), at: Self.wellKnown)
        #expect(try await setting.faults() == [])
        #expect(setting.endpoint.asked == [Self.wellKnown, Endpoint.address])
        setting.clock.advance(30)
        _ = try await setting.faults(header: ["kid": #""new""#])
        #expect(setting.endpoint.asked == [Self.wellKnown, Endpoint.address, Endpoint.address])
        // Keys that have moved are looked for where they were, and then found again.
        setting.endpoint.set(.failure(.status(404)))
        setting.clock.advance(30)
        _ = try await setting.faults(header: ["kid": #""new""#])
        #expect(setting.endpoint.asked.count == 4 && setting.endpoint.asked.last == Endpoint.address)
        let moved = "https://login.example.com/moved"
        setting.endpoint.set(.success(metadata(moved)), at: Self.wellKnown)
        setting.endpoint.set(.success(keySet([setting.world.rsa])), at: moved)
        setting.clock.advance(30)
        _ = try await setting.faults(header: ["kid": #""new""#])
        #expect(setting.endpoint.asked.suffix(2) == [Self.wellKnown, moved])
        #expect(try await setting.faults(setting.world.rsa) == [])
        #expect(try await setting.faults(setting.world.curve) == ["F-key header.kid"])
    }

    @Test(arguments: [
        #"{"issuer":"https://login.example.com/","jwks_uri":"https://login.example.com/jwks"}"#,
        #"{"issuer":"https://evil.example","jwks_uri":"https://login.example.com/jwks"}"#,
        #"{"jwks_uri":"https://login.example.com/jwks"}"#, #"{"issuer":"https://login.example.com"}"#,
        #"{"issuer":"https://login.example.com","jwks_uri":"http://login.example.com/jwks"}"#,
        #"{"issuer":"https://login.example.com","jwks_uri":"http://127.0.0.1/jwks"}"#,
        #"{"issuer":"https://login.example.com","jwks_uri":"file:///etc/passwd"}"#,
        #"{"issuer":"https://login.example.com","jwks_uri":["https://login.example.com/jwks"]}"#,
        #"{"issuer":"https://login.example.com","issuer":"x","jwks_uri":"https://login.example.com/jwks"}"#,
        #"{"issuer":"https://login.example.com","jwks_uri":"https://login.example.com/jwks","token_endpoint":"http://x/"}"#,
        "[]", "", "<html>",
    ])
    func `a discovery document of another issuer, or that leads astray, gives no keys`(document: String) async throws {
        let setting = try await Setting(.discovery)
        setting.endpoint.set(.success(Array(document.utf8)), at: Self.wellKnown)
        #expect(try await setting.faults() == ["F-keys "])
        #expect(setting.endpoint.asked == [Self.wellKnown])
    }

    @Test func `where an issuer has a path both places are asked`() async throws {
        let endpoint = Endpoint()
        let issuer = "https://login.example.com/tenant"
        let inFront = "https://login.example.com/.well-known/oauth-authorization-server/tenant"
        endpoint.set(.success(metadata(issuer: issuer)), at: inFront)
        let found = try await IssuerMetadata.fetched(from: issuer, with: endpoint)
        #expect(found.keys?.text == Endpoint.address && found.tokenEndpoint == nil)
        #expect(endpoint.asked == ["\(issuer)/.well-known/openid-configuration", inFront])
        // An end slash is left out of the place and not of the name.
        endpoint.set(.success(metadata(issuer: issuer + "/")), at: "\(issuer)/.well-known/openid-configuration")
        #expect(try await IssuerMetadata.fetched(from: issuer + "/", with: endpoint).issuer == issuer + "/")
        // What is wrong in one place is not gone around.
        endpoint.set(.failure(.status(500)), at: "\(issuer)/.well-known/openid-configuration")
        await #expect(throws: DocumentFault.status(500)) {
            try await IssuerMetadata.fetched(from: issuer, with: endpoint)
        }
        await #expect(throws: DocumentFault.self) {
            try await IssuerMetadata.fetched(from: "https://login.example.com?x", with: endpoint)
        }
    }
}
