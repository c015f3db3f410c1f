import AsyncHTTPClient
import NIOCore
import NIOSSL

/// Where documents of issuers come from.
protocol DocumentFetching: Sendable {
    /// The document at an address, bounded in size and time.
    func document(at address: KeyAddress) async throws(DocumentFault) -> [UInt8]
}

/// Fetches documents over HTTP: status 200 alone, JSON alone, no redirect, no proxy, no cookie, no compression, and no more
/// than `sizeLimit` bytes within `timeLimit` in all.
///
/// A connection is made for each document and closed behind it: documents are fetched once in minutes.
struct HTTPDocumentFetcher: DocumentFetching {
    /// A file of certificates that alone are trusted; nil for the system's.
    var authorities: String?
    /// In bytes.
    var sizeLimit = KeyDocument.maximumBytes
    /// For everything, from the name's look-up to the last byte.
    var timeLimit = KeySetCache.patience

    func document(at address: KeyAddress) async throws(DocumentFault) -> [UInt8] {
        let outcome = await withTaskGroup(of: Result<[UInt8], DocumentFault>.self) { group in
            group.addTask { await fetched(address) }
            group.addTask {
                try? await Task.sleep(for: timeLimit)
                return .failure(.slow)
            }
            let first = await group.next() ?? .failure(.slow)
            group.cancelAll()
            return first
        }
        return try outcome.get()
    }

    private func fetched(_ address: KeyAddress) async -> Result<[UInt8], DocumentFault> {
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result<[UInt8], DocumentFault>
        do throws(DocumentFault) {
            result = .success(try await read(address, with: client))
        } catch {
            result = .failure(error)
        }
        try? await client.shutdown()
        return result
    }

    private var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        let limit = TimeAmount(timeLimit)
        configuration.timeout = .init(connect: limit, read: limit)
        if let authorities {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(authorities)
            configuration.tlsConfiguration = tls
        }
        return configuration
    }

    private func read(_ address: KeyAddress, with client: HTTPClient) async throws(DocumentFault) -> [UInt8] {
        var request = HTTPClientRequest(url: address.text)
        request.headers.add(name: "accept", value: "application/json, application/jwk-set+json")
        request.headers.add(name: "user-agent", value: "credence")
        do {
            let response = try await client.execute(request, timeout: TimeAmount(timeLimit))
            let status = Int(response.status.code)
            guard status == 200 else {
                throw (300..<400).contains(status) ? DocumentFault.redirect(status) : .status(status)
            }
            guard Self.isJSON(response.headers["content-type"]) else { throw DocumentFault.contentType }
            if let length = response.headers.first(name: "content-length").flatMap({ Int($0) }), length > sizeLimit {
                throw DocumentFault.size(limit: sizeLimit)
            }
            var bytes: [UInt8] = []
            for try await piece in response.body {
                guard bytes.count + piece.readableBytes <= sizeLimit else { throw DocumentFault.size(limit: sizeLimit) }
                bytes += piece.readableBytesView
            }
            return bytes
        } catch let fault as DocumentFault {
            throw fault
        } catch {
            throw Self.fault(of: error)
        }
    }

    /// One content type, of JSON; parameters do not matter, nor does case (RFC 9110, section 8.3.1).
    static func isJSON(_ types: [String]) -> Bool {
        guard let type = types.first, types.count == 1 else { return false }
        let bytes = type.utf8.prefix { $0 != UInt8(ascii: ";") }.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        let name = String(decoding: bytes, as: UTF8.self).trimmed
        return name == "application/json" || name == "application/jwk-set+json"
    }

    /// The reason in words of our own: the libraries below give theirs as text, which is not passed on.
    private static func fault(of error: any Error) -> DocumentFault {
        switch error as? HTTPClientError {
        case .connectTimeout?, .readTimeout?, .deadlineExceeded?: return .slow
        case .remoteConnectionClosed?: return .connection("it closed the connection")
        default: break
        }
        let text = String(describing: error)
        let reasons = [
            ("CERTIFICATE_VERIFY_FAILED", "its certificate is not one that is trusted"),
            ("Connection refused", "the connection was refused"), ("UnknownHost", "no server of that name is known"),
        ]
        return .connection(reasons.first { text.contains($0.0) }?.1 ?? "the connection failed")
    }
}

extension String {
    /// Without blanks and tabs at both ends.
    fileprivate var trimmed: Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return start[...last]
    }
}
