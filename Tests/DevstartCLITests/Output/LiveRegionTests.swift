import DevstartCLI
import Testing

@Suite struct LiveRegionTests {
  @Test func `lines are drawn again in their place`() {
    var terminal = FakeTerminal(columns: 20)
    var region = LiveRegion()
    terminal.write("$ devstart\n")
    terminal.write(region.redraw(live: ["one is long", "two"], columns: 20))
    terminal.write(region.redraw(live: ["one", "two"], columns: 20))
    #expect(terminal.lines == ["$ devstart", "one", "two", ""])
  }

  @Test func `what stays is above, and fewer lines leave nothing behind`() {
    var terminal = FakeTerminal(columns: 20)
    var region = LiveRegion()
    terminal.write(region.redraw(live: ["a", "b", "c"], columns: 20))
    terminal.write(region.redraw(live: ["c"], above: ["a done"], columns: 20))
    #expect(terminal.lines == ["a done", "c", ""])
    terminal.write(region.redraw(live: [], above: ["b done", "c done"], columns: 20))
    #expect(terminal.lines == ["a done", "b done", "c done", ""])
  }

  @Test func `a line wider than the terminal is cut, never wrapped`() {
    var terminal = FakeTerminal(columns: 10)
    var region = LiveRegion()
    let style = Style(isColoured: true)
    let line = style.paint("✓", .green) + " " + style.paint("a long name", .bold) + " ready"
    for _ in 0..<3 { terminal.write(region.redraw(live: [line, "x"], columns: 10)) }
    #expect(terminal.lines == ["✓ a long…", "x", ""])
  }

  @Test func `a terminal that becomes narrower keeps nothing of what it has wrapped`() {
    var terminal = FakeTerminal(columns: 20)
    var region = LiveRegion()
    terminal.write("$ devstart\n")
    terminal.write(region.redraw(live: ["\u{1B}[1m0123456789012\u{1B}[0m", "two"], columns: 20))
    terminal.narrow(to: 10)
    #expect(terminal.lines == ["$ devstart", "0123456789", "012", "two", ""])
    terminal.write(region.redraw(live: ["0123456789012", "two"], columns: 10))
    #expect(terminal.lines == ["$ devstart", "01234567…", "two", ""])
    terminal.write(region.erase(columns: 10))
    #expect(terminal.lines == ["$ devstart", ""])
  }

  @Test func `after a message the lines are drawn below it`() {
    var terminal = FakeTerminal(columns: 20)
    var region = LiveRegion()
    terminal.write(region.redraw(live: ["a", "b"], columns: 20))
    terminal.write(region.erase(columns: 20))
    terminal.write("message\n")
    terminal.write(region.redraw(live: ["a", "b"], columns: 20))
    #expect(terminal.lines == ["message", "a", "b", ""])
    region.leave()
    terminal.write(region.redraw(live: ["c"], columns: 20))
    #expect(terminal.lines == ["message", "a", "b", "c", ""])
  }
}
