import DevstartCore
import Testing

@Suite struct ContainerExportTests {
  @Test func `a compose service has all that compose can say`() throws {
    let export = try export(
      #"""
      "db": {"command": ["db"], "image": "db:1", "oneshot": true},
      "api": {"command": ["api", "$$X"], "image": "api:1", "env": {"A": "$$5"}, "ports": [8000],
        "dependsOn": ["db"], "restart": {"policy": "on-failure", "max": 3},
        "live": {"exec": ["ok", "$$Y"], "interval": "3s", "timeout": "1s", "failures": 2},
        "ready": {"exec": ["ok", "$$Y"], "timeout": "9s"}, "stdin": "open",
        "limits": {"memory": "1KB", "cpu": 50}, "log": {"maxSize": "1KB", "keep": 0},
        "stop": {"signal": "INT", "timeout": "1500ms"}},
      "tool": {"command": "run it", "image": "t", "autostart": false, "dependsOn": ["api"]}
      """#, for: .compose)
    let text = try export.onlyText
    #expect(
      text.hasSuffix(
        #"""
          api:
            image: "api:1"
            init: true
            command: ["api", "$$X"]
            environment:
              A: "$$5"
              PYTHONUNBUFFERED: "1"
            depends_on:
              db:
                condition: "service_completed_successfully"
            healthcheck:
              test: ["CMD", "ok", "$$Y"]
              interval: "3s"
              timeout: "1s"
              retries: 2
              start_period: "9s"
            restart: "on-failure:3"
            mem_limit: "1024b"
            memswap_limit: "1024b"
            cpus: 0.5
            stop_signal: "SIGINT"
            stop_grace_period: "1s500ms"
            stdin_open: true
            ports: ["8000:8000"]
            logging:
              driver: "json-file"
              options:
                max-size: "1024b"
                max-file: "1"
          tool:
            image: "t"
            init: true
            command: ["/bin/sh", "-c", "run it"]
            environment:
              PYTHONUNBUFFERED: "1"
            profiles: ["manual"]
            depends_on:
              api:
                condition: "service_healthy"
            restart: "no"
            stop_signal: "SIGTERM"
            stop_grace_period: "10s"
            logging:
              driver: "json-file"
              options:
                max-size: "52428800b"
                max-file: "4"

        """#), "\(text)")
  }

  @Test func `what others need is started with them, whatever autostart says`() throws {
    let services = #"""
      "a": {"command": ["a"], "dependsOn": ["b"]},
      "b": {"command": ["b"], "autostart": false}
      """#
    let compose = try export(services, for: .compose).onlyText
    #expect(!compose.contains("profiles"))
    let deployment = try export(services, for: .kubernetes).file("b.yaml")
    #expect(deployment.contains("replicas: 1"))
  }

  @Test(arguments: [
    (#""ports": [80]"#, true), (#""live": {"tcp": 80}"#, true),
    (#""ready": {"http": "http://localhost"}"#, true), (#""ready": {"exec": "ok"}"#, false),
  ])
  func `a service that others reach is told of its container's localhost`(
    members: String, listens: Bool
  ) throws {
    let export = try export(#""a": {"command": ["a"], \#(members)}"#, for: .kubernetes)
    #expect(export.facts(of: nil).contains(.general(.ownLocalhost)) == listens)
  }

  @Test func `without an image there is a placeholder, which is said`() throws {
    for target in [ExportTarget.compose, .kubernetes] {
      let export = try export(#""My_A": {"command": ["a"]}"#, for: target)
      let image = "example.invalid/my-a:placeholder"
      #expect(export.facts(of: "My_A").contains(.otherwise(.placeholderImage(image))))
      #expect(export.files[0].text.contains("image: \"\(image)\""))
    }
    let named = try export(#""a": {"command": ["a"], "image": "x"}"#, for: .compose)
    #expect(named.facts(of: "a").isEmpty)
  }

  @Test func `an image is decoded, and travels`() throws {
    let decoded = try service(#""image": "registry/app:1""#)
    #expect(decoded.image == "registry/app:1")
    #expect(try Service(json: decoded.json) == decoded)
    #expect(words(#""image": """#).count == 1)
  }

  @Test func `a Kubernetes deployment has all that Kubernetes can say`() throws {
    let export = try export(
      #"""
      "api": {"command": ["api", "$$(X)"], "image": "api:1", "env": {"A": "$$5"}, "ports": [8000],
        "cwd": "sub",
        "live": {"http": "http://[::1]:81/x é?y={1}#z", "interval": "3s", "timeout": "1s",
          "failures": 2},
        "ready": {"exec": ["ok", "$$Y"], "timeout": "9s"}, "stdin": "open", "restart": "always",
        "limits": {"memory": "3GB", "cpu": 50}, "stop": {"timeout": "20s", "command": ["x$$"]}}
      """#, for: .kubernetes)
    let text = try export.file("api.yaml")
    #expect(
      text.contains(
        #"""
              containers:
                - name: "api"
                  image: "api:1"
                  command: ["/bin/sh", "-c", "cd -- \"$$0\" && exec \"$$@\"", "sub", "api", "$$(X)"]
                  env:
                    - name: "A"
                      value: "$$5"
                    - name: "PYTHONUNBUFFERED"
                      value: "1"
                  ports:
                    - name: "tcp-8000"
                      containerPort: 8000
                  startupProbe:
                    exec:
                      command: ["ok", "$$Y"]
                    periodSeconds: 1
                    timeoutSeconds: 5
                    failureThreshold: 9
                  readinessProbe:
                    exec:
                      command: ["ok", "$$Y"]
                    periodSeconds: 10
                    timeoutSeconds: 5
                    failureThreshold: 3
                  livenessProbe:
                    httpGet:
                      path: "/x%20%C3%A9?y={1}"
                      port: 81
                    periodSeconds: 3
                    timeoutSeconds: 1
                    failureThreshold: 2
                  resources:
                    limits:
                      memory: "3Gi"
                      cpu: "500m"
                  lifecycle:
                    preStop:
                      exec:
                        command: ["x$"]
                  stdin: true
        ---
        apiVersion: "v1"
        kind: "Service"
        """#), "\(text)")
    #expect(text.contains("      terminationGracePeriodSeconds: 20\n"))
    #expect(text.contains("  strategy:\n    type: \"Recreate\"\n"))
  }

  @Test func `a oneshot is a job`() throws {
    let export = try export(
      #"""
      "once": {"command": ["a"], "image": "x", "oneshot": true, "limits": {"maxRuntime": "90s"}},
      "again": {"command": ["b"], "image": "x", "oneshot": true, "autostart": false,
        "restart": {"policy": "on-failure", "max": 2}}
      """#, for: .kubernetes)
    let once = try export.file("once.yaml")
    #expect(once.contains("kind: \"Job\"") && once.contains("restartPolicy: \"Never\""))
    #expect(once.contains("  backoffLimit: 0\n  activeDeadlineSeconds: 90\n"))
    let again = try export.file("again.yaml")
    #expect(again.contains("  suspend: true\n  backoffLimit: 2\n"))
    #expect(again.contains("restartPolicy: \"OnFailure\""))
    #expect(export.facts(of: "once").isEmpty && export.facts(of: "again").isEmpty)
  }

  @Test func `names become labels that differ`() throws {
    let long = String(repeating: "x", count: 70)
    let export = try export(
      """
      "a.b": {"command": ["1"]}, "A_b": {"command": ["2"]}, "9": {"command": ["3"]},
      "\(long)1": {"command": ["4"]}, "\(long)2": {"command": ["5"]}
      """, for: .kubernetes)
    let kept = String(long.prefix(63))
    #expect(
      export.files.map(\.name) == [
        "a-b.yaml", "a-b-2.yaml", "s-9.yaml", "\(kept).yaml", "\(kept.prefix(59))-2.yaml",
      ])
    #expect(export.facts(of: "A_b").contains(.otherwise(.renamed("a-b-2"))))
  }

  @Test(arguments: [
    (#""live": {"tcp": 1}, "ready": {"exec": "x"}"#, ServiceFact.oneCheck(.ready)),
    (#""live": {"tcp": 1}"#, .oneCheck(.live)), (#""live": {"tcp": 1}"#, .unhealthyRunsOn),
    (#""ready": {"http": "http://localhost"}"#, .needsProgram("curl")),
    (#""env": {"A": "/project/x"}"#, .machinePath("/project")),
    (#""cwd": "/elsewhere""#, .machinePath("/elsewhere")),
  ])
  func `compose says what it does otherwise`(members: String, fact: ServiceFact) throws {
    let export = try export(#""a": {"command": ["a"], \#(members)}"#, for: .compose)
    #expect(export.facts(of: "a").contains(.otherwise(fact)))
  }
}
