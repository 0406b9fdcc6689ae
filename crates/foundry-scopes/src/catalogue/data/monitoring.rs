//! Resources of logs, metrics and dashboards.

use super::roles::{
    GRAFANA_VIEWER, LOG_ANALYTICS_READER, MONITORING_DATA_READER, MONITORING_METRICS_PUBLISHER,
    MONITORING_READER,
};
use super::{CLI, MI, RT};
use crate::catalogue::resource::{IssuedTokenVersion, Resource, row};
use crate::catalogue::role::Confidence::High;
use crate::cloud::KnownCloud::{China, Public, UsGovernment};

/// The rows of this family.
pub(super) static ALL: &[&Resource] = &[
    &LOG_ANALYTICS,
    &APPLICATION_INSIGHTS,
    &MONITOR,
    &MONITORING,
    &METRICS,
    &PROMETHEUS,
    &PROFILER,
    &GRAFANA,
];

/// Log Analytics queries.
pub static LOG_ANALYTICS: Resource = Resource {
    code: "log_analytics",
    name: "Log Analytics",
    clouds: &[
        row(Public, High, &[RT, MI, CLI])
            .app(0xca7f3f0b_7d91_482c_8e09_c5d840d0eac5)
            .registered(&[
                "https://api.loganalytics.io",
                "https://api.loganalytics.io/",
                "https://*.api.loganalytics.io",
                "https://*.api.loganalytics.io/",
            ])
            .scopes(&["https://api.loganalytics.io/.default"])
            .hosts(&["api.loganalytics.io", "api.loganalytics.azure.com"]),
        row(UsGovernment, High, &[CLI])
            .seen(&["https://api.loganalytics.us"])
            .scopes(&["https://api.loganalytics.us/.default"])
            .hosts(&["api.loganalytics.us"]),
        row(China, High, &[CLI])
            .seen(&["https://api.loganalytics.azure.cn"])
            .scopes(&["https://api.loganalytics.azure.cn/.default"])
            .hosts(&["api.loganalytics.azure.cn"]),
    ],
    roles: &[&LOG_ANALYTICS_READER],
    ..Resource::NEW
};

/// Application Insights queries.
pub static APPLICATION_INSIGHTS: Resource = Resource {
    code: "application_insights",
    name: "Application Insights",
    clouds: &[
        row(Public, High, &[RT, CLI])
            .app(0xf5c26e74_f226_4ae8_85f0_b4af0080ac9e)
            .registered(&[
                "https://api.applicationinsights.io",
                "https://api.applicationinsights.io/",
                "https://api1.applicationinsights.io",
                "https://api2.applicationinsights.io",
                "https://api3.applicationinsights.io",
                "https://api4.applicationinsights.io",
                "https://api5.applicationinsights.io",
            ])
            .scopes(&["https://api.applicationinsights.io/.default"])
            .hosts(&["api.applicationinsights.io"]),
        row(UsGovernment, High, &[CLI])
            .seen(&["https://api.applicationinsights.us"])
            .scopes(&["https://api.applicationinsights.us/.default"])
            .hosts(&["api.applicationinsights.us"]),
        row(China, High, &[CLI])
            .seen(&["https://api.applicationinsights.azure.cn"])
            .scopes(&["https://api.applicationinsights.azure.cn/.default"])
            .hosts(&["api.applicationinsights.azure.cn"]),
    ],
    roles: &[&MONITORING_READER],
    ..Resource::NEW
};

/// Azure Monitor: ingestion through data collection rules.
pub static MONITOR: Resource = Resource {
    code: "monitor",
    name: "Azure Monitor (ingestion)",
    clouds: &[row(Public, High, &[RT, MI])
        .app(0xe933bd07_d2ee_4f1d_933c_3752b819567b)
        .registered(&["https://monitor.azure.com/"])
        .seen(&["https://monitor.azure.com"])
        .scopes(&[
            "https://monitor.azure.com/.default",
            "https://monitor.azure.com//.default",
        ])
        .hosts(&["*.ingest.monitor.azure.com"])],
    roles: &[&MONITORING_METRICS_PUBLISHER],
    ..Resource::NEW
};

/// Azure Monitor: alerts and custom metrics.
pub static MONITORING: Resource = Resource {
    code: "monitoring",
    name: "Azure Monitor (alerts)",
    clouds: &[
        row(Public, High, &[RT, MI])
            .app(0x035f9e1d_4f00_4419_bf50_bf2d87eb4878)
            .registered(&[
                "https://monitoring.azure.com/",
                "https://ingestion.monitor.azure.com/",
                "https://monitor.core.windows.net/",
            ])
            .scopes(&[
                "https://monitoring.azure.com//.default",
                "https://ingestion.monitor.azure.com//.default",
            ]),
        row(UsGovernment, High, &[RT])
            .app(0x035f9e1d_4f00_4419_bf50_bf2d87eb4878)
            .registered(&[
                "https://monitoring.azure.us/",
                "https://monitor.core.usgovcloudapi.net/",
            ])
            .scopes(&["https://monitoring.azure.us//.default"]),
    ],
    roles: &[&MONITORING_METRICS_PUBLISHER],
    ..Resource::NEW
};

/// Azure Monitor metrics in batches.
pub static METRICS: Resource = Resource {
    code: "metrics",
    name: "Azure Monitor metrics",
    clouds: &[row(Public, High, &[RT])
        .app(0x12743ff8_d3de_49d0_a4ce_6c91a4245ea0)
        .registered(&["https://metrics.monitor.azure.com"])
        .scopes(&["https://metrics.monitor.azure.com/.default"])
        .hosts(&["*.metrics.monitor.azure.com"])],
    roles: &[&MONITORING_READER],
    ..Resource::NEW
};

/// Managed Prometheus.
pub static PROMETHEUS: Resource = Resource {
    code: "prometheus",
    name: "Managed Prometheus",
    clouds: &[row(Public, High, &[RT])
        .app(0xbe14bf7e_8ab4_49b0_9dc6_a0eddd6fa73e)
        .registered(&[
            "https://prometheus.monitor.azure.com",
            "https://data.monitor.azure.com",
        ])
        .scopes(&[
            "https://prometheus.monitor.azure.com/.default",
            "https://data.monitor.azure.com/.default",
        ])
        .hosts(&["*.prometheus.monitor.azure.com"])],
    roles: &[&MONITORING_DATA_READER],
    ..Resource::NEW
};

/// The profiler of Application Insights.
pub static PROFILER: Resource = Resource {
    code: "profiler",
    name: "Application Insights profiler",
    clouds: &[
        row(Public, High, &[RT, "microsoft/mcp ProfilerDataService.cs"])
            .app(0x3603eff4_9141_41d5_ba8f_02fb3a439cd6)
            .registered(&["api://dataplane.diagnosticservices.azure.com"])
            .scopes(&["api://dataplane.diagnosticservices.azure.com/.default"]),
        row(
            UsGovernment,
            High,
            &["microsoft/mcp ProfilerDataService.cs"],
        )
        .seen(&["api://dataplane.diagnosticservices.azure.us"])
        .scopes(&["api://dataplane.diagnosticservices.azure.us/.default"]),
        row(China, High, &["microsoft/mcp ProfilerDataService.cs"])
            .seen(&["api://dataplane.diagnosticservices.azure.cn"])
            .scopes(&["api://dataplane.diagnosticservices.azure.cn/.default"]),
    ],
    tokens: IssuedTokenVersion::Unknown,
    quirks: &["One of Microsoft's own with an api:// identifier."],
    ..Resource::NEW
};

/// Azure Managed Grafana.
pub static GRAFANA: Resource = Resource {
    code: "grafana",
    name: "Azure Managed Grafana",
    clouds: &[row(Public, High, &[RT])
        .app(0xce34e7e5_485f_4d76_964f_b3d2b16d1e4f)
        .registered(&[
            "https://grafana.azure.com",
            "https://*.grafana.azure.com",
            "https://azgrafana.io",
        ])
        .scopes(&[
            "https://grafana.azure.com/.default",
            "ce34e7e5-485f-4d76-964f-b3d2b16d1e4f/.default",
        ])
        .hosts(&["*.grafana.azure.com"])],
    roles: &[&GRAFANA_VIEWER],
    access: "Grafana Viewer, Editor or Admin",
    ..Resource::NEW
};
