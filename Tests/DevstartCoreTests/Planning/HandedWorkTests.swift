import DevstartCore
import Testing

@Suite struct HandedWorkTests {
  @Test(arguments: [
    (Command.arguments(["docker", "run", "--rm", "redis"]), Optional("docker run")),
    (.arguments(["/usr/bin/docker", "--context", "x", "compose", "up"]), nil),
    (.arguments(["docker", "compose", "up"]), "docker compose"),
    (.shell("cd db && exec docker run -p 1:1 postgres"), "docker run"),
    (.shell("sudo -n docker start db; sleep 1"), "docker start"),
    (.shell("A=b systemd-run --user x"), "systemd-run"), (.shell("tmux new -d htop"), "tmux"),
    (.shell("systemctl --user start api"), "systemctl start"),
    (.shell("docker ps"), nil), (.shell("echo docker run"), nil),
    (.arguments(["python", "-m", "docker"]), nil), (.shell("tmux ls"), nil), (.shell(""), nil),
  ])
  func `clients of daemons are known`(command: Command, client: String?) {
    #expect(HandedWork.client(in: command) == client)
  }
}
