import Trust

/// What an issuer says about itself at its well-known address (OpenID Connect Discovery 1.0, section 4; RFC 8414).
///
///     let metadata = try await IssuerMetadata.fetched(from: "https://login.example.com")
public struct IssuerMetadata: Hashable, Sendable {
    /// `issuer`, which is byte by byte the one that was asked.
    public let issuer: String
    /// `token_endpoint`; nil for none.
    public let tokenEndpoint: String?
    /// `device_authorization_endpoint` (RFC 8628); nil for none.
    public let deviceAuthorizationEndpoint: String?
    /// `jwks_uri`; nil for none.
    let keys: KeyAddress?

    /// Why there is none.
    public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// In one line; nothing of what the other side said stands in it.
        public let description: String
    }

    /// Asks an issuer, over https, or over http on this machine. Bounded: 256 KiB and 5 seconds each for at most two
    /// addresses.
    ///
    /// - Parameters:
    ///   - issuer: its name, which is its address as well.
    ///   - authorities: a file of certificates (PEM) that alone are trusted; nil for the system's.
    public static func fetched(
        from issuer: String, authorities: String? = nil
    ) async throws(Fault) -> IssuerMetadata {
        do throws(DocumentFault) {
            return try await fetched(from: issuer, with: HTTPDocumentFetcher(authorities: authorities))
        } catch {
            throw Fault(description: error.description)
        }
    }

    static func fetched(
        from issuer: String, with fetcher: any DocumentFetching
    ) async throws(DocumentFault) -> IssuerMetadata {
        guard let address = KeyAddress(issuer), !issuer.utf8.contains(UInt8(ascii: "?")) else {
            throw .discovery("the issuer is no address over https, or over http on this machine")
        }
        let path = address.path.last == "/" ? String(address.path.dropLast()) : address.path
        let places = [
            address.origin + path + "/.well-known/openid-configuration",
            address.origin + "/.well-known/oauth-authorization-server" + path,
        ]
        var fault = DocumentFault.discovery("it has no address")
        for place in places.compactMap({ KeyAddress($0) }) {
            do throws(DocumentFault) {
                return try IssuerMetadata(try await fetcher.document(at: place), of: address)
            } catch {
                fault = error
            }
            // An issuer that has the one has no need of the other; a fault is told and not gone around.
            guard fault == .status(404) else { break }
        }
        throw fault
    }

    /// Reads a document.
    init(_ document: [UInt8], of issuer: KeyAddress) throws(DocumentFault) {
        guard let members = JSONMembers(json: document) else {
            throw .discovery("not one JSON object in which no member is twice")
        }
        guard let name = members.text("issuer"), name.utf8.elementsEqual(issuer.text.utf8) else {
            throw .discovery("its `issuer` is not the one that is configured")
        }
        self.issuer = name
        keys = try Self.address(members, "jwks_uri", of: issuer)
        tokenEndpoint = try Self.address(members, "token_endpoint", of: issuer)?.text
        deviceAuthorizationEndpoint = try Self.address(members, "device_authorization_endpoint", of: issuer)?.text
    }

    /// An address that is asked as safely as the issuer: one that is asked over https does not send us into the clear, nor
    /// to what listens on this machine alone.
    private static func address(
        _ members: JSONMembers, _ name: String, of issuer: KeyAddress
    ) throws(DocumentFault) -> KeyAddress? {
        guard members.has(name) else { return nil }
        guard let address = members.text(name).flatMap({ KeyAddress($0) }), issuer.isPlain || !address.isPlain else {
            throw .discovery("its `\(name)` is no address over https")
        }
        return address
    }
}
