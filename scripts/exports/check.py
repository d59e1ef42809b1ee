"""Exports manifests with devstart and gives them to the systems they are for.

usage: check.py DEVSTART WORK CHECK…, each CHECK one of the functions check_… below. Ends with 0 where
all hold; prints each that does not.
"""

import atexit
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import manifests

HERE = os.path.dirname(os.path.abspath(__file__))
LONGEST = 60
failures = []


def expect(holds, text):
    if not holds:
        failures.append(text)
        print(f"  FAILED: {text}")


def wait(condition, what):
    """Until it holds: what runs elsewhere tells nobody when it is done."""
    deadline = time.monotonic() + LONGEST
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"timed out after {LONGEST} s: {what}")
        time.sleep(0.05)


def run(arguments, **options):
    result = subprocess.run(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LONGEST, check=False,
        stdin=subprocess.DEVNULL, **options)
    # Not as Python's text, which has no carriage returns.
    result.stdout = result.stdout.decode("utf-8", "surrogateescape")
    result.stderr = result.stderr.decode("utf-8", "surrogateescape")
    return result


def start(arguments, **options):
    """Starts what runs beside the check; it is ended with it, whatever happens."""
    process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, **options)

    def end():
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=LONGEST)

    atexit.register(end)
    return process


class Project:
    """A folder with a manifest, and its exports."""

    def __init__(self, name, make):
        # A path with a blank and a percent sign is hostile, too.
        self.folder = os.path.join(work, name, "my proj%n")
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        dump = os.path.join(self.folder, "dump.py")
        shutil.copy(os.path.join(HERE, "dump.py"), dump)
        self.services, self.expected = make(self.folder, dump)
        manifest = {}
        for key, service in self.services.items():
            manifest[key] = in_manifest(service) if self.expected else service
        # Some readers end a comment at a line separator.
        top = {"name": "my proj\u2028n"} if self.expected else {}
        manifests.write(f"{self.folder}/devstart.json", manifest, **top)

    def export(self, target, *flags):
        """The folder with the files, and what was said about them."""
        place = os.path.join(work, os.path.basename(os.path.dirname(self.folder)), target + "-".join(flags))
        shutil.rmtree(place, ignore_errors=True)
        manifest = f"{self.folder}/devstart.json"
        command = [devstart, "export", target, "--manifest", manifest, *flags]
        result = run(command + ["--output", place])
        expect(result.returncode == 0, f"export {target}: {result.stderr}")
        for name in os.listdir(place):
            with open(f"{place}/{name}", encoding="utf-8") as file:
                text = file.read()
            words = "Written by devstart export " + target
            expect(words in text.split("\n", 1)[0], f"{target}: {name} does not say what it is")
            mode = os.stat(f"{place}/{name}").st_mode & 0o077
            holds = any(service.get("env") for service in self.services.values())
            single = target in ("supervisord", "compose", "procfile")
            expect(mode == 0 or not (holds and single), f"{target}: {name} can be read by others")
        # What is said on standard error is said in the files.
        whole = "".join(open(f"{place}/{n}", encoding="utf-8").read() for n in os.listdir(place))
        for line in result.stderr.splitlines():
            fact = line.removeprefix("devstart: ")
            named = re.match(r"^[A-Za-z0-9_.-]+(, [A-Za-z0-9_.-]+)*: ", fact)
            if named and set(named.group()[:-2].split(", ")) <= set(self.services):
                fact = fact[named.end():]
            expect(fact in whole, f"{target}: not in the files: {fact}")
        return place, result.stderr

    def forget(self):
        for name in self.services:
            if os.path.exists(f"{self.folder}/out/{name}"):
                os.unlink(f"{self.folder}/out/{name}")

    def has_all(self):
        return all(os.path.exists(f"{self.folder}/out/{name}") for name in self.services)

    def compare(self, target, name):
        """What the service has seen, with what it has to see."""
        with open(f"{self.folder}/out/{name}", encoding="utf-8") as file:
            seen = json.load(file)
        arguments, variables, folder = self.expected[name]
        expect(len(seen["arguments"]) == len(arguments),
               f"{target}, {name}: {len(seen['arguments'])} arguments, not {len(arguments)}")
        for got, wanted in zip(seen["arguments"], arguments):
            expect(got == wanted, f"{target}, {name}: argument {got[:80]!r}, not {wanted[:80]!r}")
        for key, wanted in variables.items():
            got = seen["environment"].get(key)
            expect(got == wanted, f"{target}, {name}: {key} is {got!r:.80}, not {wanted!r:.80}")
        expect(seen["folder"] == folder, f"{target}, {name}: in {seen['folder']}, not {folder}")

    def try_out(self, target, name, arguments, environment, folder):
        """Executes what the target would, once, and compares."""
        self.forget()
        environment = {"PATH": "/usr/bin:/bin", **environment, "DUMP_ONCE": "1"}
        result = run(arguments, env=environment, cwd=folder)
        if result.returncode == 0:
            self.compare(target, name)
        expect(result.returncode == 0, f"{target}, {name}: {arguments[:3]}: {result.stderr}")


def in_manifest(value):
    if isinstance(value, str):
        return manifests.manifest_text(value)
    if isinstance(value, list):
        return [in_manifest(element) for element in value]
    if isinstance(value, dict):
        return {key: in_manifest(element) for key, element in value.items()}
    return value


def hostile():
    return Project("hostile", manifests.hostile)


def features():
    return Project("features", lambda folder, dump: (manifests.FEATURES, None))


# systemd


def verify(place, *flags):
    environment = {**os.environ, "XDG_RUNTIME_DIR": work}
    units = sorted(f"{place}/{name}" for name in os.listdir(place))
    result = run(["systemd-analyze", "verify", "--man=no", *flags, *units], env=environment)
    said = (result.stdout + result.stderr).strip()
    expect(result.returncode == 0 and not said, f"systemd-analyze verify {flags}: {said}")


def manager_dump(place, target):
    """What systemd has understood, in a manager's own words (systemd --test)."""
    private = os.path.join(work, "run")
    os.makedirs(private, exist_ok=True)
    for name in os.listdir(place):
        os.chmod(f"{place}/{name}", 0o644)
    run_as = []
    if os.getuid() == 0:
        # A user's manager is no root's.
        shutil.chown(private, "nobody")
        run_as = ["runuser", "-u", "nobody", "--"]
    os.chmod(private, 0o700)
    manager = next(
        p for p in ("/lib/systemd/systemd", "/usr/lib/systemd/systemd") if os.path.exists(p))
    variables = [f"HOME={private}", f"XDG_RUNTIME_DIR={private}", f"SYSTEMD_UNIT_PATH={place}:"]
    result = run(run_as + ["env", *variables, manager, "--user", "--test", f"--unit={target}"])
    expect(result.returncode == 0, f"systemd --test: {result.stderr[-500:]}")
    return result.stdout + result.stderr


def words_of_dump(line):
    """The words of a command line as systemd prints it: with C escapes, quoted where needed."""
    words, word, quoted, index = [], None, False, 0
    escapes = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
    raw = line.encode("utf-8", "surrogateescape").decode("latin-1")
    while index < len(raw):
        letter = raw[index]
        index += 1
        if letter == " " and not quoted:
            if word is not None:
                words.append(word)
            word = None
        elif letter == '"':
            quoted = not quoted
            word = word or ""
        elif letter == "\\":
            octal = re.match(r"[0-7]{3}", raw[index:])
            hexadecimal = re.match(r"x([0-9a-f]{2})", raw[index:])
            if octal:
                word, index = (word or "") + chr(int(octal.group(), 8)), index + 3
            elif hexadecimal:
                word, index = (word or "") + chr(int(hexadecimal.group(1), 16)), index + 3
            else:
                word, index = (word or "") + escapes.get(raw[index], raw[index]), index + 1
        else:
            word = (word or "") + letter
    if word is not None:
        words.append(word)
    return [word.encode("latin-1").decode("utf-8") for word in words]


def unit_of_dump(dump, name):
    block = dump.split(f"-> Unit {name}:", 1)[1].split("\n\t-> Unit ", 1)[0]
    variables = {}
    rest = block.split("\n\t\tEnvironment: ")[1:]
    if rest:
        rest[-1] = rest[-1].split("\n\t\tRuntimeDirectoryPreserve:", 1)[0]
    for entry in rest:
        key, value = entry.split("=", 1)
        variables[key] = value
    folder = re.search(r"\n\t\tWorkingDirectory: (.*)\n", block)
    commands = {}
    for kind, line in re.findall(r"\n\t\t-> (Exec\w+):\n\t\t\tCommand Line: (.*)", block):
        commands[kind] = words_of_dump(line)
    return commands, variables, folder.group(1) if folder else "/"


def unit_lines(place, name, key):
    with open(f"{place}/{name}", encoding="utf-8") as file:
        return [line[len(key) + 1:] for line in file.read().split("\n") if line.startswith(key + "=")]


def check_systemd():
    for project in (hostile(), features()):
        verify(project.export("systemd")[0])
        place, _ = project.export("systemd", "--user")
        verify(place, "--user")
    project = hostile()
    place, _ = project.export("systemd", "--user")
    dump = manager_dump(place, "my-proj-n.target")
    for name in project.services:
        unit = f"my-proj-n-{name}.service"
        commands, variables, folder = unit_of_dump(dump, unit)
        line, = unit_lines(place, unit, "ExecStart")
        expect(line.startswith(":") or "$" not in line, f"{unit}: systemd would put something in")
        project.try_out("systemd", name, commands["ExecStart"], variables, folder)


def check_systemd_readiness():
    """The commands of ExecStartPost= do what they are for."""
    server = start(
        [sys.executable, "-m", "http.server", "0", "--bind", "127.0.0.1"], cwd=work,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8",
        env={**os.environ, "PYTHONUNBUFFERED": "1"})
    port = int(re.search(r"port (\d+)", server.stdout.readline()).group(1))
    gone = subprocess.Popen(["/bin/true"])
    gone.wait()
    address = f"http://127.0.0.1:{port}/"
    cases = {
        "tcp": ({"ready": {"tcp": port}}, True), "closed": ({"ready": {"tcp": 1}}, False),
        "exec": ({"ready": {"exec": ["test", "a b", "=", "a b"]}}, True),
        "false": ({"ready": {"exec": "false"}}, False),
        "delay": ({"ready": {"delay": "10ms"}}, True),
    }
    if shutil.which("curl"):
        cases["http"] = ({"ready": {"http": address}}, True)
        cases["missing"] = ({"ready": {"http": address + "nothing"}}, False)
        cases["code"] = ({"ready": {"http": address + "nothing", "status": 404}}, True)
        # A blank, a pattern of curl's, and a proxy that is not for this machine.
        cases["odd"] = ({"ready": {"http": address + "a é{b,c}[1-2]", "status": 404},
                         "env": {"http_proxy": "http://127.0.0.1:1"}}, True)
    services = {name: {"command": ["/bin/sleep", "9"], **keys} for name, (keys, _) in cases.items()}
    project = Project("readiness", lambda folder, dump: (services, None))
    place, _ = project.export("systemd", "--user")
    dump = manager_dump(place, "my-proj-n.target")
    for name, (_, passes) in cases.items():
        commands, variables, folder = unit_of_dump(dump, f"my-proj-n-{name}.service")
        for main, holds in ((server.pid, passes), (gone.pid, False)):
            environment = {"PATH": "/usr/bin:/bin", **variables, "MAINPID": str(main)}
            process = subprocess.Popen(
                commands["ExecStartPost"], env=environment, cwd=folder, start_new_session=True)
            try:
                code = process.wait(timeout=0.7 if main == server.pid and not passes else LONGEST)
            except subprocess.TimeoutExpired:
                code = "still waiting"
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            wanted = 0 if holds else "still waiting" if main == server.pid else 1
            expect(code == wanted, f"ready by {name}, main {main}: {code}, not {wanted}")
    server.terminate()
    server.wait(timeout=LONGEST)


# supervisord


class Supervisord:
    def __init__(self, place):
        self.configuration = f"{place}/supervisord.conf"
        folder = os.path.dirname(sys.executable)
        self.control = [f"{folder}/supervisorctl", "-c", self.configuration]
        self.place = place
        command = [f"{folder}/supervisord", "-n", "-c", self.configuration]
        self.daemon = start(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        wait(lambda: self.ended() or os.path.exists(f"{place}/supervisor.sock"), "supervisord")

    def ended(self):
        return self.daemon.poll() is not None

    def states(self):
        lines = run(self.control + ["status"]).stdout.splitlines()
        return {line.split()[0].split(":")[-1]: line.split()[1] for line in lines}

    def pids(self):
        return [int(pid) for pid in run(self.control + ["pid", "all"]).stdout.split()]

    def stop(self):
        pids = [pid for pid in self.pids() if pid]
        run(self.control + ["shutdown"])
        wait(self.ended, "supervisord to end")
        for pid in pids:
            expect(not os.path.exists(f"/proc/{pid}"), f"supervisord left process {pid}")
        return pids


def log_of(place):
    with open(f"{place}/supervisord.log", encoding="utf-8") as file:
        return file.read()


def check_supervisord():
    project = hostile()
    project.forget()
    place, _ = project.export("supervisord")
    daemon = Supervisord(place)
    wait(lambda: daemon.ended() or project.has_all(), "services under supervisord")
    for name in project.services:
        project.compare("supervisord", name)
    expect(set(daemon.states()) == set(project.services), f"services: {daemon.states()}")
    pids = daemon.stop()
    expect(len(pids) == len(project.services), f"supervisord ran {len(pids)} services")

    project = features()
    place, _ = project.export("supervisord")
    daemon = Supervisord(place)
    wanted = {}
    for name, service in project.services.items():
        # What others need is started with them.
        needed = any(name in other.get("dependsOn", ()) for other in project.services.values()
                     if other.get("autostart", True))
        starts = service.get("autostart", True) or needed
        wanted[name] = "EXITED" if service.get("oneshot") else "RUNNING" if starts else "STOPPED"
    wait(lambda: daemon.ended() or daemon.states() == wanted, f"{wanted}")
    expect(daemon.states() == wanted, f"states: {daemon.states()}, {log_of(place)}")
    run(daemon.control + ["stop", "all"])
    states = set(daemon.states().values())
    expect(states <= {"STOPPED", "EXITED"}, f"after stop: {states}")
    daemon.stop()


# Compose


def check_yaml():
    """YAML as another reader has it, without any target's own rules."""
    import yaml

    project = hostile()
    place, _ = project.export("compose")
    with open(f"{place}/compose.yaml", encoding="utf-8") as file:
        document = yaml.safe_load(file)
    command = document["services"]["arguments"]["command"]
    expect([word.replace("$$", "$") for word in command[3:]] == manifests.VALUES, "YAML arguments")


def check_compose():
    import yaml

    for project in (features(), hostile()):
        place, _ = project.export("compose")
        result = run(["docker-compose", "-f", f"{place}/compose.yaml", "config"])
        expect(result.returncode == 0, f"docker-compose config: {result.stderr[:2000]}")
        document = yaml.safe_load(result.stdout)
        automatic = [n for n, s in project.services.items() if s.get("autostart", True)]
        expect(set(document["services"]) >= set(automatic), f"services: {set(document['services'])}")
    with open(f"{place}/compose.yaml", encoding="utf-8", newline="") as file:
        own = yaml.safe_load(file)
    for name in project.services:
        service = undoubled(own["services"][name])
        # The way back through docker-compose's YAML writer loses U+0085, and nothing else.
        there = undoubled(document["services"][name])
        for key in ("command", "environment"):
            wanted = without_next_line(service[key])
            expect(there[key] == wanted, f"docker-compose, {name}: another {key}: {there[key]}")
        project.try_out("compose", name, service["command"], service["environment"], project.folder)


def undoubled(value):
    """What Compose makes of `$$`."""
    if isinstance(value, str):
        return value.replace("$$", "$")
    if isinstance(value, list):
        return [undoubled(element) for element in value]
    if isinstance(value, dict):
        return {key: undoubled(element) for key, element in value.items()}
    return value


def without_next_line(value):
    if isinstance(value, dict):
        return {key: element.replace("\u0085", " ") for key, element in value.items()}
    return [element.replace("\u0085", " ") for element in value]


# Kubernetes


def expanded(text, variables):
    """`$(NAME)` and `$$` as the kubelet reads them in commands and variables."""
    def replace(match):
        if match.group() == "$$":
            return "$"
        return variables.get(match.group(1), match.group())
    return re.sub(r"\$\$|\$\(([^()]*)\)", replace, text)


def check_kubernetes():
    import yaml

    for project in (features(), hostile()):
        place, _ = project.export("kubernetes")
        files = sorted(f"{place}/{name}" for name in os.listdir(place))
        tool = os.path.join(os.path.dirname(sys.executable), "kubernetes-validate")
        result = run([tool, "--strict", *files])
        said = result.stdout + result.stderr
        expect(result.returncode == 0, f"kubernetes-validate: {said[:3000]}")
        objects = []
        for path in files:
            with open(path, encoding="utf-8") as file:
                objects += [entry for entry in yaml.safe_load_all(file)]
        names = [(entry["kind"], entry["metadata"]["name"]) for entry in objects]
        expect(len(set(names)) == len(names), f"two objects of one name: {names}")
        expect(len([kind for kind, _ in names if kind != "Service"]) == len(project.services),
               f"objects: {names}")
        # Standard output has the same in one stream.
        manifest = f"{project.folder}/devstart.json"
        stream = run([devstart, "export", "kubernetes", "--manifest", manifest]).stdout
        streamed = [entry for entry in yaml.safe_load_all(stream)]
        expect(sorted(streamed, key=str) == sorted(objects, key=str), "the stream is another")
    for entry in objects:
        container, = entry["spec"]["template"]["spec"]["containers"]
        variables = {v["name"]: expanded(v["value"], {"HOME": "put in"}) for v in container["env"]}
        command = [expanded(word, {**variables, "HOME": "put in"}) for word in container["command"]]
        project.try_out(
            "kubernetes", entry["metadata"]["name"], command, variables, project.folder)


# Procfiles


def check_procfile():
    project = hostile()
    project.forget()
    place, _ = project.export("procfile")
    features().export("procfile")
    honcho = os.path.join(os.path.dirname(sys.executable), "honcho")
    runner = start(
        [honcho, "-f", f"{place}/Procfile", "-d", project.folder, "start"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=project.folder)
    wait(lambda: runner.poll() is not None or project.has_all(), "services under honcho")
    runner.terminate()
    said = runner.communicate(timeout=LONGEST)[0].decode()
    expect(project.has_all(), f"honcho: {said}")
    for name in project.services if project.has_all() else []:
        project.compare("procfile", name)


if __name__ == "__main__":
    devstart, work = sys.argv[1:3]
    for check in sys.argv[3:]:
        print(f"exports: {check}", flush=True)
        globals()["check_" + check.replace("-", "_")]()
    print(f"exports: {len(failures)} failed")
    sys.exit(1 if failures else 0)
