import DevstartCore
import Glibc
import TestSupport
import Testing

/// The machine as a bad week leaves it: 33 processes of a project that wants 3.
@Suite(.waitsForProcesses) struct BadWeekTests {
  static let services: JSON = [
    "mtproto": .command(
      ["python3", "-m", "apps.mtproto.worker"],
      with: [
        "category": "workers", "match": ["apps.mtproto.worker", "multiprocessing.spawn"],
        "stop": ["timeout": "500ms"],
      ]),
    "bot": .command(
      ["python3", "-m", "apps.bot"],
      with: ["category": "workers", "match": "apps.bot", "stop": ["timeout": "500ms"]]),
    "api": .command(
      ["python3", "-m", "uvicorn", "apps.api:app"],
      with: ["category": "workers", "match": "apps.api:app"]),
  ]

  static let spawned = [
    "python3", "-c", "from multiprocessing.spawn import spawn_main; spawn_main(tracker_fd=5)",
    "--multiprocessing-fork",
  ]

  /// What the week left of the project: 33 processes, and three zombies.
  func leaveBehind(_ project: Project, _ python: String) throws {
    func start(_ arguments: [String], _ todo: String...) throws {
      _ = try project.startByHand(python, ["python3"] + arguments + ["--do"] + todo)
    }
    let worker = ["-m", "apps.mtproto.worker"]
    for _ in 0..<13 { try start(worker, "sleep") }
    // Workers with pools of their own, and one that never waits for its dead children.
    for _ in 0..<2 { try start(worker, "burst", "3") }
    try start(worker, "zombies")
    // Children of a pool whose parent is gone.
    for _ in 0..<6 { try start(Self.spawned, "orphan", "exit", "0") }
    try start(["-m", "apps.bot"], "sleep")
    try start(["-m", "apps.bot"], "ignore", "TERM")
    try start(["-m", "uvicorn", "apps.api:app", "--reload"], "child", "stopped", "sleep")
  }

  /// Who must not be touched, each in the way of a careless rule.
  func settleInnocents(_ project: Project, _ second: Project) throws -> [RunningCommand] {
    let worker = ["python3", "-m", "apps.mtproto.worker"]
    let (vim, tail) = (try project.program(named: "vim"), try project.program(named: "tail"))
    var innocents = [
      try project.startByHand(vim, ["vim", "apps/mtproto/worker.py", "apps.mtproto.worker"]),
      try project.startByHand(tail, ["tail", "-f", "logs/dev_apps.mtproto.worker.log"]),
      try project.startByHand(project.program(named: "python3"), ["python3", "-m", "http.server"]),
      try second.startByHand(second.program(named: "python3"), worker),
    ]
    if Build.isRoot {
      innocents.append(
        try project.startByHand(project.program(named: "python3"), worker) {
          $0.user = Build.ordinaryUser
        })
    }
    return innocents
  }

  @Test func `devstart workers ends a bad week with one of each`() throws {
    try withProject(Self.services) { project in
      try withProject(Self.services) { second in
        let python = try project.program(named: "python3")
        try leaveBehind(project, python)
        let left = Set(project.survivors.map { Int($0.pid) })
        #expect(left.count == 33)
        let innocents = try settleInnocents(project, second)
        try Files.write("4194000\n", to: project.pidFile("mtproto"))
        try Files.write("\(innocents[0].pid)\n", to: project.pidFile("bot"))
        try Files.write("not a number\n", to: project.pidFile("api"))

        let plan = try project.json("clean", "--dry-run", exits: 0)
        let found = Set(plan["found"]?.array?.compactMap { $0["pid"]?.integer } ?? [])
        #expect(found.symmetricDifference(left).isEmpty)

        let workers = try project.run("workers", exits: 0)
        #expect(workers.output.contains(/\b33\b/), "\(workers.output)")
        #expect(workers.output.contains("KILL"), "one ignores TERM")
        for word in ["mtproto", "bot", "api"] { #expect(workers.output.contains(word)) }
        for innocent in innocents { #expect(innocent.isAlive, "\(innocent.process.summary)") }
        let alive = project.survivors.filter { left.contains(Int($0.pid)) }
        #expect(alive.isEmpty, "\(alive)")
        let mains = try ["mtproto", "bot", "api"].map { try project.main(of: $0).pid }
        let own = project.survivors.map(\.pid).filter { pid in
          !innocents.contains { $0.pid == pid }
        }
        #expect(own.sorted() == mains.sorted())
        for (name, pid) in zip(["mtproto", "bot", "api"], mains) {
          #expect(Files.text(project.pidFile(name)) == "\(pid)\n")
        }
        try project.run("status", exits: 0)
        try project.run("stop", exits: 0)
        for innocent in innocents { #expect(innocent.isAlive, "\(innocent.process.summary)") }
      }
    }
  }
}
