import NKeys
import Testing

@testable import Trust

/// Where findings stand: the path to a byte of the payload.
@Suite struct FindingPlaceTests {
    /// What stands in `nats`, and the findings: rule and place. `KEY` stands for a good account key.
    static let accounts: [(content: String, findings: [String])] = [
        (#""exports":[{"type":"stream"}]"#, ["T-content exports[0]"]),
        (#""exports":[{}]"#, ["T-content exports[0]", "T-content exports[0]"]),
        (#""exports": [ { "type" : "stream" } ]"#, ["T-content exports[0]"]),
        (#""exports":[{"subject":"a","type":"strm"}]"#, ["T-content exports[0].type"]),
        (
            #""exports":[{"subject":"a","type":"stream"},{"subject":"b c","type":"stream"}]"#,
            ["T-content exports[1].subject"]
        ),
        (#""exports":[{"subject":"a","type":"stream","response_type":"Singleton"}]"#, ["T-content exports[0]"]),
        (#""exports":[{"subject":"a","type":"service","account_token_position":2}]"#, ["T-content exports[0]"]),
        (
            #""exports":[{"subject":"a","type":"service","service_latency":{"sampling":1}}]"#,
            ["T-content exports[0].service_latency"]
        ),
        (
            #""exports":[{"subject":"a.b","type":"stream"},{"subject":"a.*","type":"stream"}]"#,
            ["T-content exports[0].subject"]
        ),
        (#""exports":[{"subject":"a","type":"stream","revocations":{"x":1}}]"#, ["T-key exports[0].revocations.x"]),
        (#""imports":[{"subject":"a","account":"x","type":"stream"}]"#, ["T-key imports[0].account"]),
        (
            #""imports":[{"account":"KEY","type":"stream"},{"account":"KEY"}]"#,
            ["T-content imports[0]", "T-content imports[1]", "T-content imports[1]"]
        ),
        (
            #""imports":[{"subject":"a","account":"KEY","type":"stream","to":["x"]}]"#,
            ["T-json imports[0].to", "T-content imports[0].to"]
        ),
        (
            #""imports":[{"subject":"a","account":"KEY","type":"stream","to":{"x":1}}]"#,
            ["T-json imports[0].to", "T-content imports[0].to"]
        ),
        (#""imports":[{"subject":"a","account":"KEY","type":"stream","to":""}]"#, []),
        (#""revocations":{"x":1}"#, ["T-key revocations.x"]),
        (#""mappings":{"a..b":[{"subject":"c","weight":100}]}"#, ["T-content mappings.a..b"]),
        (#""mappings":{"a":[{"subject":"c","weight":300}]}"#, ["T-json mappings.a[0].weight"]),
        (#""default_permissions":{"sub":{"deny":["a","b..c"]}}"#, ["T-content default_permissions.sub.deny[1]"]),
        (#""tags":["a",1,"b",[2]]"#, ["T-json tags[1]", "T-json tags[3]"]),
        (#""authorization":{"auth_users":["x"]}"#, ["T-key authorization.auth_users[0]"]),
        (#""trace":{"sampling":5}"#, ["T-content trace"]),
        (#""trace":{"dest":"a","sampling":101}"#, ["T-content trace.sampling"]),
        (
            #""signing_keys":["x",{"kind":"user_scope","key":"x"}]"#,
            ["T-key signing_keys[0]", "T-key signing_keys[1].key"]
        ),
        (#""signing_keys":[{"kind":"user_scope"}]"#, ["T-key signing_keys[0]"]),
        (#""x":{"a":[1,{"b":2,"b":3}]}"#, ["T-json x.a[1].b", "T-content x"]),
        (#""x":{"q\"}[,:":{"b":2,"\u0062":3}}"#, [#"T-json x.q\"}[,:.\u0062"#, "T-content x"]),
        (#""Exports":[]"#, ["T-json Exports", "T-content Exports"]),
        (#""x":1,"exports":[{"y":2,"subject":"a","type":"stream"}]"#, ["T-content x", "T-content exports[0].y"]),
        (
            #""signing_keys":[{"kind":"user_scope","key":"KEY","template":{"pub":{"allow":["ok","a b"]},"src":["x"]}}]"#,
            ["C-template signing_keys[0].template.pub.allow[1]", "C-template signing_keys[0].template.src[0]"]
        ),
    ]

    @Test(arguments: accounts)
    func `a finding says where it stands in an account token`(content: String, findings: [String]) throws {
        let forge = try TokenForge()
        let filled = content.replacing("KEY", with: try KeyPair.generate(.account).publicKey.text)
        let report = TokenForge.report(try forge.token(forge.accountPayload(content: "," + filled), by: forge.operator))
        #expect((report.failures + report.warnings).map { "\($0.rule.code) \($0.place)" } == findings)
    }

    static let users: [(top: String, content: String, findings: [String])] = [
        (#","exp":-1"#, "", ["T-json exp"]), (#","nbf":1.5"#, "", ["T-json nbf"]), (#","ISS":"x""#, "", ["T-json ISS"]),
        (#","name":null"#, "", ["T-json name"]), (#","x":{"y":1,"y":2}"#, "", ["T-json x.y"]),
        ("", #","src":["10.0.0.0/8","x"]"#, ["T-content src[1]"]), ("", #","src":"x,10.0.0.0/8""#, ["T-content src"]),
        ("", #","times":[{"start":"1","end":"2"}]"#, ["T-content times[0]"]),
        ("", #","times_location":"Nowhere""#, ["T-content times_location"]),
        ("", #","pub":{"allow":["a"],"deny":[" "]}"#, ["T-content pub.deny[0]"]),
        ("", #","issuer_account":"x""#, ["T-key issuer_account"]), ("", #","subs":"1""#, ["T-json subs"]),
        ("", #","resp":{"max":1,"more":2}"#, ["T-content resp.more"]), ("", #","subs":-0"#, ["T-json subs"]),
        ("", #","data":9223372036854775808"#, ["T-json data"]),
    ]

    @Test(arguments: users)
    func `a finding says where it stands in a user token`(top: String, content: String, findings: [String]) throws {
        let forge = try TokenForge()
        let report = TokenForge.report(
            try forge.token(forge.userPayload(top: top, content: content), by: forge.account))
        #expect((report.failures + report.warnings).map { "\($0.rule.code) \($0.place)" } == findings)
    }

    @Test func `a walker gives the same paths in any order`() {
        let text = Array(#"{"a":[{"b":"c","d":[[],[1,"e"]]},2],"f":{"g":{}},"h":"\"]}"}"#.utf8)
        JSONInvariants.padded(text) { bytes in
            let offsets = Array(0...text.count + 2)
            var forward = JSONPath(bytes)
            let paths = offsets.map { forward.path(to: $0) }
            for offset in offsets.reversed() {
                var fresh = JSONPath(bytes)
                #expect(fresh.path(to: offset) == paths[offset])
                #expect(forward.path(to: offset) == paths[offset])
            }
            #expect(paths[2] == "a" && paths[6] == "a[0]" && paths[8] == "a[0].b" && paths[text.count] == "")
        }
    }
}
