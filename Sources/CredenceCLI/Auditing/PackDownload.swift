import AsyncHTTPClient

/// Fetches the pack of an account server: `GET /jwt/v1/pack`.
///
/// Redirects are not followed, certificates are verified, nothing is sent but the request and the credential. What goes wrong is told by
/// the server's name and a reason; no answer of the server and no part of a token stands in an error.
struct PackDownload {
    /// The address that is asked.
    let address: PackAddress
    /// The credential that is shown; nil for none.
    var bearer: String?
    /// The largest answer that is read, in bytes.
    var sizeLimit = PackSource.sizeLimit

    /// How long a connection, and how long each piece of the answer, may take, in seconds.
    private static let patience: Int64 = 30
    /// How long the whole may take, in minutes.
    private static let deadline: Int64 = 15

    /// The bytes of the pack.
    func bytes() async throws -> [UInt8] {
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: .asking(within: .seconds(Self.patience)))
        let result: Result<[UInt8], any Error>
        do {
            result = .success(try await fetch(with: client))
        } catch {
            result = .failure(error)
        }
        try? await client.shutdown()
        do {
            return try result.get()
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(
                .inputOutput, "\(Files.quoted(address.server)): \(Self.reason(of: error))",
                hint: "check the address, and whether the account server runs")
        }
    }

    private func fetch(with client: HTTPClient) async throws -> [UInt8] {
        var request = HTTPClientRequest(url: address.pack)
        request.headers.add(name: "user-agent", value: "credence/\(Credence.number)")
        if let bearer { request.headers.add(name: "authorization", value: "Bearer \(bearer)") }
        let response = try await client.execute(request, timeout: .minutes(Self.deadline))
        guard response.status == .ok else { throw refused(Int(response.status.code)) }
        var bytes: [UInt8] = []
        for try await piece in response.body {
            guard bytes.count + piece.readableBytes <= sizeLimit else {
                throw CommandFailure(
                    .badInput,
                    "\(Files.quoted(address.server)) answers with more than \(sizeLimit) bytes",
                    hint: "audit the server's folder instead")
            }
            bytes += piece.readableBytesView
        }
        return bytes
    }

    private func refused(_ status: Int) -> CommandFailure {
        let server = Files.quoted(address.server)
        return switch status {
        case 404:
            CommandFailure(.noInput, "\(server) has no pack", hint: "is this the address of an account server?")
        case 300..<400:
            CommandFailure(
                .inputOutput, "\(server) answers with a redirect (\(status)), which is not followed",
                hint: "give the address that it leads to")
        case 401, 403:
            CommandFailure(
                .inputOutput, "\(server) refuses to hand out its accounts (\(status))",
                hint: "audit from where the server allows it")
        default: CommandFailure(.inputOutput, "\(server) answers with status \(status)")
        }
    }

    private static func reason(of error: any Error) -> String {
        switch error as? HTTPClientError {
        case .deadlineExceeded?: return "the answer took longer than \(deadline) minutes"
        case .remoteConnectionClosed?: return cutShort
        default: break
        }
        if String(describing: error).contains("stream ended at an unexpected time") { return cutShort }
        return HTTPFailure.reason(of: error, patience: patience)
    }

    private static let cutShort = "the server closed the connection before the end of its answer"
}
