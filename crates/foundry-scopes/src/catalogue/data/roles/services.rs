//! Role definitions of the other services.

use super::AZD;
use crate::catalogue::role::Confidence::{High, Medium};
use crate::catalogue::role::Role;

/// The roles of this family.
pub(super) static ALL: &[&Role] = &[
    &WEBSITE_CONTRIBUTOR,
    &SEARCH_INDEX_DATA_READER,
    &SEARCH_INDEX_DATA_CONTRIBUTOR,
    &SEARCH_SERVICE_CONTRIBUTOR,
    &STORAGE_BLOB_DATA_READER,
    &STORAGE_BLOB_DATA_CONTRIBUTOR,
    &STORAGE_BLOB_DATA_OWNER,
    &STORAGE_QUEUE_DATA_CONTRIBUTOR,
    &STORAGE_QUEUE_DATA_READER,
    &STORAGE_QUEUE_DATA_MESSAGE_SENDER,
    &STORAGE_QUEUE_DATA_MESSAGE_PROCESSOR,
    &STORAGE_TABLE_DATA_READER,
    &STORAGE_TABLE_DATA_CONTRIBUTOR,
    &STORAGE_FILE_DATA_PRIVILEGED_READER,
    &KEY_VAULT_SECRETS_USER,
    &KEY_VAULT_CRYPTO_USER,
    &KEY_VAULT_CERTIFICATE_USER,
    &KEY_VAULT_ADMINISTRATOR,
    &COSMOS_DATA_READER,
    &COSMOS_DATA_CONTRIBUTOR,
    &COSMOS_DB_OPERATOR,
    &SERVICE_BUS_DATA_SENDER,
    &SERVICE_BUS_DATA_RECEIVER,
    &SERVICE_BUS_DATA_OWNER,
    &EVENT_HUBS_DATA_SENDER,
    &EVENT_HUBS_DATA_RECEIVER,
    &EVENT_HUBS_DATA_OWNER,
    &RELAY_SENDER,
    &EVENT_GRID_DATA_SENDER,
    &IOT_HUB_DATA_CONTRIBUTOR,
    &SIGNALR_SERVICE_OWNER,
    &WEB_PUBSUB_SERVICE_OWNER,
    &APP_CONFIGURATION_DATA_READER,
    &APP_CONFIGURATION_DATA_OWNER,
    &CONTAINER_APPS_SESSION_EXECUTOR,
    &ACR_PULL,
    &ACR_PUSH,
    &ACR_REPOSITORY_WRITER,
    &LOG_ANALYTICS_READER,
    &MONITORING_READER,
    &MONITORING_DATA_READER,
    &MONITORING_METRICS_PUBLISHER,
    &GRAFANA_VIEWER,
    &AZURE_MAPS_DATA_READER,
    &DIGITAL_TWINS_DATA_READER,
    &ATTESTATION_READER,
    &DEV_BOX_USER,
];

/// Manages App Service sites.
pub static WEBSITE_CONTRIBUTOR: Role = Role::azure(
    "Website Contributor",
    0xde139f84_1756_47ae_9be6_808fbbe84772,
    "managing sites",
);

/// Queries a search index.
pub static SEARCH_INDEX_DATA_READER: Role = Role::azure(
    "Search Index Data Reader",
    0x1407120a_92aa_4202_b7e9_c0e197c71c8f,
    "querying indexes",
);

/// Fills a search index.
pub static SEARCH_INDEX_DATA_CONTRIBUTOR: Role = Role::azure(
    "Search Index Data Contributor",
    0x8ebe5a00_799e_43f5_93ac_243d3dce84a7,
    "querying and filling indexes",
);

/// Manages a search service and its objects.
pub static SEARCH_SERVICE_CONTRIBUTOR: Role = Role::azure(
    "Search Service Contributor",
    0x7ca78c08_252a_4471_8644_bb5ff32d4ba0,
    "indexes, indexers and settings; no documents",
);

/// Reads blobs.
pub static STORAGE_BLOB_DATA_READER: Role = Role::azure(
    "Storage Blob Data Reader",
    0x2a2b9908_6ea1_4ae2_8e65_a410df84e7d1,
    "reading blobs",
);

/// Reads and writes blobs.
pub static STORAGE_BLOB_DATA_CONTRIBUTOR: Role = Role::azure(
    "Storage Blob Data Contributor",
    0xba92f5b4_2d11_453d_a403_e96b0029c9fe,
    "reading and writing blobs",
);

/// Owns blobs and their access lists.
pub static STORAGE_BLOB_DATA_OWNER: Role = Role::azure(
    "Storage Blob Data Owner",
    0xb7e6dc6d_f1e8_4753_8033_0f276bb0955b,
    "everything on blobs, access lists included",
);

/// Reads and writes queues.
pub static STORAGE_QUEUE_DATA_CONTRIBUTOR: Role = Role::azure(
    "Storage Queue Data Contributor",
    0x974c5e8b_45b9_4653_ba55_5f855dd0fb88,
    "reading and writing queues",
);

/// Reads and peeks queues.
pub static STORAGE_QUEUE_DATA_READER: Role = Role::azure(
    "Storage Queue Data Reader",
    0x19e7f393_937e_4f77_808e_94535e297925,
    "reading and peeking messages",
);

/// Adds messages to queues.
pub static STORAGE_QUEUE_DATA_MESSAGE_SENDER: Role = Role::azure(
    "Storage Queue Data Message Sender",
    0xc6a89b2d_59bc_44d0_9896_0f6e12d7b80a,
    "adding messages",
);

/// Takes messages from queues.
pub static STORAGE_QUEUE_DATA_MESSAGE_PROCESSOR: Role = Role::azure(
    "Storage Queue Data Message Processor",
    0x8a0f0c08_91a1_4084_bc3d_661d67233fed,
    "taking and deleting messages",
);

/// Reads tables.
pub static STORAGE_TABLE_DATA_READER: Role = Role::azure(
    "Storage Table Data Reader",
    0x76199698_9eea_4c19_bc75_cec21354c6b6,
    "reading entities",
);

/// Reads and writes tables.
pub static STORAGE_TABLE_DATA_CONTRIBUTOR: Role = Role::azure(
    "Storage Table Data Contributor",
    0x0a9a7e1f_b9d0_4cc4_a60d_0319b160aaa3,
    "reading and writing entities",
);

/// Reads file shares over REST.
pub static STORAGE_FILE_DATA_PRIVILEGED_READER: Role = Role::azure(
    "Storage File Data Privileged Reader",
    0xb8eda974_7b85_4f76_af95_65846b26df6d,
    "reading files over REST, whatever their own permissions",
);

/// Reads secrets.
pub static KEY_VAULT_SECRETS_USER: Role = Role::azure(
    "Key Vault Secrets User",
    0x4633458b_17de_408a_b874_0445c86b69e6,
    "reading secrets",
);

/// Signs, wraps and encrypts with keys.
pub static KEY_VAULT_CRYPTO_USER: Role = Role::azure(
    "Key Vault Crypto User",
    0x12338af0_0e69_4776_bea7_57ae8d297424,
    "using keys: sign, verify, wrap, encrypt, read the public part",
);

/// Reads certificates with their keys.
pub static KEY_VAULT_CERTIFICATE_USER: Role = Role::azure(
    "Key Vault Certificate User",
    0xdb79e9a7_68ee_4b58_9aeb_b90e7c24fcba,
    "reading certificates with their private part",
);

/// Everything in a vault.
pub static KEY_VAULT_ADMINISTRATOR: Role = Role::azure(
    "Key Vault Administrator",
    0x00482a5a_887f_4fb3_b363_3b7fe8e74483,
    "all data actions of a vault",
);

/// Reads items.
pub static COSMOS_DATA_READER: Role = Role::azure(
    "Cosmos DB Built-in Data Reader",
    0x00000000_0000_0000_0000_000000000001,
    "reading items",
)
.of_cosmos()
.from(
    "Cosmos DB doc \"Data plane role-based access control\"",
    High,
);

/// Reads and writes items.
pub static COSMOS_DATA_CONTRIBUTOR: Role = Role::azure(
    "Cosmos DB Built-in Data Contributor",
    0x00000000_0000_0000_0000_000000000002,
    "reading and writing items",
)
.of_cosmos()
.from("foundry-samples, the standard agent setup", High);

/// Manages accounts, without their data.
pub static COSMOS_DB_OPERATOR: Role = Role::azure(
    "Cosmos DB Operator",
    0x230815da_be43_4aae_9cb4_875f7bd000aa,
    "nothing of the data plane",
);

/// Sends messages.
pub static SERVICE_BUS_DATA_SENDER: Role = Role::azure(
    "Azure Service Bus Data Sender",
    0x69a216fc_b8fb_44d8_bc22_1f3c2cd27a39,
    "sending messages",
);

/// Receives messages.
pub static SERVICE_BUS_DATA_RECEIVER: Role = Role::azure(
    "Azure Service Bus Data Receiver",
    0x4f6d3b9b_027b_4f4c_9142_0e5a2a2247e0,
    "receiving messages",
);

/// Everything in a namespace.
pub static SERVICE_BUS_DATA_OWNER: Role = Role::azure(
    "Azure Service Bus Data Owner",
    0x090c5cfd_751d_490a_894a_3ce6f1109419,
    "all data actions",
);

/// Sends events.
pub static EVENT_HUBS_DATA_SENDER: Role = Role::azure(
    "Azure Event Hubs Data Sender",
    0x2b629674_e913_4c01_ae53_ef4638d8f975,
    "sending events",
);

/// Receives events.
pub static EVENT_HUBS_DATA_RECEIVER: Role = Role::azure(
    "Azure Event Hubs Data Receiver",
    0xa638d3c7_ab3a_418d_83e6_5f17a39d4fde,
    "receiving events",
);

/// Everything in a namespace.
pub static EVENT_HUBS_DATA_OWNER: Role = Role::azure(
    "Azure Event Hubs Data Owner",
    0xf526a384_b230_433a_b45c_95f59c4a2dec,
    "all data actions",
);

/// Sends through a relay.
pub static RELAY_SENDER: Role = Role::azure(
    "Azure Relay Sender",
    0x26baccc8_eea7_41f1_98f4_1762cc7f685d,
    "sending through a relay",
);

/// Sends events to a topic.
pub static EVENT_GRID_DATA_SENDER: Role = Role::azure(
    "EventGrid Data Sender",
    0xd5a91429_5739_47e2_a06b_3470a27159e7,
    "sending events",
);

/// Everything on a hub's data plane.
pub static IOT_HUB_DATA_CONTRIBUTOR: Role = Role::azure(
    "IoT Hub Data Contributor",
    0x4fc6c259_987e_4a07_842e_c321cc9d413f,
    "all data actions",
);

/// Everything on SignalR's data plane.
pub static SIGNALR_SERVICE_OWNER: Role = Role::azure(
    "SignalR Service Owner",
    0x7e4f1700_ea5a_4f59_8f37_079cfe29dce3,
    "all data actions",
);

/// Everything on Web PubSub's data plane.
pub static WEB_PUBSUB_SERVICE_OWNER: Role = Role::azure(
    "Web PubSub Service Owner",
    0x12cf5a90_567b_43ae_8102_96cf46c7d9b4,
    "all data actions",
);

/// Reads configuration.
pub static APP_CONFIGURATION_DATA_READER: Role = Role::azure(
    "App Configuration Data Reader",
    0x516239f1_63e1_4d78_a4de_a74fb236a071,
    "reading key-values",
);

/// Reads and writes configuration.
pub static APP_CONFIGURATION_DATA_OWNER: Role = Role::azure(
    "App Configuration Data Owner",
    0x5ae67dd6_50cb_40e7_96ff_dc2bfa4b606b,
    "reading and writing key-values",
);

/// Runs code in dynamic sessions.
pub static CONTAINER_APPS_SESSION_EXECUTOR: Role = Role::azure(
    "Azure ContainerApps Session Executor",
    0x0fb8eba5_a2bb_4abe_b1c1_49dfad359bb0,
    "running code in sessions",
)
.from("public Bicep templates", Medium);

/// Pulls images.
pub static ACR_PULL: Role = Role::azure(
    "AcrPull",
    0x7f951dda_4ed3_4680_a7ca_43fe172d538d,
    "pulling images",
);

/// Pushes images.
pub static ACR_PUSH: Role = Role::azure(
    "AcrPush",
    0x8311e382_0749_4cb8_b61a_304f252e45ec,
    "pulling and pushing images",
);

/// Pushes images to a registry with attribute-based access.
pub static ACR_REPOSITORY_WRITER: Role = Role::azure(
    "Container Registry Repository Writer",
    0x2a1e307c_b015_4ebd_883e_5b7698a07328,
    "pulling and pushing images where access is by attributes",
)
.from(AZD, High);

/// Queries logs.
pub static LOG_ANALYTICS_READER: Role = Role::azure(
    "Log Analytics Reader",
    0x73c42c96_874c_492b_b04d_ab87d138a893,
    "querying logs",
);

/// Reads monitoring data.
pub static MONITORING_READER: Role = Role::azure(
    "Monitoring Reader",
    0x43d0d8ad_25c7_4714_9337_8ba259a9fe05,
    "reading monitoring data",
);

/// Queries an Azure Monitor workspace.
pub static MONITORING_DATA_READER: Role = Role::azure(
    "Monitoring Data Reader",
    0xb0d8363b_8ddd_447d_831f_62ca05bff136,
    "querying Prometheus metrics",
);

/// Sends metrics and logs.
pub static MONITORING_METRICS_PUBLISHER: Role = Role::azure(
    "Monitoring Metrics Publisher",
    0x3913510d_42f4_4e42_8a64_420c390055eb,
    "sending metrics and logs",
);

/// Views dashboards.
pub static GRAFANA_VIEWER: Role = Role::azure(
    "Grafana Viewer",
    0x60921a7e_fef1_4a43_9b16_a26c52ad4769,
    "viewing dashboards",
);

/// Reads maps.
pub static AZURE_MAPS_DATA_READER: Role = Role::azure(
    "Azure Maps Data Reader",
    0x423170ca_a8f6_4b0f_8487_9e4eb8f49bfa,
    "reading maps",
);

/// Reads digital twins.
pub static DIGITAL_TWINS_DATA_READER: Role = Role::azure(
    "Azure Digital Twins Data Reader",
    0xd57506d4_4c8d_48b1_8587_93c323f6a5a3,
    "reading twins",
);

/// Reads attestation policies.
pub static ATTESTATION_READER: Role = Role::azure(
    "Attestation Reader",
    0xfd1bd22b_8476_40bc_a0bc_69b95687b9f3,
    "reading properties and policies",
);

/// Uses dev boxes.
pub static DEV_BOX_USER: Role = Role::azure(
    "DevCenter Dev Box User",
    0x45d50f46_0b78_4001_a660_4198cbe8cd05,
    "creating and using dev boxes",
);
