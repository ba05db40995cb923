//! Logs for people or machines, traces and metrics to a collector when there is one, and metrics
//! in Prometheus form always.
use super::config::{LogFormat, LogSettings, TelemetrySettings};
use opentelemetry::{
    KeyValue, global,
    trace::{TraceContextExt as _, TracerProvider as _},
};
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource,
    metrics::{PeriodicReader, SdkMeterProvider},
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
};
use prometheus::{Encoder as _, Registry, TextEncoder};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{
    EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

/// Holds the exporters of a process; [`Telemetry::shutdown`] sends what is left.
pub struct Telemetry {
    registry: Registry,
    meters: SdkMeterProvider,
    tracer: Option<SdkTracerProvider>,
}

#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error("LOG_LEVEL: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    #[error("OTEL_EXPORTER_OTLP_ENDPOINT: {0}")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
    #[error("metrics: {0}")]
    Metrics(String),
    #[error("logging was started twice")]
    Twice,
}

impl Telemetry {
    /// Starts logging, tracing and metrics for `service`. Call once per process, before any
    /// request and outside of async code (the exporters bring threads of their own).
    pub fn start(
        service: &'static str,
        log: &LogSettings,
        settings: &TelemetrySettings,
    ) -> Result<Self, TelemetryError> {
        let resource = Resource::builder()
            .with_service_name(service)
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        global::set_text_map_propagator(TraceContextPropagator::new());

        let registry = Registry::new();
        let prometheus = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .build()
            .map_err(|error| TelemetryError::Metrics(error.to_string()))?;
        let mut meters = SdkMeterProvider::builder()
            .with_resource(resource.clone())
            .with_reader(prometheus);
        let mut tracer = None;
        if let Some(endpoint) = &settings.otlp_endpoint {
            let path =
                |signal: &str| format!("{}/v1/{signal}", endpoint.as_str().trim_end_matches('/'));
            let metrics = MetricExporter::builder()
                .with_http()
                .with_endpoint(path("metrics"))
                .build()?;
            meters = meters.with_reader(PeriodicReader::builder(metrics).build());
            let spans = SpanExporter::builder()
                .with_http()
                .with_endpoint(path("traces"))
                .build()?;
            let ratio = Sampler::TraceIdRatioBased(settings.traces_sample_ratio);
            tracer = Some(
                SdkTracerProvider::builder()
                    .with_resource(resource)
                    .with_sampler(Sampler::ParentBased(Box::new(ratio)))
                    .with_batch_exporter(spans)
                    .build(),
            );
        }
        let meters = meters.build();
        global::set_meter_provider(meters.clone());

        // What the exporters themselves do over HTTP must not be traced, or it feeds itself.
        let not_ours =
            EnvFilter::try_new("info,hyper=off,h2=off,reqwest=off,opentelemetry=off,rustls=off")?;
        let spans = tracer.as_ref().map(|provider| {
            tracing_opentelemetry::layer()
                .with_tracer(provider.tracer(service))
                .with_filter(not_ours)
        });
        let filter = EnvFilter::try_new(&log.level)?;
        let lines = match log.format {
            LogFormat::Compact => tracing_subscriber::fmt::layer()
                .compact()
                .with_writer(std::io::stderr)
                .with_filter(filter)
                .boxed(),
            LogFormat::Json => tracing_subscriber::fmt::layer()
                .json()
                .flatten_event(true)
                .with_writer(std::io::stderr)
                .with_filter(filter)
                .boxed(),
        };
        tracing_subscriber::registry()
            .with(spans)
            .with(lines)
            .try_init()
            .map_err(|_already| TelemetryError::Twice)?;
        Ok(Self {
            registry,
            meters,
            tracer,
        })
    }

    /// The registry behind `/metrics`.
    pub fn registry(&self) -> Registry {
        self.registry.clone()
    }

    /// Sends what is left. Blocks, so it runs on a thread of its own: on the runtime's last worker
    /// it would wait for itself.
    pub fn shutdown(self) {
        let flush = std::thread::spawn(move || {
            if let Some(tracer) = self.tracer {
                let _ = tracer.shutdown();
            }
            let _ = self.meters.shutdown();
        });
        let _ = flush.join();
    }
}

/// The trace that the current work belongs to, as W3C writes it; none without a collector.
pub fn traceparent() -> Option<String> {
    let context = tracing::Span::current().context();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| {
        let flags = span.trace_flags().to_u8();
        format!("00-{}-{}-{flags:02x}", span.trace_id(), span.span_id())
    })
}

/// The registry's metrics in Prometheus text form.
pub fn render(registry: &Registry) -> Vec<u8> {
    let mut text = Vec::new();
    if let Err(error) = TextEncoder::new().encode(&registry.gather(), &mut text) {
        tracing::error!(%error, "metrics could not be written");
    }
    text
}
