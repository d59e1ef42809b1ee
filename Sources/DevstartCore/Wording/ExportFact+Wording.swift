extension ExportFact {
  /// What somebody who runs the export on that target has to know.
  package func words(for target: ExportTarget) -> String {
    switch self {
    case .general(let fact): fact.words
    case .lost(let part): part.words(for: target)
    case .otherwise(let fact): fact.words(for: target)
    }
  }
}

extension GeneralFact {
  fileprivate var words: String {
    switch self {
    case .borrowedVariables(let names):
      "the manifest's ${…} were replaced by the values that "
        + "\(names.joined(separator: ", ")) had in the environment of this export"
    case .readableVariables:
      "env and envFile stand in Environment=, which every user of the machine can read; put "
        + "secrets into a file of mode 0600 and name it by EnvironmentFile="
    case .runsAsRoot: "the services run as root; name another user with User="
    case .sharedTmp(let folder):
      "the services share /tmp with everybody, as '\(folder)' is there (no PrivateTmp=)"
    case .dependantsFollow:
      "stopping or restarting a unit does the same to those that depend on it (Requires=)"
    case .ownLocalhost:
      "each container has a localhost of its own: services reach each other by name, and listen "
        + "on 0.0.0.0"
    case .imageHoldsProject:
      "the image's working folder is taken for the manifest's; relative paths count from there"
    case .signalsMainAlone:
      "the stop signal goes to each container's first process; at the end of the grace period "
        + "everything in it is killed"
    case .endsGroupAlone:
      "a stop ends a service's process group; a child in a session of its own outlives it"
    case .inputStaysOpen: "standard input is a pipe that stays open, not /dev/null"
    case .projectHealth: "the project's HTTP endpoint (health) is devstart's own"
    case .endsTogether: "when one service ends, all are ended: also after a oneshot"
    }
  }
}

extension ServiceFact {
  fileprivate func words(for target: ExportTarget) -> String {
    switch self {
    case .cpuThrottles: "limits.cpu slows the service down; devstart ends what exceeds it"
    case .exceedFollowsRestart(.stop):
      "what exceeds a limit is restarted as after any failure; the manifest says stop (onExceed)"
    case .exceedFollowsRestart(.restart):
      "what exceeds a limit stays down; the manifest says restart (onExceed)"
    case .backoffNeedsNewer:
      "the back-off between restarts does not grow before systemd 254; from then on, uncomment "
        + "RestartSteps= and RestartMaxDelaySec="
    case .portOfAnyone: "ready: a listener on the port counts, whichever process it is"
    case .needsProgram(let name):
      "the check calls \(name), which has to be installed where the service runs"
    case .awaitsReady(let names):
      "waits for \(names.joined(separator: ", ")) to be ready, not only started"
    case .awaitsLaunch(let names):
      "waits only for \(names.joined(separator: ", ")) to be launched: nothing tells when it is "
        + "ready or completed"
    case .placeholderImage(let name): "no image is named; \(name) is a placeholder: set \"image\""
    case .renamed(let name): "is called \(name), as its own name is not possible here"
    case .anyStatus(let status):
      "the HTTP check takes any status from 200 to 399"
        + (status.map { "; the manifest says \($0)" } ?? "; devstart takes 200 to 299")
    case .searched(let program):
      "'\(program)' is looked up where \(target.title) looks, not in your PATH"
    case .wholeSeconds: "times are rounded up to whole seconds"
    case .signalIsFailure:
      "an end by TERM, INT, HUP or PIPE from outside counts as a failure and is followed by a "
        + "restart"
    case .alwaysRestarted(let policy):
      "is restarted whenever it ends; the manifest says \(policy.rawValue)"
    case .machinePath(let path): "'\(path)' is a path of this machine, not of a container"
    case .commentedOut: "autostart is false: its line is a comment"
    case .oneCheck(let key):
      "there is one check for ready and live: it is made from \(key.rawValue)"
    case .unhealthyRunsOn: "an unhealthy container is shown as such, and not restarted (live)"
    case .oneGroup(let name):
      "is in the group \(name) alone: in several, it would be run several times"
    case .journalSearched:
      "ready.log is looked for by grep -P in the journal, line by line; grep has to know -P, and "
        + "the service's user may have to be in the group systemd-journal"
    }
  }
}

extension ExportPart {
  /// What does not happen there.
  fileprivate func words(for target: ExportTarget) -> String {
    let name = target.title
    return switch self {
    case .categories: "\(name) has no categories"
    case .match: "processes started by hand are not looked for (match)"
    case .onConflict: "onConflict is devstart's own: one that runs already is not looked for"
    case .spare: "what spare names is ended with the service"
    case .dependsOn: "dependencies are not waited for (dependsOn)"
    case .readyProbe, .readyLog: "\(name) does not look whether it is ready (ready)"
    case .readyNotify: "READY=1 is not listened for (ready.notify)"
    case .readyDelay: "counts as ready at once (ready.delay)"
    case .live: "\(name) does not look whether it is alive (live)"
    case .heartbeat: "WATCHDOG=1 is not listened for (heartbeat)"
    case .restart: "is not restarted (restart)"
    case .restartLimit: "the number of restarts has no limit in time (restart.max, within)"
    case .backoff: "the back-off between restarts is \(name)'s own (restart.backoff)"
    case .memory: "memory is not limited (limits.memory)"
    case .cpu: "CPU time is not limited (limits.cpu)"
    case .maxRuntime: "may run for ever (limits.maxRuntime)"
    case .stopCommand: "the stop command is not run (stop.command)"
    case .stopSignal: "is stopped by TERM (stop.signal)"
    case .stopTimeout: "\(name) has a time of its own until KILL (stop.timeout)"
    case .stopScope: "the whole process group gets the stop signal (stop.scope)"
    case .ports: "ports are not checked (ports)"
    case .oneshot: "is not known to be a oneshot"
    case .autostart: "is started with the others (autostart)"
    case .watch: "changed files restart nothing (watch)"
    case .hooks: "hooks are not run (hooks)"
    case .stdin: "standard input is /dev/null (stdin)"
    case .log: "the size of its log is \(name)'s own affair (log)"
    case .health: "its HTTP endpoint is devstart's own (health)"
    }
  }
}

extension ExportTarget {
  /// As its own people write it.
  fileprivate var title: String {
    switch self {
    case .systemd: "systemd"
    case .supervisord: "supervisord"
    case .compose: "Compose"
    case .kubernetes: "Kubernetes"
    case .procfile: "a Procfile's runner"
    }
  }
}
