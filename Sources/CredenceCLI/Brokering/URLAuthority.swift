import AsyncHTTPClient
import Broker
import Logging
import NIOCore
import NIOSSL
import NKeys
import Synchronization
import Trust

/// Accounts of an account server, fetched over HTTP one by one when they are asked for: `resolver: URL(…)`.
///
/// It answers what the server answers now and keeps only which token that was, so that a push of an account tells
/// whether something changed: the server is asked, and its word counts, not the push's. Only status 200 is an answer,
/// redirects are not followed, an answer is at most as large as a token may be, and the whole takes `timeout` at most.
final class URLAuthority: ConfiguredAuthority {
    /// What pushes of accounts come to: the account is fetched again.
    let services: Set<ClaimsService> = [.updateOfAccount]

    private let url: ResolverURL
    private let verifier: TokenVerifier
    private let client: HTTPClient
    private let logger: Logger
    private let feed: AccountChanges
    /// The tokens that were handed out last.
    private let known = Mutex<[PublicKey: String]>([:])

    private init(_ url: ResolverURL, verifier: TokenVerifier, client: HTTPClient, logger: Logger) {
        (self.url, self.verifier, self.client, self.logger) = (url, verifier, client, logger)
        feed = AccountChanges()
    }

    /// Asks the server whether it is there, as servers of the field do at their start.
    ///
    /// - Throws: when it does not answer with status 200.
    static func open(
        _ url: ResolverURL, trust: BrokerTrust, logger: Logger
    ) async throws(CommandFailure) -> URLAuthority {
        if !isPrivate(url.base) {
            logger.warning("accounts are fetched in the clear: use https", metadata: ["url": "\(url.base)"])
        }
        let client = try client(for: url)
        let authority = URLAuthority(url, verifier: trust.verifier, client: client, logger: logger)
        do throws(AccountResolverError) {
            guard try await authority.fetch("") != nil else { throw AccountResolverError("it answers with status 404") }
        } catch {
            await authority.close()
            throw CommandFailure(
                .inputOutput, "the account server \(Files.quoted(url.base)) does not answer: \(error)",
                hint: "check the resolver's address, and whether the account server runs")
        }
        return authority
    }

    /// Whether what is asked and answered is seen by nobody else: over TLS, or on this machine.
    static func isPrivate(_ base: String) -> Bool {
        guard base.lowercased().hasPrefix("http://") else { return true }
        let authority = base.dropFirst(7).prefix { $0 != "/" }.lowercased()
        if authority.hasPrefix("[::1]") { return true }
        let host = String(authority.prefix { $0 != ":" })
        return host == "localhost" || IPAddress(host).map { $0.isIPv4 && host.hasPrefix("127.") } == true
    }

    private static func client(for url: ResolverURL) throws(CommandFailure) -> HTTPClient {
        var configuration = HTTPClient.Configuration.asking(
            within: TimeAmount(url.timeout), trusting: url.authorities.map { .alone($0) } ?? .system)
        if let (chain, key) = url.certificate {
            var tls = configuration.tlsConfiguration ?? .makeClientConfiguration()
            do {
                tls.certificateChain = try NIOSSLCertificate.fromPEMFile(chain).map { .certificate($0) }
                tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            } catch {
                throw CommandFailure(
                    .badInput, "the certificate of `resolver_tls` cannot be read",
                    hint: "check \(Files.quoted(chain)) and \(Files.quoted(key))")
            }
            configuration.tlsConfiguration = tls
        }
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    // MARK: What the broker asks

    func token(of account: PublicKey) async throws(AccountResolverError) -> String? {
        guard let bytes = try await fetch(account.text) else { return nil }
        // A line end behind the token is what files of tokens have.
        let end = bytes.lastIndex { $0 != 0x0A && $0 != 0x0D && $0 != 0x20 && $0 != 0x09 } ?? -1
        guard let token = String(validating: bytes[...end], as: UTF8.self), !token.isEmpty else {
            throw AccountResolverError("the account server answers with no token")
        }
        known.withLock { $0[account] = token }
        return token
    }

    func update(_ token: [UInt8], for account: PublicKey?, by caller: String) async -> ClaimsAnswer {
        guard let account else { return .failed("the request names no account") }
        let before = known.withLock { $0[account] }
        guard let before else { return .accepted(message: "jwt update skipped", accounts: [account]) }
        do throws(AccountResolverError) {
            let now = try await self.token(of: account)
            if let now, now != before { feed.tell(.token(now, of: account)) }
            if now == nil { feed.tell(.deleted(account)) }
            guard let now, now.utf8.elementsEqual(token) else {
                return .failed("the account server has another token of this account: push it there")
            }
            return .accepted(message: "jwt updated", accounts: [account])
        } catch {
            return .failed("the account server cannot be asked now")
        }
    }

    func delete(_ request: [UInt8], by caller: String) async -> ClaimsAnswer {
        .failed("accounts are deleted at the account server")
    }

    func accounts() async -> [PublicKey] { known.withLock { $0.keys.sorted() } }

    func changes() -> AsyncStream<Broker.AccountChange> { feed.listen() }

    func reload(_ configuration: BrokerConfiguration) async throws(CommandFailure) {}

    func close() async {
        feed.finish()
        try? await client.shutdown()
    }

    // MARK: HTTP

    /// What stands under a key; nil when the server knows nothing of it.
    private func fetch(_ key: String) async throws(AccountResolverError) -> [UInt8]? {
        var request = HTTPClientRequest(url: url.base + key)
        request.headers.add(name: "user-agent", value: "credence/\(Credence.number)")
        do {
            let response = try await client.execute(request, timeout: TimeAmount(url.timeout))
            switch response.status.code {
            case 200: break
            case 404: return nil
            default: throw AccountResolverError("it answers with status \(response.status.code)")
            }
            // The size is known before anything is kept: a token has a limit, and an answer no more than its end.
            var bytes = try await response.body.collect(upTo: verifier.policy.maximumTokenSize + 16)
            return bytes.readBytes(length: bytes.readableBytes) ?? []
        } catch let error as AccountResolverError {
            throw error
        } catch {
            throw AccountResolverError(reason(of: error))
        }
    }

    private func reason(of error: any Error) -> String {
        switch error as? HTTPClientError {
        case .connectTimeout?, .readTimeout?, .deadlineExceeded?: return "no answer within \(url.timeout)"
        case .remoteConnectionClosed?: return "it closed the connection"
        default: break
        }
        if error is NIOTooManyBytesError { return "its answer is larger than a token may be" }
        return HTTPFailure.connection(error, of: "its")
    }
}
