import DevstartCore
import Testing

@Suite struct MetricsFormatTests {
  @Test(
    arguments: [
      (nil, MetricsFormat.json), ("*/*", .json), ("", .json), ("application/json", .json),
      ("text/plain", .prometheus), ("text/*", .prometheus),
      ("TEXT/PLAIN ; version=0.0.4", .prometheus),
      ("application/openmetrics-text", .openMetrics), ("application/*", .json),
      ("text/plain, application/json", .json), ("text/plain, application/json;q=0.9", .prometheus),
      ("application/json;q=0, text/plain;q=0.1", .prometheus), ("*/*, text/plain", .prometheus),
      ("*/*;q=0.5, application/json;q=0", .prometheus), ("text/html", .json), ("nonsense", .json),
      ("text/plain;q=nan", .json), ("text/plain;q=2", .json), ("text/plain;q=", .json),
      ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", .json),
      // Prometheus 2.42, 2.55 and 3.
      (
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
          + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetrics
      ),
      (
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.6",
        .prometheus
      ),
      (
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;"
          + "q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
          + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,*/*;q=0.1", .openMetrics
      ),
    ] as [(String?, MetricsFormat)])
  func `what Accept likes best is chosen`(accept: String?, format: MetricsFormat) {
    #expect(MetricsFormat(accept: accept) == format)
  }
}
