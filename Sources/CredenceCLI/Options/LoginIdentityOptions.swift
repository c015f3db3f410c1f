import ArgumentParser
import Identity

/// By what somebody shows who he is: one of four.
struct LoginIdentityOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("An issuer to log in to with a browser, here or elsewhere (RFC 8628).", valueName: "url"))
    var issuer: String?
    @Option(name: .customLong("client-id"), help: ArgumentHelp("This program's name at the issuer.", valueName: "id"))
    var clientID: String?
    @Option(
        help: ArgumentHelp(
            "What the issuer is asked for; `openid`, and with --keep-fresh `offline_access`, unless given.",
            valueName: "words"))
    var issuerScope: String?
    @Option(
        help: ArgumentHelp("The service that the issuer's token is to be for (RFC 8707).", valueName: "uri"))
    var issuerResource: String?
    @Option(
        help: ArgumentHelp(
            "Keep the issuer's refresh token in this file, for its owner alone; without it in memory.",
            valueName: "file"))
    var refreshTokenFile: String?
    @Option(help: ArgumentHelp("A file with a token, read whenever creds are renewed.", valueName: "file"))
    var tokenFile: String?
    @Option(help: ArgumentHelp("A variable of the environment with a token.", valueName: "name")) var tokenEnv: String?
    @Option(help: ArgumentHelp("Creds of ours; the new ones are for the same key.", valueName: "file")) var creds:
        String?
    @Option(help: ArgumentHelp("What the token is: access, id or jwt.", valueName: "type")) var tokenType:
        SubjectToken.Kind?

    func validate() throws {
        let given = [("--issuer", issuer), ("--token-file", tokenFile), ("--token-env", tokenEnv), ("--creds", creds)]
            .filter { $0.1 != nil }.map(\.0)
        guard given.count == 1 else {
            throw ValidationError("say who you are in one way: --issuer, --token-file, --token-env or --creds")
        }
        guard issuer == nil || clientID != nil else { throw ValidationError("--issuer needs --client-id") }
        let issuersOwn = [clientID, issuerScope, issuerResource, refreshTokenFile]
        guard issuer != nil || issuersOwn.allSatisfy({ $0 == nil }) else {
            throw ValidationError("--client-id, --issuer-… and --refresh-token-file go with --issuer")
        }
        if creds != nil, tokenType != nil { throw ValidationError("--token-type does not go with --creds") }
    }

    /// Where tokens come from.
    func source(keepFresh: Bool, authorities: String?, http: LoginHTTP) throws(CommandFailure) -> any SubjectSource {
        let kind = tokenType ?? .access
        if let creds { return CredsSource(path: creds) }
        if let tokenFile { return FileSource(path: tokenFile, kind: kind) }
        if let tokenEnv { return try EnvironmentSource(variable: tokenEnv, kind: kind) }
        return DeviceSource(
            issuer: issuer ?? "", clientID: clientID ?? "",
            scope: issuerScope ?? (keepFresh || refreshTokenFile != nil ? "openid offline_access" : "openid"),
            resource: issuerResource, kind: kind, refreshFile: refreshTokenFile, authorities: authorities, http: http)
    }
}

extension SubjectToken.Kind: ExpressibleByArgument {}
