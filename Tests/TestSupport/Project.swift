package import DevstartCore
import Foundation
package import Testing

/// A temporary folder with a manifest, and everything that is started in it.
///
/// Commands run with an environment of their own, so that nothing of the machine's leaks in and
/// every process made has the folder's path in its environment.
package final class Project {
  /// The temporary folder: `project/` (the manifest's), `home/`, `tmp/`, `run/`, `bin/`.
  package let base: String
  /// The manifest's folder.
  package let folder: String
  /// Where the fixture records every process it makes.
  package let recordsPath: String
  /// The environment of every command.
  package var environment: [String: String]
  /// Who runs the commands; nil is the test's own user.
  package var user: UInt32?
  /// What the test itself started, and ends.
  private(set) var commands: [RunningCommand] = []

  /// An empty project; `name` is the manifest's folder.
  package init(name: String = "project") throws {
    var template = Array("/tmp/devstart-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw TimedOut(description: "mkdtemp: \(errno)") }
    base = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    folder = "\(base)/\(name)"
    recordsPath = "\(base)/pids"
    chmod(base, 0o755)
    for name in ["home", "tmp", "bin"] { try Files.makeFolder("\(base)/\(name)") }
    try Files.makeFolder("\(base)/run", mode: 0o700)
    try Files.makeFolder(folder)
    try Files.write("", to: recordsPath, mode: 0o666)
    environment = [
      "PATH": "\(base)/bin:/usr/local/bin:/usr/bin:/bin", "HOME": "\(base)/home",
      "TMPDIR": "\(base)/tmp", "XDG_RUNTIME_DIR": "\(base)/run", "LANG": "C.UTF-8",
      "FIXTURE_PIDS": recordsPath,
    ]
  }

  package func path(_ name: String) -> String { "\(folder)/\(name)" }

  package var manifestPath: String { path("devstart.json") }

  /// Writes the manifest. Each service whose command is the fixture records its name as the kind
  /// of its main process, so that no two services have the same command.
  package func write(_ services: JSON, top: JSON = [:]) throws {
    let named = (services.members ?? []).map { member in
      JSON.Member(key: member.key, value: member.value.recording(member.key))
    }
    let members = (top.members ?? []) + [JSON.Member(key: "services", value: JSON(.object(named)))]
    try Files.write(JSON(.object(members)).indentedText, to: manifestPath)
  }

  /// Gives the whole folder to another user, who runs the commands from now on.
  package func hand(to user: UInt32) {
    self.user = user
    let names = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
    for name in [""] + names { lchown("\(base)/\(name)", user, user) }
  }

  /// A copy of the fixture under another name, as such as `python3`; its words follow `--do`.
  @discardableResult
  package func program(named name: String) throws -> String {
    let path = "\(base)/bin/\(name)"
    if !Files.exists(path) { try Files.copy(Build.fixture, to: path) }
    return path
  }
}

// MARK: Commands

extension Project {
  /// Runs `devstart` to its end; records an issue where `exits` is another code than its own.
  @discardableResult
  package func run(
    _ arguments: String..., exits: Int32? = nil, environment: [String: String] = [:],
    in folder: String? = nil, within time: Duration = .seconds(30),
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> CommandResult {
    let command = try spawn(arguments, environment: environment, in: folder)
    let result = try command.wait(within: time)
    if let exits, result.status != exits {
      let words = arguments.joined(separator: " ")
      Issue.record(
        "devstart \(words) exits \(result.status), not \(exits): \(result.output)\(supervisorLog)",
        sourceLocation: sourceLocation)
    }
    if result.status == 0 { waitUntilSettled() }
    return result
  }

  /// Starts `devstart` and does not wait.
  package func spawn(
    _ arguments: [String], environment: [String: String] = [:], in folder: String? = nil,
    change: (inout RunningCommand.Plan) -> Void = { _ in }
  ) throws -> RunningCommand {
    try start(
      Build.devstart, ["devstart"] + arguments, environment: environment, in: folder,
      change: change)
  }

  package func spawn(_ arguments: String...) throws -> RunningCommand { try spawn(arguments) }

  /// Signals a command with the answer that it waits for: it is stopped while a service, which
  /// waits at the gate, gets ready.
  package func signal(
    _ command: RunningCommand, _ number: Int32, as service: String, passes gate: Gate
  ) throws {
    command.signal(SIGSTOP)
    gate.open()
    try run("wait", service, "--for", "ready", exits: 0)
    command.signal(number)
    command.signal(SIGCONT)
  }

  /// Starts any program, with the name it is called by among its arguments.
  package func start(
    _ program: String, _ arguments: [String], environment: [String: String] = [:],
    in folder: String? = nil, change: (inout RunningCommand.Plan) -> Void = { _ in }
  ) throws -> RunningCommand {
    var plan = RunningCommand.Plan(program: program, arguments: arguments)
    plan.environment = self.environment.merging(environment) { $1 }
    plan.folder = folder ?? self.folder
    plan.user = user
    change(&plan)
    let command = try RunningCommand(plan)
    commands.append(command)
    return command
  }

  /// Starts the fixture, or a copy of it, as from another terminal and waits until it settled.
  package func startByHand(
    _ program: String, _ arguments: [String], in folder: String? = nil,
    change: (inout RunningCommand.Plan) -> Void = { _ in }
  ) throws -> RunningCommand {
    let command = try start(program, arguments, in: folder) { plan in
      plan.startsSession = true
      change(&plan)
    }
    try waitForRecord("settled", of: command.pid)
    return command
  }

  /// The same for the fixture itself, with these words.
  package func startFixture(_ words: [String], in folder: String? = nil) throws -> RunningCommand {
    try startByHand(Build.fixture, ["devstart-fixture"] + words, in: folder)
  }

  package func startFixture(_ words: String...) throws -> RunningCommand {
    try startFixture(words)
  }
}
