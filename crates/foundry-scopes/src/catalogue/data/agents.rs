//! Resources of MCP servers and agents.

use super::roles::{DEV_BOX_USER, FOUNDRY_USER};
use super::{MI, RT};
use crate::catalogue::resource::{IssuedTokenVersion, Resource, row};
use crate::catalogue::role::Confidence::{High, Medium};
use crate::cloud::KnownCloud::Public;

/// The rows of this family.
pub(super) static ALL: &[&Resource] = &[
    &ADO_MCP,
    &FOUNDRY_MCP,
    &ARM_MCP,
    &WORK_IQ,
    &AGENT_365_TOOLS,
    &AGENT_365,
    &WORK_IQ_COPILOT,
    &WORK_IQ_SHAREPOINT,
    &WORK_IQ_CALENDAR,
    &WORK_IQ_USER,
    &WORK_IQ_WORD,
    &WORK_IQ_ONEDRIVE,
    &WORK_IQ_TEAMS,
    &WORK_IQ_MAIL,
    &WORK_IQ_CLI,
    &M365_ADMIN_MCP,
    &ENTERPRISE_MCP,
    &SRE_AGENT,
    &SENTINEL_MCP,
    &DEV_CENTER,
    &BUSINESS_CENTRAL,
    &AZMCP_CLI_GENERATE,
];

/// The Foundry MCP server; a token for Foundry itself is refused there.
pub static FOUNDRY_MCP: Resource = Resource {
    code: "foundry_mcp",
    name: "Foundry MCP server",
    also: &["FoundryMCPServer"],
    clouds: &[row(
        Public,
        High,
        &[
            MI,
            "microsoft/mcp registry.json",
            "agent-framework InvokeMcpTool sample",
            "GitHub-Copilot-for-Azure#1235",
        ],
    )
    .app(0xfcdfa2de_b65b_4b54_9a1c_81c8a18282d9)
    .seen(&["https://mcp.ai.azure.com"])
    .scopes(&["https://mcp.ai.azure.com/.default"])
    .hosts(&["mcp.ai.azure.com"])],
    tokens: IssuedTokenVersion::Unknown,
    permissions: &["Foundry.Mcp.Tools"],
    roles: &[&FOUNDRY_USER],
    quirks: &[
        "It refuses tokens for Azure Resource Manager, Foundry and Azure Machine Learning.",
        "The server makes the on-behalf-of exchange itself; management tools want Contributor besides.",
    ],
    ..Resource::NEW
};

/// The Azure Resource Manager MCP server.
pub static ARM_MCP: Resource = Resource {
    code: "arm_mcp",
    name: "Azure Resource Manager MCP server",
    clouds: &[row(Public, High, &["microsoft/mcp registry.json"])
        .app(0x22bfbae3_f4e7_485f_be43_8cee15065084)
        .scopes(&["22bfbae3-f4e7-485f-be43-8cee15065084/.default"])
        .hosts(&["mcp.management.azure.com"])],
    tokens: IssuedTokenVersion::Unknown,
    access: "Azure roles on what is managed",
    quirks: &[
        "Its host is no identifier: the scope is the bare application id. Never derive a scope from the host of an MCP server.",
    ],
    ..Resource::NEW
};

/// The Work IQ API.
pub static WORK_IQ: Resource = Resource {
    code: "work_iq",
    name: "Work IQ",
    clouds: &[row(Public, High, &["azure-skills tool-work-iq.md"])
        .app(0xfdcc1f02_fc51_4226_8753_f668596af7f7)
        .registered(&["api://workiq.svc.cloud.microsoft"])
        .scopes(&[
            "api://workiq.svc.cloud.microsoft/.default",
            "fdcc1f02-fc51-4226-8753-f668596af7f7/.default",
        ])
        .hosts(&["workiq.svc.cloud.microsoft"])],
    tokens: IssuedTokenVersion::Unknown,
    permissions: &[
        "WorkIQAgent.Ask",
        "WorkIQAgent.Ask.Selected",
        "WorkIQSettings.Read.All",
        "WorkIQSettings.ReadWrite.All",
    ],
    quirks: &["A Foundry connection stores the bare application id as the audience."],
    ..Resource::NEW
};

/// Agent 365 tools (Work IQ MCP servers).
pub static AGENT_365_TOOLS: Resource = Resource {
    code: "agent_365_tools",
    name: "Agent 365 tools",
    also: &["Agent Tools"],
    clouds: &[row(Public, High, &[MI, "Agent365-devTools#454"])
        .app(0xea9ffc3e_8a23_4a7d_836d_234d7c7565c1)
        .scopes(&["ea9ffc3e-8a23-4a7d-836d-234d7c7565c1/.default"])
        .hosts(&["agent365.svc.cloud.microsoft"])],
    tokens: IssuedTokenVersion::Unknown,
    permissions: &[
        "McpServers.Mail.All",
        "McpServers.Calendar.All",
        "McpServers.Teams.All",
        "McpServers.Me.All",
        "McpServers.OneDriveSharepoint.All",
        "McpServers.SharepointLists.All",
        "McpServers.Word.All",
        "McpServers.CopilotMCP.All",
        "McpServers.M365Admin.All",
        "McpServers.Dataverse.All",
    ],
    quirks: &["A missing permission is answered with 403 and its name in the body."],
    ..Resource::NEW
};

/// The Agent 365 platform.
pub static AGENT_365: Resource = Resource {
    code: "agent_365",
    name: "Agent 365",
    clouds: &[row(Public, Medium, &[MI])
        .app(0x59eca866_2f46_40b8_96ff_63f663121ef9)
        .scopes(&["59eca866-2f46-40b8-96ff-63f663121ef9/.default"])],
    tokens: IssuedTokenVersion::Unknown,
    ..Resource::NEW
};

/// The Work IQ MCP server for Copilot.
pub static WORK_IQ_COPILOT: Resource = Resource {
    code: "work_iq_copilot",
    name: "Work IQ MCP: Copilot",
    clouds: &[row(Public, Medium, &[MI])
        .app(0xab7c82de_7946_4454_ac28_70249d17c95e)
        .scopes(&["ab7c82de-7946-4454-ac28-70249d17c95e/.default"])
        .hosts(&["agent365.svc.cloud.microsoft"])],
    tokens: IssuedTokenVersion::Unknown,
    access: "delegated permissions of the server",
    quirks: &[
        "Each server has an application of its own; the older Agent 365 tools application serves all.",
    ],
    ..Resource::NEW
};

/// The Work IQ MCP server for SharePoint.
pub static WORK_IQ_SHAREPOINT: Resource = Resource {
    code: "work_iq_sharepoint",
    name: "Work IQ MCP: SharePoint",
    clouds: &[row(Public, Medium, &[MI])
        .app(0x292cff14_c0e8_4116_9e3b_99934ae05766)
        .scopes(&["292cff14-c0e8-4116-9e3b-99934ae05766/.default"])
        .hosts(&["agent365.svc.cloud.microsoft"])],
    tokens: IssuedTokenVersion::Unknown,
    access: "delegated permissions of the server",
    quirks: &[
        "Each server has an application of its own; the older Agent 365 tools application serves all.",
    ],
    ..Resource::NEW
};

/// The Work IQ MCP server for Calendar.
pub static WORK_IQ_CALENDAR: Resource = Resource {
    code: "work_iq_calendar",
    name: "Work IQ MCP: Calendar",
    clouds: &[row(Public, Medium, &[MI])
        .app(0x910333d2_47e9_43ca_981f_6df2f4531ef4)
        .scopes(&["910333d2-47e9-43ca-981f-6df2f4531ef4/.default"])
        .hosts(&["agent365.svc.cloud.microsoft"])],
    tokens: IssuedTokenVersion::Unknown,
    access: "delegated permissions of the server",
    quirks: &[
        "Each server has an application of its own; the older Agent 365 tools application serves all.",
    ],
    ..Resource::NEW
};

/// The Work IQ MCP server for User.
pub static WORK_IQ_USER: Resource = Resource {
    code: "work_iq_user",
    name: "Work IQ MCP: User",
    clouds: &[row(Public, Medium, &[MI])
        .app(0x147dc821_b413_44c0_8009_1a3098378012)
        .scopes(&["147dc821-b413-44c0-8009-1a3098378012/.default"])
        .hosts(&["agent365.svc.cloud.microsoft"])],
    tokens: IssuedTokenVersion::Unknown,
    access: "delegated permissions of the server",
    quirks: &[
        "Each server has an application of its own; the older Agent 365 tools application serves all.",
    ],
    ..Resource::NEW
};

/// The Work IQ MCP server for Word.
pub static WORK_IQ_WORD: Resource = Resource {
    code: "work_iq_word",
    name: "Work IQ MCP: Word",
    clouds: &[row(Public, Medium, &[MI])
        .app(0xc2d0c2b6_8013_4346_9f8b_b81d3b754a29)
        .scopes(&["c2d0c2b6-8013-4346-9f8b-b81d3b754a29/.default"])
        .hosts(&["agent365.svc.cloud.microsoft"])],
    tokens: IssuedTokenVersion::Unknown,
    access: "delegated permissions of the server",
    quirks: &[
        "Each server has an application of its own; the older Agent 365 tools application serves all.",
    ],
    ..Resource::NEW
};

/// The Work IQ MCP server for OneDrive.
pub static WORK_IQ_ONEDRIVE: Resource = Resource {
    code: "work_iq_onedrive",
    name: "Work IQ MCP: OneDrive",
    clouds: &[row(Public, Medium, &[MI])
        .app(0xb0b2a2bb_6361_4549_a00c_a018417eb8e2)
        .scopes(&["b0b2a2bb-6361-4549-a00c-a018417eb8e2/.default"])
        .hosts(&["agent365.svc.cloud.microsoft"])],
    tokens: IssuedTokenVersion::Unknown,
    access: "delegated permissions of the server",
    quirks: &[
        "Each server has an application of its own; the older Agent 365 tools application serves all.",
    ],
    ..Resource::NEW
};

/// The Work IQ MCP server for Teams.
pub static WORK_IQ_TEAMS: Resource = Resource {
    code: "work_iq_teams",
    name: "Work IQ MCP: Teams",
    clouds: &[row(Public, Medium, &[MI])
        .app(0xce5029ee_c1d3_45c0_bdcc_efb5a4245687)
        .scopes(&["ce5029ee-c1d3-45c0-bdcc-efb5a4245687/.default"])
        .hosts(&["agent365.svc.cloud.microsoft"])],
    tokens: IssuedTokenVersion::Unknown,
    access: "delegated permissions of the server",
    quirks: &[
        "Each server has an application of its own; the older Agent 365 tools application serves all.",
    ],
    ..Resource::NEW
};

/// The Work IQ MCP server for Mail.
pub static WORK_IQ_MAIL: Resource = Resource {
    code: "work_iq_mail",
    name: "Work IQ MCP: Mail",
    clouds: &[row(Public, Medium, &[MI])
        .app(0x16b1878d_62c7_4009_aa25_68989d63bbad)
        .scopes(&["16b1878d-62c7-4009-aa25-68989d63bbad/.default"])
        .hosts(&["agent365.svc.cloud.microsoft"])],
    tokens: IssuedTokenVersion::Unknown,
    access: "delegated permissions of the server",
    quirks: &[
        "Each server has an application of its own; the older Agent 365 tools application serves all.",
    ],
    ..Resource::NEW
};

/// The Work IQ MCP server for CLI.
pub static WORK_IQ_CLI: Resource = Resource {
    code: "work_iq_cli",
    name: "Work IQ MCP: CLI",
    clouds: &[row(Public, Medium, &[MI])
        .app(0xba081686_5d24_4bc6_a0d6_d034ecffed87)
        .scopes(&["ba081686-5d24-4bc6-a0d6-d034ecffed87/.default"])
        .hosts(&["agent365.svc.cloud.microsoft"])],
    tokens: IssuedTokenVersion::Unknown,
    access: "delegated permissions of the server",
    quirks: &[
        "Each server has an application of its own; the older Agent 365 tools application serves all.",
    ],
    ..Resource::NEW
};

/// The MCP server of the Microsoft 365 admin center.
pub static M365_ADMIN_MCP: Resource = Resource {
    code: "m365_admin_mcp",
    name: "Microsoft 365 Admin Center MCP server",
    clouds: &[row(Public, Medium, &[MI])
        .app(0x2dbeefeb_6462_48a4_abe6_1c4989699319)
        .scopes(&["2dbeefeb-6462-48a4-abe6-1c4989699319/.default"])],
    tokens: IssuedTokenVersion::Unknown,
    access: "delegated permissions",
    ..Resource::NEW
};

/// The Microsoft MCP Server for Enterprise.
pub static ENTERPRISE_MCP: Resource = Resource {
    code: "enterprise_mcp",
    name: "Microsoft MCP Server for Enterprise",
    clouds: &[row(Public, Medium, &[MI, "microsoft/EnterpriseMCP#15"])
        .app(0xe8c77dc2_69b3_43f4_bc51_3213c9d915b4)
        .scopes(&["e8c77dc2-69b3-43f4-bc51-3213c9d915b4/.default"])
        .hosts(&["mcp.svc.cloud.microsoft"])],
    tokens: IssuedTokenVersion::Unknown,
    access: "delegated MCP.* permissions",
    quirks: &["In preview, at https://mcp.svc.cloud.microsoft/enterprise."],
    ..Resource::NEW
};

/// The Azure SRE Agent.
pub static SRE_AGENT: Resource = Resource {
    code: "sre_agent",
    name: "Azure SRE Agent",
    clouds: &[row(Public, High, &[RT, "microsoft/mcp SreAgentService.cs"])
        .app(0x59f0a04a_b322_4310_adc9_39ac41e9631e)
        .registered(&[
            "https://azuresre.ai",
            "https://azuresre.dev",
            "https://azurecopilot.io",
            "api://azuresre.ai/botid-59f0a04a-b322-4310-adc9-39ac41e9631e",
        ])
        .scopes(&["59f0a04a-b322-4310-adc9-39ac41e9631e/.default"])
        .hosts(&["*.azuresre.ai"])],
    tokens: IssuedTokenVersion::Unknown,
    access: "SRE Agent roles",
    ..Resource::NEW
};

/// The Sentinel MCP server for data exploration.
pub static SENTINEL_MCP: Resource = Resource {
    code: "sentinel_mcp",
    name: "Microsoft Sentinel MCP server",
    clouds: &[row(Public, High, &[RT])
        .app(0x4500ebfb_89b6_4b14_a480_7f749797bfcd)
        .registered(&["https://sentinel.microsoft.com/mcp/data-exploration/"])
        .scopes(&["https://sentinel.microsoft.com/mcp/data-exploration//.default"])
        .hosts(&["sentinel.microsoft.com"])],
    access: "Security Reader and the like",
    quirks: &["The identifier has a path and a slash at its end: taking only the host breaks it."],
    ..Resource::NEW
};

/// Dev Center, Dev Box and their MCP server.
pub static DEV_CENTER: Resource = Resource {
    code: "dev_center",
    name: "Dev Center and Dev Box",
    clouds: &[row(Public, High, &[RT])
        .app(0xe526e72f_ffae_44a0_8dac_cf14b8bd40e2)
        .registered(&[
            "https://devbox.microsoft.com/mcp",
            "https://devcenter.azure.com",
        ])
        .scopes(&[
            "https://devcenter.azure.com/.default",
            "https://devbox.microsoft.com/mcp/.default",
        ])
        .hosts(&["*.devcenter.azure.com"])],
    roles: &[&DEV_BOX_USER],
    quirks: &["One of its identifiers has a path."],
    ..Resource::NEW
};

/// Business Central and its MCP server.
pub static BUSINESS_CENTRAL: Resource = Resource {
    code: "business_central",
    name: "Business Central",
    clouds: &[row(Public, High, &[RT])
        .app(0x996def3d_b36c_4153_8607_a6fd3c01b89f)
        .registered(&[
            "https://mcp.businesscentral.dynamics.com",
            "https://api.businesscentral.dynamics.com",
        ])
        .scopes(&[
            "https://mcp.businesscentral.dynamics.com/.default",
            "https://api.businesscentral.dynamics.com/.default",
        ])
        .hosts(&[
            "mcp.businesscentral.dynamics.com",
            "api.businesscentral.dynamics.com",
        ])],
    access: "delegated permissions",
    ..Resource::NEW
};

/// The service behind the command generator of the Azure MCP server.
pub static AZMCP_CLI_GENERATE: Resource = Resource {
    code: "azmcp_cli_generate",
    name: "Azure MCP command generator",
    clouds: &[
        row(Public, Medium, &["microsoft/mcp CliGenerateService.cs"])
            .app(0xa5ede409_60d3_4a6c_93e6_eb2e7271e8e3)
            .scopes(&["a5ede409-60d3-4a6c-93e6-eb2e7271e8e3/.default"]),
    ],
    tokens: IssuedTokenVersion::Unknown,
    ..Resource::NEW
};

/// The remote MCP server of Azure DevOps, a resource of its own.
pub static ADO_MCP: Resource = Resource {
    code: "ado_mcp",
    name: "Azure DevOps MCP",
    also: &["Azure DevOps MCP server"],
    clouds: &[row(
        Public,
        High,
        &["azure-devops-mcp#1380", "azure-devops-mcp#1511"],
    )
    .app(0x2a72489c_aab2_4b65_b93a_a91edccf33b8)
    .registered(&["https://mcp.dev.azure.com"])
    .scopes(&["2a72489c-aab2-4b65-b93a-a91edccf33b8/.default"])
    .hosts(&["mcp.dev.azure.com"])],
    tokens: IssuedTokenVersion::Unknown,
    permissions: &[
        "Ado.Mcp.Tools",
        "wit.read",
        "work.read",
        "repos.read",
        "wiki.read",
        "wiki.write",
        "pipelines.read",
    ],
    access: "permissions of Azure DevOps, not Azure roles",
    quirks: &[
        "Tokens for Azure DevOps itself (499b84ac-1321-427f-aa17-267ca6975798) are refused with 401.",
        "A tenant needs its service principal once: az ad sp create --id 2a72489c-aab2-4b65-b93a-a91edccf33b8.",
        "Ask for named scopes: `.default` ends in AADSTS650057 where the client's registration lists none.",
    ],
    ..Resource::NEW
};
