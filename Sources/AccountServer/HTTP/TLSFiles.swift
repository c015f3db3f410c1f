import NIOSSL

/// Where a server's certificate stands, and how it asks for those of clients. The files are read again when they change.
public struct TLSFiles: Hashable, Sendable {
    /// Whether clients are asked for certificates.
    public enum ClientCertificates: Hashable, Sendable {
        /// They are not.
        case notAsked
        /// They are, and need not show one. One that is shown must be signed by an authority of this PEM file.
        case asked(authorities: String)
        /// Whoever shows none that is signed by an authority of this PEM file is not let in.
        case required(authorities: String)
    }

    /// Why files are not taken.
    public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// One line in lower case: which file, and what is wrong. It names a path: not for callers.
        public let description: String
    }

    /// The certificate and those between it and its root, in a PEM file.
    public var certificateChain: String
    /// The certificate's key, in a PEM file.
    public var privateKey: String
    /// Whether clients are asked for certificates.
    public var clientCertificates: ClientCertificates

    /// Files.
    public init(
        certificateChain: String, privateKey: String, clientCertificates: ClientCertificates = .notAsked
    ) {
        (self.certificateChain, self.privateKey) = (certificateChain, privateKey)
        self.clientCertificates = clientCertificates
    }

    /// All of the files.
    var paths: [String] {
        switch clientCertificates {
        case .notAsked: [certificateChain, privateKey]
        case .asked(let authorities), .required(let authorities): [certificateChain, privateKey, authorities]
        }
    }

    /// What they say, read now.
    func configuration() throws(Fault) -> TLSConfiguration {
        let chain = try certificates(in: certificateChain)
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(bytes: Self.read(privateKey), format: .pem)
        } catch let fault as Fault {
            throw fault
        } catch {
            throw Fault(description: "`\(privateKey)` holds no private key in PEM form without a passphrase")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        switch clientCertificates {
        case .notAsked: configuration.certificateVerification = .none
        case .asked(let authorities):
            configuration.certificateVerification = .optionalVerification
            configuration.trustRoots = .certificates(try certificates(in: authorities))
        case .required(let authorities):
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates(try certificates(in: authorities))
        }
        return configuration
    }

    private func certificates(in path: String) throws(Fault) -> [NIOSSLCertificate] {
        let bytes = try Self.read(path)
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
            throw Fault(description: "`\(path)` holds no certificate in PEM form")
        }
        return certificates
    }

    private static func read(_ path: String) throws(Fault) -> [UInt8] {
        guard let bytes = SmallFile.read(path, limit: 4 << 20) else {
            throw Fault(description: "`\(path)` cannot be read, or is larger than 4 MiB")
        }
        return bytes
    }
}
