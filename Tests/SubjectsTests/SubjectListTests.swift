import Subjects
import Testing

@Suite struct SubjectListTests {
    @Test func `a list gives its subjects back and decides each as it is decided alone`() throws {
        let permissions = try Permissions(
            publishAllow: ["a.*", "b.>"], publishDeny: ["b.c"], subscribeAllow: nil, subscribeDeny: [])
        let subjects = try ["a.x", "a", "b.c", "b.d.e", "z"].map { try Subject($0) }
        var list = SubjectList()
        for subject in subjects { list.append(subject) }
        #expect(list.count == subjects.count)
        for (index, subject) in subjects.enumerated() {
            #expect(list[index] == subject)
            #expect(permissions.decide(publish: list, at: index) == permissions.decide(publish: subject))
        }
        #expect(list[5] == nil && list[-1] == nil)
        #expect(permissions.decide(publish: list, at: 5) == nil)
    }
}
