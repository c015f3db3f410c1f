import NIOCore
import NIOSSL

/// From settings to a handler that speaks TLS.
enum TLSPreparation {
    /// Reads the files. They may be read on a thread that waits.
    static func context(_ settings: TLSSettings) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        if case .file(let path) = settings.roots {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(path))
        }
        if let identity = settings.identity {
            let chain = try NIOSSLCertificate.fromPEMFile(identity.certificates)
            configuration.certificateChain = chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: identity.key, format: .pem))
        }
        return try NIOSSLContext(configuration: configuration)
    }

    /// The server's certificate has to have the name that is expected; for an address without a name, its number.
    static func handler(
        _ context: NIOSSLContext, for server: ServerAddress, _ settings: TLSSettings
    ) throws -> NIOSSLClientHandler {
        let name = settings.serverName ?? server.certificateName
        let isNumber = (try? SocketAddress(ipAddress: name, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isNumber ? nil : name)
    }

    /// What went wrong on a socket.
    static func fault(for error: any Error, at server: ServerAddress) -> NATSFault {
        let isTLS =
            error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError
        let reason = text(of: error)
        return isTLS ? .tls(server: "\(server)", reason: reason) : .unreachable(server: "\(server)", reason: reason)
    }

    /// One short line.
    static func text(of error: any Error) -> String { ClientMachine.quoted("\(error)") }
}
