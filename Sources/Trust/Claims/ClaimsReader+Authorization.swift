import NKeys

extension ClaimsReader {
    private static let requestMembers: MemberSet = [
        .serverID, .userNKey, .clientDetails, .connectOptions, .clientTLS, .requestNonce, .tags, .type, .version,
    ]

    /// The `nats` object of an authorization request.
    mutating func authorizationRequest(_ frame: inout Payload) throws(Fault) -> AuthorizationRequestClaims {
        var claims = AuthorizationRequestClaims(common: .unread, userKey: CommonClaims.unread.subject)
        guard var scope = try json.beginObject(known: Self.requestMembers) else { return claims }
        let start = json.index
        while let member = try json.nextMember(&scope) {
            switch member {
            case .serverID: claims.server = try calloutServer()
            case .userNKey: if let key = try key(.user) { claims.userKey = key }
            case .clientDetails: claims.clientDetails = try calloutClient()
            case .connectOptions: claims.connectOptions = try connectOptions()
            case .clientTLS: claims.clientTLS = try calloutTLS()
            case .requestNonce: claims.requestNonce = try string()
            case .tags: claims.tags = try strings()
            case .type: frame.contentType = try json.string()
            case .version: frame.version = try json.integer()
            default: try unknownMember(scope)
            }
        }
        if !scope.has(.userNKey) { note(.tokenContent, at: start, .claimMissing("user_nkey")) }
        return claims
    }

    private mutating func calloutServer() throws(Fault) -> CalloutServer {
        var server = CalloutServer()
        let known: MemberSet = [.name, .host, .id, .version, .cluster, .tags, .xkey]
        guard var scope = try json.beginObject(known: known) else { return server }
        while let member = try json.nextMember(&scope) {
            switch member {
            case .name: server.name = try string()
            case .host: server.host = try string()
            case .id: server.id = try string()
            case .version: server.version = try string()
            case .cluster: server.cluster = try string()
            case .tags: server.tags = try strings()
            case .xkey: server.sealingKey = try key(.curve)
            default: try unknownMember(scope)
            }
        }
        return server
    }

    private mutating func calloutClient() throws(Fault) -> CalloutClient {
        var client = CalloutClient()
        let known: MemberSet = [.host, .id, .user, .name, .tags, .nameTag, .kind, .type, .mqttID, .nonce]
        guard var scope = try json.beginObject(known: known) else { return client }
        while let member = try json.nextMember(&scope) {
            switch member {
            case .host: client.host = try string()
            case .id: client.id = try integer()
            case .user: client.user = try string()
            case .name: client.name = try string()
            case .tags: client.tags = try strings()
            case .nameTag: client.nameTag = try string()
            case .kind: client.kind = try string()
            case .type: client.type = try string()
            case .mqttID: client.mqttID = try string()
            case .nonce: client.nonce = try string()
            default: try unknownMember(scope)
            }
        }
        return client
    }

    private mutating func connectOptions() throws(Fault) -> CalloutConnectOptions {
        var options = CalloutConnectOptions()
        let known: MemberSet = [
            .jwt, .nkey, .sig, .authToken, .user, .pass, .name, .lang, .version, .protocol,
        ]
        guard var scope = try json.beginObject(known: known) else { return options }
        while let member = try json.nextMember(&scope) {
            switch member {
            case .jwt: options.token = try string()
            case .nkey: options.key = try string()
            case .sig: options.signature = try string()
            case .authToken: options.authToken = try string()
            case .user: options.user = try string()
            case .pass: options.password = try string()
            case .name: options.name = try string()
            case .lang: options.language = try string()
            case .version: options.version = try string()
            case .protocol: options.protocolVersion = try integer()
            default: try unknownMember(scope)
            }
        }
        return options
    }

    private mutating func calloutTLS() throws(Fault) -> CalloutTLS {
        var tls = CalloutTLS()
        guard var scope = try json.beginObject(known: [.version, .cipher, .certs, .verifiedChains]) else { return tls }
        while let member = try json.nextMember(&scope) {
            switch member {
            case .version: tls.version = try string()
            case .cipher: tls.cipher = try string()
            case .certs: tls.certificates = try strings()
            case .verifiedChains: tls.verifiedChains = try list { reader throws(Fault) in try reader.strings() } ?? []
            default: try unknownMember(scope)
            }
        }
        return tls
    }

    /// The `nats` object of an authorization response.
    mutating func authorizationResponse(_ frame: inout Payload) throws(Fault) -> AuthorizationResponseClaims {
        var claims = AuthorizationResponseClaims(common: .unread)
        let known: MemberSet = [.jwt, .error, .issuerAccount, .tags, .type, .version]
        guard var scope = try json.beginObject(known: known) else { return claims }
        let start = json.index
        while let member = try json.nextMember(&scope) {
            switch member {
            case .jwt: claims.token = try string()
            case .error: claims.error = try string()
            case .issuerAccount: claims.issuerAccount = try key(.account)
            case .tags: claims.tags = try strings()
            case .type: frame.contentType = try json.string()
            case .version: frame.version = try json.integer()
            default: try unknownMember(scope)
            }
        }
        if claims.token.isEmpty, claims.error.isEmpty { note(.tokenContent, at: start, .neitherTokenNorError) }
        if !claims.token.isEmpty, !claims.error.isEmpty { note(.tokenContent, at: start, .bothTokenAndError) }
        return claims
    }
}
