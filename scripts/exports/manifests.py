"""The manifests that are exported: one of hostile values, one of everything there is."""

import json
import os
import sys

PYTHON = "/usr/bin/python3"

VALUES = [
    "plain", "two words", " blanks at both ends ", "", "it's", 'say "hi"', "both ' and \"",
    "'", '"', "\\", "%", "$", "\n", "#", ";", "100%", "%n %% %i %(here)s %(ENV_HOME)s %H",
    "$HOME ${HOME} $$ $(HOME) $PORT `id` $$(HOME)", "line\nbreak\n", "\n\n", "tab\there", "cr\rlf\r\n",
    "back\\slash \\n \\x41 \\", "-leading", "--", "a #b ;c #", " ;x", " #x", "* ? [a-z] {a,b} ~",
    "é ☃ 😀 \u00a0;nbsp", "a\u2028b\u2029c\u0085d", "\x1b[31m \x01\x7f", "=equals=",
    "a,b:c|d&e<f>g!(h)", "\ufeffbom", "@x", "!x", "|x", ":x", "yes", "null", "1e3", "0x10", "~",
    "- a", "a: b", "{{x}}", "x" * 3000,
    # No characters, and refused as such by some.
    "\ufffe \uffff \U0001fffe \ufdd0",
]

SHELL = "exec {python} '{dump}' '{out}' \"$V1\" 'a  b' \"%d 100%\" \\\n  ';' \"it's\" # end"


def manifest_text(value):
    """A string as it has to stand in a manifest."""
    return value.replace("$", "$$")


def hostile(folder, dump):
    """Services by name, and what each has to see: arguments, environment, folder."""
    variables = {f"V{number}": value for number, value in enumerate(VALUES)}
    variables["odd.name"] = "a 'b'"
    odd = "sub dir;#%é $x"
    os.makedirs(f"{folder}/{odd}", exist_ok=True)
    os.makedirs(f"{folder}/out", exist_ok=True)
    # A name without a path is looked up in the service's own PATH.
    os.makedirs(f"{folder}/bin", exist_ok=True)
    program = f"{folder}/bin/my=prog"
    if not os.path.exists(program):
        os.symlink(PYTHON, program)
    path = f"{folder}/bin:/usr/bin:/bin"
    shell = SHELL.format(python=PYTHON, dump=dump, out=f"{folder}/out/shell")

    def service(name, *arguments, program=PYTHON):
        return [program, dump, f"{folder}/out/{name}", *arguments]

    services = {
        "arguments": {"command": service("arguments", *VALUES)},
        "variables": {"command": service("variables", "x"), "env": variables},
        "shell": {"command": shell, "env": {"V1": VALUES[1]}},
        "folder": {"command": service("folder", "x", "$y"), "cwd": odd},
        "both": {"command": service("both", *VALUES), "cwd": odd, "env": variables},
        "looked-up": {
            "command": service("looked-up", "x", program="my=prog"), "env": {"PATH": path}},
        "relative": {"command": service("relative", "x", program="./bin/my=prog")},
    }
    expected = {
        "arguments": (VALUES, {}, folder),
        "variables": (["x"], variables, folder),
        "shell": ([VALUES[1], "a  b", "%d 100%", ";", "it's"], {"V1": VALUES[1]}, folder),
        "folder": (["x", "$y"], {}, f"{folder}/{odd}"),
        "both": (VALUES, variables, f"{folder}/{odd}"),
        "looked-up": (["x"], {"PATH": path}, folder),
        "relative": (["x"], {}, folder),
    }
    return services, expected


FEATURES = {
    "db": {
        "command": ["/bin/sleep", "1000"], "category": ["data", "core", "data"], "image": "postgres:16",
        "ready": {"exec": ["/bin/true", "a b", "$$x"]}, "stop": {"signal": "INT", "timeout": "20s"},
        "live": {"exec": ["/bin/true"], "interval": "3s"},
        "spare": "sleeper-x", "log": {"maxSize": "1MB", "keep": 1},
    },
    "migrate": {
        "command": "true", "oneshot": True, "dependsOn": ["db"], "restart": "always",
        "limits": {"maxRuntime": "1h"}, "image": "app:1",
    },
    "api.v1_X": {
        "command": ["/bin/sleep", "1001"], "category": "front", "ports": [18765, 18766, 18765],
        "dependsOn": {"db": "ready", "migrate": "completed"}, "image": "app:1",
        "live": {"http": "http://127.0.0.1:18765/health?x=1", "status": 204},
        "restart": {"policy": "on-failure", "max": 3, "within": "30s", "backoff": "100ms",
                    "maxBackoff": "5s"},
        "limits": {"memory": "1GB", "cpu": 150.5, "maxRuntime": "24h", "onExceed": "stop"},
        "hooks": {"failed": "true"}, "watch": {"paths": ["src/**"]}, "stdin": "open",
        "stop": {"command": ["/bin/true", "$$MAINPID"], "scope": "main", "timeout": "1500ms"},
    },
    "web": {
        "command": ["/bin/sleep", "1002"], "dependsOn": {"api.v1_X": "started"},
        "ready": {"http": "http://localhost:18767"}, "restart": "always", "image": "app:1",
        "match": {"regex": "sleep 1002"}, "onConflict": "keep", "stop": {"timeout": "0s"},
    },
    "beat": {
        "command": ["/bin/sleep", "1003"], "ready": {"notify": True}, "heartbeat": "30s",
        "live": {"notify": True, "interval": "2s", "failures": 3}, "restart": "on-failure",
        "limits": {"memory": "300MB"},
    },
    "logger": {"command": ["/bin/sleep", "1008"], "autostart": False},
    "logged": {"command": ["/bin/sleep", "1004"], "ready": {"log": "^ready on \\d+ 'x' \"y\" %n"},
               "dependsOn": ["logger", "logger"]},
    "slow": {"command": ["/bin/sleep", "1005"], "ready": {"delay": "1500ms"}},
    "tool": {"command": ["/bin/sleep", "1006"], "autostart": False, "dependsOn": ["beat"]},
    "API.v1-X": {"command": ["/bin/sleep", "1007"]},
}


def write(path, services, **top):
    with open(path, "w", encoding="utf-8") as file:
        json.dump({**top, "services": services}, file)


if __name__ == "__main__":
    sys.exit("read by check.py")
