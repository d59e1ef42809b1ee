import DevstartCore
import Glibc
import TestSupport
import Testing

/// Where the PIDs have begun anew amid a tree, children stand before their parents in the process
/// table. They get their signal first, and whoever replaces what it loses has time to do so.
@Suite(.waitsForProcesses, .enabled(if: Build.isRoot, "needs root, for a PID namespace"))
struct WrappedNumbersTests {
  /// Says who of the launch is left; all but the tree itself is KILLed before.
  private static let script = """
    echo $(($(cat /proc/sys/kernel/pid_max) - 270)) > /proc/sys/kernel/ns_last_pid
    "$1" start bot
    until grep -q ^settled "$FIXTURE_PIDS"; do sleep 0.01; done
    main=$(cat logs/dev_bot.pid)
    id=$(tr '\\0' '\\n' < /proc/$main/environ | grep ^DEVSTART_ID=)
    read -r supervisor rest < logs/.devstart/supervisor.lock
    keeper=$(sed -n 's/^keeper \\([0-9]*\\) .*/\\1/p' logs/.devstart/bot.launch)
    kill -KILL $supervisor $keeper $main
    "$1" "$2" bot || exit
    for process in /proc/[0-9]*; do
      if tr '\\0' '\\n' < $process/environ | grep -qx "$id"; then echo "left: $process"; fi
    done 2> /dev/null
    "$1" stop
    """

  @Test(arguments: ["clean", "stop", "start", "restart"])
  func `whoever replaces what it loses is ended with the rest`(command: String) throws {
    let keys: JSON = ["stop": ["timeout": "60ms"], "match": "nothing-like-it"]
    try withProject(["bot": .fixture(["respawners", "5"], with: keys)]) { project in
      let unshare = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
      let shell = ["/bin/sh", "-c", Self.script, "sh", Build.devstart, command]
      let result = try project.start("/usr/bin/unshare", unshare + shell).wait()
      #expect(result.status == 0, "\(result.output)")
      #expect(result.stdout.contains("found "), "\(result.output)")
      #expect(!result.stdout.contains("left: "), "\(result.output)")
    }
  }
}
