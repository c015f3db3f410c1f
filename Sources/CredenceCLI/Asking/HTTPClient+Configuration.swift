import AsyncHTTPClient
import NIOCore
import NIOSSL

extension HTTPClient.Configuration {
    /// Whose certificates are trusted.
    enum Authorities {
        /// Those that the system trusts.
        case system
        /// Those of this file (PEM) as well.
        case beside(String)
        /// Those of this file (PEM), and no others.
        case alone(String)
    }

    /// How a server is asked that was named: it, and nobody that it points to. Redirects are not followed, answers are
    /// not decompressed, and a server that refuses is told of at once instead of asked until the time is over.
    ///
    /// - Parameter limit: how long a connection, and how long each piece of an answer, may take.
    static func asking(within limit: TimeAmount, trusting authorities: Authorities = .system) -> Self {
        var configuration = Self()
        configuration.redirectConfiguration = .disallow
        configuration.decompression = .disabled
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout = .init(connect: limit, read: limit)
        var tls = TLSConfiguration.makeClientConfiguration()
        switch authorities {
        case .system: return configuration
        case .beside(let file): tls.additionalTrustRoots = [.file(file)]
        case .alone(let file): tls.trustRoots = .file(file)
        }
        configuration.tlsConfiguration = tls
        return configuration
    }
}
