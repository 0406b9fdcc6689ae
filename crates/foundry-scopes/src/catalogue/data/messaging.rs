//! Resources of messaging, events and devices.

use super::roles::{
    CONTRIBUTOR, DIGITAL_TWINS_DATA_READER, EVENT_GRID_DATA_SENDER, EVENT_HUBS_DATA_OWNER,
    EVENT_HUBS_DATA_RECEIVER, EVENT_HUBS_DATA_SENDER, IOT_HUB_DATA_CONTRIBUTOR, RELAY_SENDER,
    SERVICE_BUS_DATA_OWNER, SERVICE_BUS_DATA_RECEIVER, SERVICE_BUS_DATA_SENDER,
    SIGNALR_SERVICE_OWNER, WEB_PUBSUB_SERVICE_OWNER,
};
use super::{HC, MI, RT};
use crate::catalogue::resource::{IssuedTokenVersion, Resource, row};
use crate::catalogue::role::Confidence::{High, Medium};
use crate::cloud::KnownCloud::{China, Public, UsGovernment};

/// The rows of this family.
pub(super) static ALL: &[&Resource] = &[
    &SERVICE_BUS,
    &EVENT_HUBS,
    &RELAY,
    &EVENT_GRID,
    &IOT_HUB,
    &DEVICE_PROVISIONING,
    &SIGNALR,
    &WEB_PUBSUB,
    &COMMUNICATION,
    &DIGITAL_TWINS,
];

/// Azure Service Bus.
pub static SERVICE_BUS: Resource = Resource {
    code: "service_bus",
    name: "Service Bus",
    clouds: &[
        row(
            Public,
            High,
            &[RT, MI, "azure_messaging_servicebus authorizer.rs"],
        )
        .app(0x80a10ef9_8168_493d_abf9_3297c4ef6e3c)
        .registered(&["https://servicebus.azure.net"])
        .seen(&["https://servicebus.azure.net/"])
        .scopes(&["https://servicebus.azure.net/.default"])
        .hosts(&["*.servicebus.windows.net"]),
        row(UsGovernment, Medium, &[HC])
            .app(0x80a10ef9_8168_493d_abf9_3297c4ef6e3c)
            .seen(&["https://servicebus.usgovcloudapi.net"])
            .scopes(&["https://servicebus.usgovcloudapi.net/.default"])
            .hosts(&["*.servicebus.usgovcloudapi.net"]),
        row(China, Medium, &[HC])
            .seen(&["https://servicebus.chinacloudapi.cn"])
            .scopes(&["https://servicebus.chinacloudapi.cn/.default"])
            .hosts(&["*.servicebus.chinacloudapi.cn"]),
    ],
    roles: &[
        &SERVICE_BUS_DATA_SENDER,
        &SERVICE_BUS_DATA_RECEIVER,
        &SERVICE_BUS_DATA_OWNER,
    ],
    quirks: &[
        "Event Hubs has the same host suffix and another audience; the .NET libraries use this one for both.",
    ],
    ..Resource::NEW
};

/// Azure Event Hubs.
pub static EVENT_HUBS: Resource = Resource {
    code: "event_hubs",
    name: "Event Hubs",
    clouds: &[row(
        Public,
        High,
        &[RT, MI, "azure_messaging_eventhubs authorizer.rs"],
    )
    .app(0x80369ed6_5f11_4dd9_bef3_692475845e77)
    .registered(&[
        "https://eventhubs.azure.net",
        "https://*.eventhubs.azure.net",
        "https://*.servicebus.windows.net",
    ])
    .scopes(&["https://eventhubs.azure.net/.default"])
    .hosts(&["*.servicebus.windows.net"])],
    roles: &[
        &EVENT_HUBS_DATA_SENDER,
        &EVENT_HUBS_DATA_RECEIVER,
        &EVENT_HUBS_DATA_OWNER,
    ],
    ..Resource::NEW
};

/// Azure Relay.
pub static RELAY: Resource = Resource {
    code: "relay",
    name: "Azure Relay",
    clouds: &[row(Public, Medium, &[RT])
        .app(0x91bb937c_29c2_4275_982f_9465f0caf03d)
        .registered(&["https://relay.azure.net"])
        .scopes(&["https://relay.azure.net/.default"])
        .hosts(&["*.servicebus.windows.net"])],
    roles: &[&RELAY_SENDER],
    ..Resource::NEW
};

/// Azure Event Grid.
pub static EVENT_GRID: Resource = Resource {
    code: "event_grid",
    name: "Event Grid",
    clouds: &[row(Public, High, &[RT])
        .app(0x823c0a78_5de0_4445_a7f5_c2f42d7dc89b)
        .registered(&["https://eventgrid.azure.net"])
        .scopes(&["https://eventgrid.azure.net/.default"])
        .hosts(&["*.eventgrid.azure.net"])],
    roles: &[&EVENT_GRID_DATA_SENDER],
    ..Resource::NEW
};

/// Azure IoT Hub.
pub static IOT_HUB: Resource = Resource {
    code: "iot_hub",
    name: "IoT Hub",
    clouds: &[
        row(Public, High, &[RT, "microsoft/mcp IoTHubDeviceService.cs"])
            .app(0x89d10474_74af_4874_99a7_c23c2f643083)
            .registered(&["https://iothubs.azure.net"])
            .scopes(&["https://iothubs.azure.net/.default"])
            .hosts(&["*.azure-devices.net"]),
    ],
    roles: &[&IOT_HUB_DATA_CONTRIBUTOR],
    ..Resource::NEW
};

/// Azure SignalR Service, on one application with Web PubSub.
pub static SIGNALR: Resource = Resource {
    code: "signalr",
    name: "SignalR Service",
    clouds: &[row(Public, High, &[RT])
        .app(0xcdad765c_f191_43ba_b9f5_7aef392f811d)
        .registered(&["https://signalr.azure.com"])
        .scopes(&["https://signalr.azure.com/.default"])
        .hosts(&["*.service.signalr.net"])],
    roles: &[&SIGNALR_SERVICE_OWNER],
    quirks: &["Web PubSub has the same application."],
    ..Resource::NEW
};

/// Azure Web PubSub, on one application with SignalR.
pub static WEB_PUBSUB: Resource = Resource {
    code: "web_pubsub",
    name: "Web PubSub",
    clouds: &[row(Public, High, &[RT])
        .app(0xcdad765c_f191_43ba_b9f5_7aef392f811d)
        .registered(&["https://webpubsub.azure.com"])
        .scopes(&["https://webpubsub.azure.com/.default"])
        .hosts(&["*.webpubsub.azure.com"])],
    roles: &[&WEB_PUBSUB_SERVICE_OWNER],
    quirks: &["SignalR Service has the same application."],
    ..Resource::NEW
};

/// Azure Communication Services.
pub static COMMUNICATION: Resource = Resource {
    code: "communication",
    name: "Communication Services",
    clouds: &[
        row(Public, High, &[RT, "microsoft/mcp EndpointValidator.cs"])
            .app(0x632ec9eb_fad7_4cbd_993a_e72973ba2acc)
            .registered(&[
                "https://communication.azure.com/",
                "https://communications.azure.com/",
            ])
            .seen(&["https://communication.azure.com"])
            .scopes(&[
                "https://communication.azure.com/.default",
                "https://communication.azure.com//.default",
            ])
            .hosts(&["*.communication.azure.com"]),
    ],
    roles: &[&CONTRIBUTOR],
    quirks: &[
        "Other clouds are documented as host suffixes only: communication.azure.us and communication.azure.cn.",
    ],
    ..Resource::NEW
};

/// Azure Digital Twins.
pub static DIGITAL_TWINS: Resource = Resource {
    code: "digital_twins",
    name: "Digital Twins",
    clouds: &[row(Public, High, &[RT])
        .app(0x0b07f429_9f4b_4714_9392_cc5e8e80c8b0)
        .registered(&["https://digitaltwins.azure.net"])
        .scopes(&["https://digitaltwins.azure.net/.default"])
        .hosts(&["*.digitaltwins.azure.net"])],
    roles: &[&DIGITAL_TWINS_DATA_READER],
    ..Resource::NEW
};

/// The Device Provisioning Service of IoT Hub.
pub static DEVICE_PROVISIONING: Resource = Resource {
    code: "device_provisioning",
    name: "IoT Hub Device Provisioning Service",
    also: &["Device Provisioning Service"],
    clouds: &[row(
        Public,
        Medium,
        &[RT, "IoT Hub DPS doc \"Control access by Entra ID\""],
    )
    .app(0x0cd79364_7a90_4354_9984_6e36c841418d)
    .registered(&["https://azure-devices-provisioning.net"])
    .scopes(&["https://azure-devices-provisioning.net/.default"])
    .hosts(&["*.azure-devices-provisioning.net"])],
    tokens: IssuedTokenVersion::Unknown,
    ..Resource::NEW
};
