import DevstartCore
import Testing

@Suite struct SplitRuleTests {
  @Test(arguments: [
    #"["python3", "-u", "worker.py", "1"]"#, #""exec python3 -u 'worker.py' 1""#,
  ])
  func `words that stand in several arguments fit nothing`(command: String) throws {
    let wrong = try service(#""match": ["-u", "worker.py 1"]"#, command: command)
    #expect(SplitRule.text(of: wrong) == "worker.py 1")
    let right = try service(#""match": "worker.py""#, command: command)
    #expect(SplitRule.text(of: right) == nil)
  }

  @Test(arguments: [
    #"["sh", "-c", "exec worker.py 1"]"#, #"["npm", "run", "dev"]"#, #""a && worker.py 1""#,
  ])
  func `what stands in one argument, or what a child may have, is not judged`(
    command: String
  ) throws {
    let service = try service(#""match": "worker.py 1""#, command: command)
    #expect(SplitRule.text(of: service) == nil)
    #expect(Words.splitRule(of: service) == nil)
  }

  @Test func `the advice is a rule that fits`() throws {
    let problem = try Words.splitRule(
      of: service(#""match": "w.py 1""#, command: #"["w.py", "1"]"#))
    #expect(problem?.hasSuffix(#"or write {"regex": "w\\.py 1( |$)"}"#) == true, "\(problem ?? "")")
    let rule = MatchRule.pattern(#"w\.py 1( |$)"#)
    #expect(rule.fits(Fake.process(1, ["w.py", "1"])))
    #expect(!rule.fits(Fake.process(1, ["w.py", "10"])))
  }
}
