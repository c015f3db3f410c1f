import NKeys
import Subjects
import Testing

@testable import Trust

/// Templates of roles, put together with the values of users.
@Suite struct TemplateTests {
    private let user = ChainWorld.pair(.user).publicKey
    private let account = ChainWorld.pair(.account).publicKey

    private func values(_ name: String = "joe", tags: [String] = []) -> TemplateValues {
        TemplateValues(name: name, subject: user, tags: tags, accountName: "acme", account: account)
    }

    private func expand(
        publishAllow: [String]? = nil, deny: [String]? = nil, subscribeAllow: [String]? = nil,
        subscribeDeny: [String]? = nil, _ values: TemplateValues, policy: Policy = .strict
    ) -> Verdict<PermissionClaims> {
        var template = TemplatePermissions()
        template.publishAllow = publishAllow
        template.publishDeny = deny
        template.subscribeAllow = subscribeAllow
        template.subscribeDeny = subscribeDeny
        return template.expanded(for: values, policy: policy, at: "signing_keys[2]")
    }

    private func allowed(_ entry: String, _ values: TemplateValues) -> [String]? {
        expand(publishAllow: [entry], values).proof?.publishAllow?.map(\.text)
    }

    @Test(arguments: [
        ("u.{{name()}}", "u.joe"), ("u.{{ NAME() }}", "u.joe"), ("p{{name()}}s.>", "pjoes.>"), ("u.{{}}", "u.{{}}"),
        ("u.{{name()}", "u.{{name()}"), ("u.{name()}", "u.{name()}"), ("{{}}.{{name()}}", "{{}}.joe"),
        ("{{a}.{{name()}}", "{{a}.joe"), ("{{account-name()}}.{{name()}}", "acme.joe"), ("u.{{tag(team)}}", "u.red"),
        ("u.{{tag(TEAM)}}", "u.red"), ("u.{{\ttag(team) }}", "u.red"), ("{{name()}}}", "joe}"),
    ])
    func `a call is two braces, something, and two braces`(entry: String, expanded: String) {
        #expect(allowed(entry, values(tags: ["team:red"])) == [expanded])
    }

    @Test(arguments: [
        "{{bogus()}}", "{{name}}", "{{ }}", "{{subject( )}}", "{{{name()}}", "{{ {{name()}}", "{{name()x}}", "{{tag}}",
        "{{tag(a}}", "{{ta}}", "{{name()}}.{{tag(zz)}}.{{nope()}}",
    ])
    func `a function that is not known refuses, in an allow list too`(entry: String) {
        let verdict = expand(publishAllow: ["ok", entry], values(tags: ["zz:1"]))
        #expect(verdict.failures.map(\.detail) == [.templateFunctionUnknown])
        #expect(verdict.codes == ["C-template at signing_keys[2].template.pub.allow[1]"])
        #expect(TemplateText.fault(in: entry, .publish) == .templateFunctionUnknown)
    }

    @Test(arguments: [
        "{{tag()}}", "{{Tag(team)}}", "{{TAG(team)}}", "{{tag( team )}}", "{{tag(tea)}}", "{{account-tag(team)}}",
    ])
    func `a tag that no user has drops an allow entry and refuses a deny entry`(entry: String) {
        let values = values(tags: ["team:red", "Team:blue", "team"])
        let allow = expand(publishAllow: [entry, "k.{{name()}}"], values)
        #expect(allow.proof?.publishAllow?.map(\.text) == ["k.joe"])
        #expect(allow.warnings.map(\.place.path) == ["signing_keys[2].template.pub.allow[0]"])
        let deny = expand(deny: ["k.{{name()}}", entry], values)
        #expect(deny.codes == ["C-template at signing_keys[2].template.pub.deny[1]"])
    }

    @Test(arguments: [
        "", ">", "*", "a.b", ".", "a.", "a*", ">a", "a b", "a\tb", "a\u{7f}", "a\u{85}", "{{name()}}", "a{{b",
    ])
    func `a value that is not one literal token refuses`(name: String) {
        let values = values(name)
        for verdict in [
            expand(publishAllow: ["u.{{name()}}"], values), expand(deny: ["u.{{name()}}"], values),
            expand(subscribeAllow: ["u.x{{name()}}x"], values),
        ] {
            #expect(verdict.failures.contains { $0.rule == .templateValue })
        }
        let tagged = expand(publishAllow: ["u.{{tag(t)}}"], self.values(tags: ["t:fine", "t:\(name)"]))
        #expect(tagged.failures.map(\.detail) == [.templateValueNotLiteral(function: "tag(t)")])
    }

    @Test func `the compatible policy allows dots in values and nothing else`() {
        let dotted = expand(publishAllow: ["u.{{name()}}"], values("a.b"), policy: .compatible)
        #expect(dotted.proof?.publishAllow?.map(\.text) == ["u.a.b"])
        for name in ["a..b", ".a", "a.>", "a.*.b", "a b"] {
            #expect(!expand(publishAllow: ["u.{{name()}}"], values(name), policy: .compatible).isAccepted)
        }
    }

    @Test func `a relaxed rule about values puts them in as they are`() {
        var policy = Policy.strict
        policy.relaxed = [.templateValue]
        let wide = expand(publishAllow: ["u.{{name()}}"], values(">"), policy: policy)
        #expect(wide.proof?.publishAllow?.map(\.text) == ["u.>"])
        #expect(wide.warnings.map(\.rule) == [.templateValue])
        #expect(expand(deny: ["u.{{name()}}.x"], values(">"), policy: policy).failures.map(\.rule) == [.template])
    }

    @Test func `calls written alike have one value, others make all combinations, each once`() {
        let values = values(tags: ["a:1", "a:2", "a:1", "b:x", "b:y"])
        #expect(allowed("{{tag(a)}}.{{tag(a)}}", values) == ["1.1", "2.2"])
        #expect(allowed("{{tag(a)}}.{{ tag(a) }}", values) == ["1.1", "1.2", "2.1", "2.2"])
        #expect(allowed("{{tag(a)}}.{{tag(b)}}", values) == ["1.x", "1.y", "2.x", "2.y"])
    }

    @Test func `a list expands to 4096 subjects and not to one more`() {
        func tagged(_ count: Int) -> TemplateValues { values(tags: (0..<count).map { "a:\($0)" }) }
        #expect(expand(publishAllow: ["{{tag(a)}}"], tagged(4096)).proof?.publishAllow?.count == 4096)
        let tooMany = expand(publishAllow: ["{{tag(a)}}"], tagged(4097))
        #expect(tooMany.failures.map(\.detail) == [.templateTooLarge(limit: 4096)])
        #expect(expand(publishAllow: ["{{tag(a)}}", "x.{{name()}}"], tagged(4096)).failures.count == 1)
        // Repeated calls count as the field counts them, and overflow is no way out.
        #expect(expand(deny: ["{{tag(a)}}.{{tag(a)}}"], tagged(64)).proof?.publishDeny?.count == 64)
        #expect(!expand(deny: ["{{tag(a)}}.{{tag(a)}}"], tagged(65)).isAccepted)
        let power = Array(repeating: "{{tag(a)}}", count: 40).joined(separator: ".")
        #expect(expand(publishAllow: [power], tagged(4)).failures.map(\.detail) == [.templateTooLarge(limit: 4096)])
    }

    @Test func `hostile templates run out of their budget soon`() {
        let tags = (0..<20_000).map { "k\($0):v" }
        let calls = (0..<20_000).map { "{{tag(z\($0))}}" }
        let missing = expand(publishAllow: calls, values(tags: tags))
        #expect(missing.failures.map(\.detail) == [.budgetExhausted("the role's template")])
        let braces = String(repeating: "{", count: 1 << 20)
        #expect(TemplateText.nextCall(in: (braces + "}").utf8Span.span, from: 0) == nil)
        let long = Array(repeating: "{{name()}}", count: 60_000).joined()
        #expect(expand(deny: [long], values()).codes == ["C-template at signing_keys[2].template.pub.deny[0]"])
    }

    @Test func `a queue beside a template is dropped from an allow list and refuses in a deny list`() {
        let allow = expand(subscribeAllow: ["a q", "u.{{name()}}", "u.{{name()}} q"], values())
        #expect(allow.proof?.subscribeAllow?.map(\.text) == ["u.joe"])
        #expect(allow.warnings.count == 2)
        #expect(expand(subscribeDeny: ["a q", "u.{{name()}}"], values()).failures.count == 1)
        #expect(expand(subscribeDeny: ["u.{{name()}} q"], values()).failures.count == 1)
        #expect(expand(subscribeAllow: ["a q"], values()).proof?.subscribeAllow?.map(\.text) == ["a q"])
    }

    @Test func `a direction whose allow entries were all dropped is denied`() {
        let verdict = expand(publishAllow: ["{{tag(no)}}"], deny: ["x"], subscribeAllow: [], values())
        #expect(verdict.proof?.publishAllow == nil)
        #expect(verdict.proof?.publishDeny?.map(\.text) == ["x", ">"])
        #expect(verdict.proof?.subscribeAllow == [])
        #expect(verdict.proof?.subscribeDeny == nil)
    }

    @Test func `what is judged and what is expanded agree`() {
        let entries = [
            "a", "u.{{name()}}", "{{tag(a)}}.{{tag(b)}}", "{{tag(no)}}", "x {{name()}}", "..{{name()}}", "{{nope()}}",
            "a q", "{{tag(bad)}}",
        ]
        let values = values(tags: ["a:1", "a:2", "b:3", "bad:*"])
        for first in entries {
            for second in entries {
                for list in TemplateList.allCases {
                    var template = TemplatePermissions()
                    switch list {
                    case .publishAllow: template.publishAllow = [first, second]
                    case .publishDeny: template.publishDeny = [first, second]
                    case .subscribeAllow: template.subscribeAllow = [first, second]
                    case .subscribeDeny: template.subscribeDeny = [first, second]
                    }
                    var judging = TemplateExpansion(values, for: .judging, at: .whole, policy: .strict)
                    judging.judge(template)
                    let place: PermissionEntry.Place =
                        list == .publishAllow || list == .publishDeny ? .publish : .subscribe
                    let isFaulty = [first, second].contains { TemplateText.fault(in: $0, place) != nil }
                    #expect(
                        template.expanded(for: values).isAccepted == (!judging.judgement.hasFailed && !isFaulty),
                        "\(first) and \(second) in \(list)")
                }
            }
        }
    }
}
