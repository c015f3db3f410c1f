import NKeys

extension AuthorizationRequestClaims: WritableClaims {
    func writeContent(to encoder: inout ClaimsEncoder) {
        encoder.object("server_id") { encoder in
            encoder.string("name", server.name)
            encoder.string("host", server.host)
            encoder.string("id", server.id)
            encoder.text("version", server.version)
            encoder.text("cluster", server.cluster)
            encoder.texts("tags", server.tags)
            encoder.key("xkey", server.sealingKey)
        }
        encoder.key("user_nkey", userKey)
        encoder.object("client_info") { encoder in
            encoder.text("host", clientDetails.host)
            encoder.number("id", clientDetails.id)
            encoder.text("user", clientDetails.user)
            encoder.text("name", clientDetails.name)
            encoder.texts("tags", clientDetails.tags)
            encoder.text("name_tag", clientDetails.nameTag)
            encoder.text("kind", clientDetails.kind)
            encoder.text("type", clientDetails.type)
            encoder.text("mqtt_id", clientDetails.mqttID)
            encoder.text("nonce", clientDetails.nonce)
        }
        encoder.object("connect_opts") { encoder in
            encoder.secret("jwt", connectOptions.token)
            encoder.text("nkey", connectOptions.key)
            encoder.secret("sig", connectOptions.signature)
            encoder.secret("auth_token", connectOptions.authToken)
            encoder.text("user", connectOptions.user)
            encoder.secret("pass", connectOptions.password)
            encoder.text("name", connectOptions.name)
            encoder.text("lang", connectOptions.language)
            encoder.text("version", connectOptions.version)
            encoder.integer("protocol", connectOptions.protocolVersion)
        }
        if let clientTLS {
            encoder.object("client_tls") { encoder in
                encoder.text("version", clientTLS.version)
                encoder.text("cipher", clientTLS.cipher)
                encoder.texts("certs", clientTLS.certificates)
                encoder.filledList("verified_chains", clientTLS.verifiedChains) { $0.element(texts: $1) }
            }
        }
        encoder.text("request_nonce", requestNonce)
    }
}

extension AuthorizationResponseClaims: WritableClaims {
    func writeContent(to encoder: inout ClaimsEncoder) {
        encoder.secret("jwt", token)
        encoder.text("error", error)
        encoder.key("issuer_account", issuerAccount)
    }
}
