import DevstartCore
import Testing

@Suite struct EndpointQuestionTests {
  private let project = EndpointDoor(owner: .project, host: "127.0.0.1", address: .loopback4)
  private let bot = EndpointDoor(owner: .service("bot"), host: "127.0.0.1", address: .loopback4)

  private func ask(_ path: String, at door: EndpointDoor) -> EndpointQuestion {
    EndpointQuestion(HTTPRequest(.get, path, host: "localhost"), at: door)
  }

  @Test func `each page is found where it is`() {
    #expect(ask("/health", at: project) == .health(.project))
    #expect(ask("/ready", at: bot) == .ready(.service("bot")))
    #expect(ask("/metrics", at: bot) == .metrics(.service("bot"), .json))
    #expect(ask("/services/a.b/health", at: project) == .health(.service("a.b")))
  }

  @Test(arguments: [
    "/", "//", "/Health", "/health/", "//health", "/services", "/services/a", "/services/a/",
    "/services//health/x", "/services/a/b/health", "/health%20", "/../health",
  ])
  func `anything else is unknown`(path: String) {
    #expect(ask(path, at: project) == .unknown)
    #expect(ask(path, at: bot) == .unknown)
    #expect(ask("/services/bot/health", at: bot) == .unknown)
  }

  @Test func `who is lost is shown the pages, and not those of a hundred services`() throws {
    func shown(_ owner: EndpointOwner, _ count: Int) throws -> JSON {
      let names = (0..<count).map { "s\($0)" }
      return try JSON.parse(HTTPResponse.notFound(at: owner, services: names).body)
    }
    #expect(try shown(.service("s0"), 100)["paths"]?.array?.count == 3)
    let few = try shown(.project, 2)
    #expect(few["paths"]?.array?.last?.string == "/services/s1/metrics")
    #expect(few["error"]?.string == "there is no such page")
    let many = try shown(.project, 100)
    #expect(many["paths"]?.array?.count == 63)
    #expect(many["error"]?.string?.contains("80 more services") == true)
  }

  @Test(arguments: [
    ("127.0.0.1", true), ("127.0.0.1:9090", true), ("127.0.0.1:1", true), ("localhost", true),
    ("LocalHost:80", true), ("[::1]:9090", false), ("127.0.0.2", false), ("evil.example", false),
    ("127.0.0.1.evil.example", false), ("localhost.evil.example:9090", false), ("", false),
    ("127.0.0.1:", false), ("127.0.0.1:x", false), ("127.0.0.1 ", false), ("2130706433", false),
    ("0.0.0.0", false), ("a@127.0.0.1", false),
  ])
  func `only a Host that means this address is answered`(host: String, isMeant: Bool) {
    #expect(project.isMeant(by: host) == isMeant)
    let question = EndpointQuestion(HTTPRequest(.get, "/health", host: host), at: project)
    if case .refused(.misdirected, _) = question {
      #expect(!isMeant)
    } else {
      #expect(isMeant)
    }
  }

  @Test func `the configured host and the address of the connection are meant`() throws {
    let address = try #require(IPAddress("10.0.0.7"))
    let open = EndpointDoor(owner: .project, host: "0.0.0.0", address: address)
    #expect(open.isMeant(by: "10.0.0.7:9090") && open.isMeant(by: "0.0.0.0"))
    #expect(!open.isMeant(by: "10.0.0.8"))
    let six = EndpointDoor(owner: .project, host: "localhost", address: .loopback6)
    #expect(six.isMeant(by: "[::1]:9090") && six.isMeant(by: "127.0.0.1"))
  }

  @Test func `other methods and content are refused, in that order after the host`() {
    var request = HTTPRequest(.other, "/health", host: "evil.example")
    request.hasContent = true
    func status(_ request: HTTPRequest) -> HTTPStatus? {
      if case .refused(let status, _) = EndpointQuestion(request, at: project) {
        status
      } else {
        nil
      }
    }
    #expect(status(request) == .misdirected)
    request.host = "localhost"
    #expect(status(request) == .methodNotAllowed)
    request.method = .head
    #expect(status(request) == .contentTooLarge)
    request.hasContent = false
    #expect(status(request) == nil)
  }
}
