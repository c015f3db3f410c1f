import NKeys
import Trust

/// Who and when: the signer is none of the operator's, what is stored is newer, or what is brought is no account.
extension UploadVector {
    static let signers = [
        UploadVector(
            "signer-foreign", "an operator whom nobody trusts has signed", covers: ["T10"],
            [.accountSigner, .uploadSigner]
        ) { scene throws(KeyUseError) in
            let payload = scene.payload(version: 2, issuer: scene.foreign.publicKey.text)
            return try scene.over(scene.sign(payload, by: scene.foreign))
        },
        UploadVector(
            "signer-first-foreign", "a new account is signed by an operator whom nobody trusts",
            [.accountSigner, .uploadSigner]
        ) { scene throws(KeyUseError) in
            let payload = scene.payload(issuer: scene.foreign.publicKey.text)
            return ([], .store(try scene.sign(payload, by: scene.foreign), for: scene.account.publicKey))
        },
        UploadVector(
            "signer-self", "the account has signed itself", [.tokenIssuer, .accountSigner, .uploadSigner]
        ) { scene throws(KeyUseError) in
            try scene.over(scene.sign(scene.payload(version: 2, issuer: scene.key), by: scene.account))
        },
        UploadVector(
            "signer-claimed", "another key signs in the operator's name", [.tokenSignature]
        ) { scene throws(KeyUseError) in try scene.over(scene.sign(scene.payload(version: 2), by: scene.foreign)) },
        UploadVector(
            "signer-strict-identity", "the operator's identity key has signed, where it demands signing keys",
            [.accountSigner, .uploadSigner], strict: true
        ) { scene throws(KeyUseError) in
            let pair = scene.company.strictOperator
            return try scene.over(scene.sign(scene.payload(version: 2, issuer: pair.publicKey.text), by: pair))
        },
        UploadVector(
            "signer-other-operator", "another operator, trusted elsewhere, has signed",
            [.accountSigner, .uploadSigner],
            strict: true
        ) { scene throws(KeyUseError) in
            let pair = scene.company.operator
            return try scene.over(scene.sign(scene.payload(version: 2, issuer: pair.publicKey.text), by: pair))
        },
        UploadVector(
            "operator-foreign", "a new token of the operator is signed by nobody it trusts", covers: ["T10"],
            [.uploadDenied]
        ) { scene throws(KeyUseError) in
            let nats = #"{"type":"operator","version":2}"#
            let key = scene.foreign.publicKey.text
            let token = try scene.sign(scene.common(of: key, issuer: key, nats: nats), by: scene.foreign)
            return ([try scene.store()], .init(.post, "/jwt/v1/operator", token))
        },
    ]

    static let versions = [
        UploadVector(
            "version-older", "an older token is brought again", [.uploadStale]
        ) { scene throws(KeyUseError) in
            let old = try scene.store()
            return ([old, try scene.store(version: 2)], old)
        },
        UploadVector(
            "version-older-unseen", "an older token is brought for the first time", [.uploadStale]
        ) { scene throws(KeyUseError) in ([try scene.store(version: 3)], try scene.store(version: 2)) },
        UploadVector(
            "version-same-second", "another token of the same second is brought", [.uploadStale]
        ) { scene throws(KeyUseError) in
            ([try scene.store()], try scene.store(nats: UploadScene.exports("orders.new", .stream)))
        },
        UploadVector(
            "version-same-good", "the same token is brought again: nothing changes", []
        ) { scene throws(KeyUseError) in ([try scene.store()], try scene.store()) },
        UploadVector(
            "version-next-good", "a newer token is brought", []
        ) { scene throws(KeyUseError) in ([try scene.store()], try scene.store(version: 2)) },
        UploadVector(
            "version-before-deletion", "the token of a deleted account is brought again", [.uploadStale]
        ) { scene throws(KeyUseError) in
            let token = try scene.store()
            return ([token, scene.delete(try scene.deletion(of: [scene.key], version: 2))], token)
        },
    ]

    static let deletions = [
        UploadVector(
            "deletion-good", "the operator deletes the account", []
        ) { scene throws(KeyUseError) in
            ([try scene.store()], scene.delete(try scene.deletion(of: [scene.key], version: 2)))
        },
        UploadVector(
            "deletion-older", "an old deletion is brought again for an account that is newer", [.uploadStale]
        ) { scene throws(KeyUseError) in
            ([try scene.store(version: 3)], scene.delete(try scene.deletion(of: [scene.key], version: 2)))
        },
        UploadVector(
            "deletion-foreign", "an operator whom nobody trusts deletes", covers: ["T10"], [.uploadSigner]
        ) { scene throws(KeyUseError) in
            let token = try scene.deletion(of: [scene.key], version: 2, by: scene.foreign)
            return ([try scene.store()], scene.delete(token))
        },
        UploadVector(
            "deletion-other-path", "a deletion of another account is brought for the account", covers: ["T7", "T10"],
            [.uploadPath]
        ) { scene throws(KeyUseError) in
            let token = try scene.deletion(of: [scene.other.publicKey.text], version: 2)
            return ([try scene.store(), try scene.store(scene.other)], scene.delete(token))
        },
        UploadVector(
            "deletion-with-system", "a deletion of the account lists the system account too", covers: ["T10"],
            [.uploadDenied]
        ) { scene throws(KeyUseError) in
            let token = try scene.deletion(of: [scene.key, scene.company.system.publicKey.text], version: 2)
            return ([try scene.store()], scene.delete(token))
        },
        UploadVector(
            "deletion-partly-older", "a deletion lists an account that is newer beside one that is not",
            covers: ["T10"],
            [.uploadStale]
        ) { scene throws(KeyUseError) in
            let token = try scene.deletion(of: [scene.key, scene.other.publicKey.text], version: 2)
            return ([try scene.store(), try scene.store(scene.other, version: 3)], scene.delete(token))
        },
        UploadVector(
            "deletion-by-account-token", "the account's own token is brought to delete it", [.tokenType]
        ) { scene throws(KeyUseError) in ([try scene.store()], scene.delete(try scene.token(version: 2))) },
    ]

    static let types = [
        UploadVector("type-user", "a user's token is brought", [.tokenType]) { scene throws(KeyUseError) in
            try scene.over(scene.writing.userToken(of: scene.account.publicKey, by: scene.account, scene.id))
        },
        UploadVector("type-activation", "an activation is brought", [.tokenType]) { scene throws(KeyUseError) in
            let nats = #"{"subject":"orders.new","kind":"stream","type":"activation","version":2}"#
            let payload = scene.common(of: scene.key, issuer: scene.other.publicKey.text, nats: nats)
            return try scene.over(scene.sign(payload, by: scene.other))
        },
        UploadVector("type-operator", "the operator's token is brought", [.tokenType]) { scene throws(KeyUseError) in
            try scene.over(scene.writing.operatorToken())
        },
        UploadVector("type-generic", "a deletion is brought as an account", [.tokenType]) { scene throws(KeyUseError) in
            try scene.over(scene.deletion(of: [scene.key], version: 2))
        },
        UploadVector("type-none", "the token does not say what it is", [.tokenType]) { scene throws(KeyUseError) in
            let payload = scene.payload(version: 2).replacing(#""type":"account","#, with: "")
            return try scene.over(scene.sign(payload))
        },
        UploadVector(
            "type-activation-stored", "an activation is stored that another signed in the account's name",
            covers: ["T1"],
            [.activationExporter]
        ) { scene throws(KeyUseError) in
            let nats =
                #"{"subject":"orders.new","kind":"stream","issuer_account":"\#(scene.key)","type":"activation","version":2}"#
            let payload = scene.common(of: scene.third.publicKey.text, issuer: scene.other.publicKey.text, nats: nats)
            let token = try scene.sign(payload, by: scene.other)
            return (
                [try scene.store(nats: UploadScene.exports("orders.new", .stream)), try scene.store(scene.other)],
                .init(.post, "/jwt/v1/activations", token)
            )
        },
    ]
}
