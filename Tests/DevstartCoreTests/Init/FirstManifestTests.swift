import DevstartCore
import Testing

@Suite struct FirstManifestTests {
  private func manifest(
    _ texts: [String: String] = [:], present: Set<String> = []
  ) -> FirstManifest {
    FirstManifest(
      for: FolderFacts(texts: texts.mapValues { Array($0.utf8) }, present: present))
  }

  /// What the written file says, read as any other.
  private func decoded(
    _ texts: [String: String] = [:], present: Set<String> = []
  ) throws -> Manifest {
    let text = manifest(texts, present: present).text
    return try decode(text, envFiles: ["/project/.env": texts[".env"] ?? ""])
  }

  @Test func `a folder without anything known gets an example that runs everywhere`() throws {
    let manifest = manifest()
    #expect(manifest.services.isEmpty && manifest.notes == [.template])
    let service = try #require(try decoded().services.first)
    #expect(
      service.name == "web" && service.command == .shell("while true; do date; sleep 5; done"))
    #expect(manifest.text.contains("// \"ports\": [8000],"))
  }

  @Test(arguments: [
    (#"{"scripts": {"dev": "vite", "start": "node ."}}"#, [], ["npm", "run", "dev"]),
    (#"{"scripts": {"start": "node ."}}"#, ["yarn.lock"], ["yarn", "run", "start"]),
    (
      #"{"scripts": {"dev": "x"}, "packageManager": "pnpm@9.1"}"#, ["yarn.lock"],
      ["pnpm", "run", "dev"]
    ),
    (
      #"{"scripts": {"dev": "x"}, "packageManager": "rm -rf@1"}"#, ["bun.lockb"],
      ["bun", "run", "dev"]
    ),
  ])
  func `a package's script is run by the package manager in use`(
    text: String, present: [String], words: [String]
  ) throws {
    let services = try decoded(["package.json": text], present: Set(present)).services
    #expect(services.map(\.command) == [.arguments(words)])
    #expect(services.first?.ports == [], "where it listens is not known")
  }

  @Test(arguments: [#"{"scripts": {"test": "jest"}}"#, "{}", "[]", #"{"scripts": {"dev": 3}}"#])
  func `a package without such a script starts nothing`(text: String) {
    #expect(manifest(["package.json": text]).notes == [.template])
  }

  @Test func `a package.json that is no JSON is named, not guessed at`() throws {
    let manifest = manifest(["package.json": "{ scripts"])
    guard case .unreadable("package.json", let reason) = manifest.notes.first else {
      Issue.record("\(manifest.notes)")
      return
    }
    #expect(!reason.isEmpty)
    #expect(try decode(manifest.text).services.map(\.name) == ["web"])
  }

  @Test func `Django is run by the virtual environment's Python, on its port`() throws {
    let plain = try #require(try decoded(present: ["manage.py"])["django"])
    #expect(plain.command == .arguments(["python3", "manage.py", "runserver"]))
    #expect(plain.ports == [8000])
    let own = try decoded(present: ["manage.py", "venv/bin/python", ".venv/bin/python"])
    #expect(
      own["django"]?.command == .arguments([".venv/bin/python", "manage.py", "runserver"]))
  }

  @Test func `a backend and a front end are two services`() throws {
    let names = try decoded(
      ["package.json": #"{"scripts": {"dev": "vite"}}"#], present: ["manage.py"]
    ).services.map(\.name)
    #expect(names == ["django", "web"])
  }

  @Test func `a Procfile's processes are the services, and nothing beside them`() throws {
    let procfile = """
      # the whole system
      web: bundle exec puma -p $PORT
      worker:   sidekiq -C config.yml
      release: rake db:migrate
      pages: PORT=${PORT:-1} node server.js $PORTION

      no process
      """
    let services = try decoded(
      ["Procfile": procfile, "package.json": #"{"scripts": {"dev": "vite"}}"#],
      present: ["manage.py"]
    ).services
    #expect(services.map(\.name) == ["web", "worker", "release", "pages"])
    #expect(
      services.map(\.command) == [
        .shell("bundle exec puma -p $PORT"), .shell("sidekiq -C config.yml"),
        .shell("rake db:migrate"), .shell("PORT=${PORT:-1} node server.js $PORTION"),
      ])
    #expect(services.map(\.ports) == [[5000], [], [], [5300]])
    #expect(services.map { $0.environment["PORT"] } == ["5000", nil, nil, "5300"])
    #expect(services.map(\.isOneshot) == [false, false, true, false])
  }

  @Test func `Procfile.dev is what developers use`() throws {
    let texts = ["Procfile": "web: puma", "Procfile.dev": "web: rails s\ncss: sass --watch"]
    #expect(try decoded(texts).services.map(\.name) == ["web", "css"])
  }

  @Test func `the .env beside a Procfile counts where devstart understands it`() throws {
    let both = try decoded(["Procfile": "web: x", ".env": "A=1\n"])
    #expect(both["web"]?.environment == ["A": "1"])
    #expect(try decoded(["Procfile": "web: x", ".env": "what is this"])["web"]?.environment == [:])
    #expect(try decoded(["package.json": "{}", ".env": "A=1"])["web"]?.environment == [:])
  }

  @Test func `names that a manifest cannot have become others`() throws {
    let procfile = "start: a\nall: b\nweb: c\nweb: d\n-x: e\n--: f"
    let names = try decoded(["Procfile": procfile]).services.map(\.name)
    #expect(names == ["start_service", "all_service", "web", "web_2", "x", "service"])
  }

  @Test func `a Swift package's products are run, else its executable targets`() throws {
    let targets = """
      // .executable(name: "old", targets: [])
      /* .executableTarget(name: "older") */
      targets: [.target(name: "Core"), .executableTarget(
        name : "server", dependencies: []), .executableTarget(name: tool),
        .executableTarget(name: "a//b"), .testTarget(name: "Tests")]
      """
    let services = try decoded(["Package.swift": targets]).services
    #expect(services.map(\.name) == ["server", "a__b"])
    #expect(services.first?.command == .arguments(["swift", "run", "server"]))
    let products = "products: [.library(name: \"L\"), .executable(name: \"api\", targets: [])]"
    #expect(try decoded(["Package.swift": products + targets]).services.map(\.name) == ["api"])
    #expect(manifest(["Package.swift": ".target(name: \"L\")"]).notes == [.template])
  }

  @Test func `a compose file is mentioned, and starts nothing`() {
    let manifest = manifest(present: ["docker-compose.yml", "compose.yaml"])
    #expect(manifest.notes == [.template, .composeFile("compose.yaml")])
  }

  @Test(arguments: [
    (nil, false, true), (nil, true, false), ("node_modules\n/logs/\r\n", true, true),
    ("logs\n", false, true), ("mylogs/\n# logs/\n", false, false), ("", false, false),
  ])
  func `that git is to ignore the logs is said where it does not`(
    text: String?, isRepository: Bool, isQuiet: Bool
  ) {
    let texts = text.map { [".gitignore": $0] } ?? [:]
    let notes = manifest(texts, present: isRepository ? [".git"] : []).notes
    #expect(notes == [.template] + (isQuiet ? [] : [.logsNotIgnored]))
  }

  @Test func `whatever the files hold, the manifest is one`() throws {
    let hostile = [
      "\"", "}", "*/", "//", "$$", "${", "${x}", "\u{0}", "\u{7}", "\\", "é", "\u{2028}", ":", "\t",
      "\r", "name", "#", "'", "`", "{\"scripts\":{\"dev\":\"", "web: ", ".executable(name: \"",
      ".executableTarget(name:\"", "\n",
    ]
    var random = SystemRandomNumberGenerator()
    for _ in 0..<3000 {
      func text() -> String {
        (0..<Int.random(in: 0...12, using: &random)).map { _ in
          hostile.randomElement(using: &random) ?? ""
        }.joined()
      }
      let texts = [
        "Procfile": text(), "Package.swift": text(), "package.json": text(), ".env": text(),
      ].filter { _ in Bool.random(using: &random) }
      do {
        let manifest = manifest(texts)
        let decoded = try decode(manifest.text, envFiles: ["/project/.env": texts[".env"] ?? ""])
        // And it means what was found.
        if !manifest.services.isEmpty {
          #expect(decoded.services.map(\.command) == manifest.services.map(\.command))
        }
      } catch {
        Issue.record("\(texts): \(error)")
      }
    }
  }
}
