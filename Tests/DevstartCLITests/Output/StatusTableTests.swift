import DevstartCLI
import DevstartCore
import Testing

@Suite struct StatusTableTests {
  private func status(_ name: String, _ state: ServiceState, pid: Int32? = nil) -> ServiceStatus {
    var status = ServiceStatus(name: name)
    status.state = state
    status.pid = pid
    if pid != nil {
      status.uptimeSeconds = 123
      status.memoryBytes = 8_912_896
      status.cpuPercent = 1.5
    }
    return status
  }

  private func lines(
    _ services: [ServiceStatus], unlisted: [ServiceStatus] = [], width: Int? = nil
  ) -> [String] {
    StatusTable(style: Style(isColoured: false), width: width).lines(
      of: services, unlisted: unlisted)
  }

  @Test func `the table lines up`() {
    var api = status("api", .stopped)
    api.ports = [8000, 8001]
    var bot = status("bot", .failed)
    bot.exit = .signal("KILL")
    #expect(
      lines(
        [status("mtproto", .ready, pid: 4720), bot, api], unlisted: [status("old", .ready, pid: 7)])
        == [
          "NAME     STATE     PID  UPTIME     MEM   CPU  PORTS, NOTES",
          "mtproto  ready    4720   2m03s  8.5 MB  1.5%",
          "bot      failed      -       -       -     -  ended by KILL",
          "api      stopped     -       -       -     -  :8000 :8001",
          "old      ready       7   2m03s  8.5 MB  1.5%   *",
        ])
  }

  @Test func `no line is wider than the terminal`() {
    var long = status(String(repeating: "long-name-", count: 9), .ready, pid: 4_194_303)
    long.reason = String(repeating: "reason ", count: 30)
    for width in [60, 80, 120] {
      for line in lines([long, status("b", .stopped)], width: width) {
        #expect(TextWidth.columns(of: line) <= width)
      }
    }
  }

  @Test func `a reason that is too long stands below its row, whole`() {
    var bot = status("bot", .failed)
    bot.ports = [8000]
    bot.reason =
      "ended by itself with 0 after 36 ms, before it was ready (if it put itself into "
      + "the background, keep it in the foreground)"
    #expect(
      lines([bot], width: 80) == [
        "NAME  STATE   PID  UPTIME  MEM  CPU  PORTS, NOTES",
        "bot   failed    -       -    -    -  :8000",
        "    ended by itself with 0 after 36 ms, before it was ready (if it put itself",
        "    into the background, keep it in the foreground)",
      ])
    let live = StatusTable(style: Style(isColoured: false), width: 80, isLive: true)
    #expect(live.lines(of: [bot]).count == 2)
  }

  @Test func `a pipe gets the whole reason`() {
    var bot = status("bot", .failed)
    bot.reason = String(repeating: "reason ", count: 30) + "end"
    #expect(lines([bot])[1].hasSuffix("reason end"))
  }

  @Test func `colours do not move columns`() {
    let table = StatusTable(style: Style(isColoured: true), width: 80)
    let line = table.lines(of: [status("bot", .ready, pid: 1)])[1]
    #expect(line.contains("\u{1B}[32mready"))
    var terminal = FakeTerminal(columns: 80)
    terminal.write(line)
    #expect(terminal.lines[0].hasPrefix("bot   ready"))
  }
}
