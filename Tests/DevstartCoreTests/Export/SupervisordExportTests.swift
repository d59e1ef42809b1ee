import DevstartCore
import Testing

@Suite struct SupervisordExportTests {
  @Test func `a program has all that supervisord can say`() throws {
    let export = try export(
      #"""
      "api": {"command": ["./api", "a b"], "env": {"A": "50%"}, "cwd": "sub", "category": "web",
        "ready": {"delay": "1500ms"}, "autostart": false, "log": {"maxSize": "1KB", "keep": 2},
        "restart": {"policy": "on-failure", "max": 2},
        "stop": {"signal": "INT", "timeout": "1500ms", "scope": "main"}}
      """#, for: .supervisord)
    let text = try export.file("supervisord.conf")
    #expect(
      try section("program:api", of: text) == [
        "command=/project/sub/./api 'a b'".replacing("/./", with: "/"), "directory=/project/sub",
        #"environment=A="50%%",PYTHONUNBUFFERED="1""#, "autostart=false", "priority=1",
        "autorestart=unexpected", "startsecs=2", "startretries=2",
        "exitcodes=0,129,130,141,143", "stopsignal=INT", "stopwaitsecs=2", "stopasgroup=false",
        "killasgroup=true", "redirect_stderr=true", "stdout_logfile=%(here)s/api.log",
        "stdout_logfile_maxbytes=1024", "stdout_logfile_backups=2",
      ])
    #expect(try section("group:web", of: text) == ["programs=api"])
    #expect(
      export.facts(of: "api") == [
        .lost(.restartLimit), .lost(.backoff), .otherwise(.signalIsFailure),
        .otherwise(.wholeSeconds),
      ])
  }

  @Test(arguments: [
    (#"["/a", "x ;y #z"]"#, "command=/a 'x '';y ''#z'"), (#"["/a", "100%"]"#, "command=/a '100%%'"),
    (#"["/a", "it's"]"#, #"command=/a 'it'"'"'s'"#), (#"["/a", ""]"#, "command=/a ''"),
    (
      #"["/a", "b\nc"]"#,
      ##"command=/bin/sh -c 'eval "$(printf %%b "$0")"' 'exec /a '"'"'b\nc'"'"''"##
    ),
  ])
  func `what begins a comment, or ends a line, does so no more`(
    command: String, line: String
  ) throws {
    let export = try export(#""a": {"command": \#(command)}"#, for: .supervisord)
    #expect(try section("program:a", of: export.file("supervisord.conf")).contains(line))
  }

  @Test func `variables that environment= would change are set by env`() throws {
    let export = try export(
      #""a": {"command": ["/a"], "env": {"Q": "'x'", "S": "a ;b", "T": "t u"}}"#,
      for: .supervisord)
    let lines = try section("program:a", of: export.file("supervisord.conf"))
    #expect(lines.contains(#"environment=PYTHONUNBUFFERED="1",T="t u""#), "\(lines)")
    #expect(
      lines.contains(#"command=/usr/bin/env -- 'Q='"'"'x'"'"'' 'S=a '';b' /a"#), "\(lines)")
  }

  @Test func `what others need is started with them, whatever autostart says`() throws {
    let services = #"""
      "a": {"command": ["/a"], "dependsOn": ["b"]},
      "b": {"command": ["/b"], "autostart": false}, "c": {"command": ["/c"], "autostart": false}
      """#
    let text = try export(services, for: .supervisord).file("supervisord.conf")
    #expect(try section("program:b", of: text).contains("autostart=true"))
    #expect(try section("program:c", of: text).contains("autostart=false"))
  }

  @Test func `what is depended on is started first, and nothing runs twice`() throws {
    let export = try export(
      #"""
      "a": {"command": ["/a"], "dependsOn": ["b"], "category": ["x", "y"]},
      "b": {"command": ["/b"], "category": ["y"]}
      """#, for: .supervisord)
    let text = try export.file("supervisord.conf")
    #expect(try section("program:b", of: text).contains("priority=1"))
    #expect(try section("program:a", of: text).contains("priority=2"))
    #expect(try section("group:x", of: text) == ["programs=a"])
    #expect(try section("group:y", of: text) == ["programs=b"])
    #expect(export.facts(of: "a").contains(.otherwise(.oneGroup("x"))))
    #expect(export.facts(of: "a").contains(.lost(.dependsOn)))
  }
}
