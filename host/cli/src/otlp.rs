//! OpenTelemetry: sends the spans that `--timeline` shows to a collector, each sample as a trace. Built with the feature `otlp`; at work if
//! `OTEL_EXPORTER_OTLP_ENDPOINT` is set, or one of the other variables of OpenTelemetry's exporters.

use anyhow::{Context as _, Result};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use rescue_service::Http;
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

use crate::print;

const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];
const NAME: &str = "rescue-host";

/// Sends what is left when it is dropped.
pub struct Exporter(SdkTracerProvider);

/// Begins to send spans. `None` if no collector is named.
///
/// # Errors
///
/// Returns an error if the collector's address cannot be read.
pub fn begin<S>() -> Result<Option<(OpenTelemetryLayer<S, SdkTracer>, Exporter)>>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    if ENDPOINTS.iter().all(|name| std::env::var_os(name).is_none_or(|value| value.is_empty())) {
        return Ok(None);
    }
    // The first HTTP client of the program sets up TLS for all.
    Http::new()?;
    let exporter = SpanExporter::builder().with_http().build().context("OpenTelemetry's exporter cannot be set up")?;
    let resource = Resource::builder().with_service_name(NAME).build();
    let provider = SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build();
    Ok(Some((tracing_opentelemetry::layer().with_tracer(provider.tracer(NAME)), Exporter(provider))))
}

impl Drop for Exporter {
    fn drop(&mut self) {
        // What is left is sent first: the end itself does not tell whether it was taken.
        if let Err(error) = self.0.force_flush().and_then(|()| self.0.shutdown()) {
            print::note(&format!("warning: the collector did not take all spans: {error}"));
        }
    }
}
