//! Services that keep their own list of users: Dataverse, Azure DevOps, databases, a bot's
//! connector. Token and Azure roles are not what they refuse.

use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::diagnosis::paste;
use crate::finding::{Certainty, Finding};
use crate::reading::scan;

use super::shared::{said, shown};

pub(super) fn membership(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    if facts.says_any(&[
        "not a member of the organization",
        "user with systemuserid",
        "no application user",
        "0x80072560",
    ]) {
        found.push(dataverse(facts));
    }
    if let Some(finding) = devops(facts) {
        found.push(finding);
    }
    if let Some(finding) = bot(facts) {
        found.push(finding);
    }
    if let Some(finding) = database(facts) {
        found.push(finding);
    }
    if facts.says("wrongpass") {
        found.push(
            said(Code::NotAMember, "the cache took the pair of user name and token for none of its users".to_owned())
                .why("with Entra ID, Redis wants the object id of the identity as the user name and a token as the password, and an access policy for that identity")
                .change("assign an access policy (Data Access Configuration) to the identity, and use its object id as the user name")
                .change(Change::scope("https://redis.azure.com/.default"))
                .source_is("Azure Managed Redis doc \"Use Microsoft Entra for cache authentication\""),
        );
    }
}

/// The calling application or user, as the token names it.
fn caller(facts: &Facts<'_>) -> String {
    let claims = facts.claims();
    match claims.and_then(entra_claims::Claims::azp_or_appid) {
        Some(id) if facts.app_only() => {
            format!("the application {}", paste::word(id, "client id"))
        }
        Some(_) => "the signed-in user".to_owned(),
        None => "the caller".to_owned(),
    }
}

fn dataverse(facts: &Facts<'_>) -> Finding {
    said(
        Code::NotAMember,
        format!("{} is no user of the Dataverse environment", caller(facts)),
    )
    .why("Dataverse took the token and looks for its user among its own: an application needs an application user there, and Azure roles do not count")
    .change("create an application user for the client id in the environment (Power Platform admin center, Settings, Users + permissions, Application users) and give it a security role")
    .change("a person needs a licence and a security role in this environment")
    .source_is("Power Platform doc \"Manage application users\"")
}

/// `TF400813: The user '...' is not authorized`: a number of Azure DevOps.
fn devops(facts: &Facts<'_>) -> Option<Finding> {
    let number = ["TF", "VS"].iter().find_map(|mark| {
        facts.said.match_indices(mark).find_map(|(at, _)| {
            let rest = facts.said.get(at + 2..)?;
            let end = rest.find(|c: char| !c.is_ascii_digit())?;
            let before = facts.said.get(..at)?.ends_with(char::is_alphanumeric);
            ((5..=7).contains(&end) && !before)
                .then(|| format!("{mark}{}", rest.get(..end).unwrap_or_default()))
        })
    })?;
    let refused = facts.says_any(&[
        "not authorized",
        "do not have permission",
        "does not have permission",
        "need the following permission",
        "needs the following permission",
        "access denied",
        "could not be found",
        "does not exist",
    ]);
    if !refused {
        return None;
    }
    let who = scan::after(&facts.said, &number)
        .and_then(scan::quoted)
        .filter(|_| facts.says("the user '"))
        .map_or_else(|| caller(facts), |name| format!("`{}`", shown(name)));
    let git = facts.says_any(&["git repository", "_git/"]);
    let seen = if git {
        format!(
            "Azure DevOps says {number}: {who} may not see the repository, or its name is wrong"
        )
    } else {
        format!(
            "Azure DevOps says {number}: {who} is no user of the organization, or lacks the permission there"
        )
    };
    let mut finding = said(Code::NotAMember, seen)
        .why("Azure DevOps has users and permissions of its own: Azure roles do not count there, and the organization must be connected to the token's tenant")
        .change("add the user, service principal or managed identity to the organization (Organization settings, Users) with an access level, and give it the permission in the project");
    if git {
        finding = finding.change("in a pipeline: let the job's access token reach this repository (\"Limit job authorization scope\", or list it under `resources: repositories`)");
    }
    Some(finding.source_is("Azure DevOps doc \"Use service principals and managed identities\""))
}

/// The connector compares the token's application with the conversation's bot.
fn bot(facts: &Facts<'_>) -> Option<Finding> {
    let rest = scan::after(&facts.said, "Invalid AppId passed on token")?;
    let of_token = scan::guid(crate::reading::cut(rest, 80)).or_else(|| {
        let claims = facts.claims()?;
        claims.azp_or_appid().map(str::to_owned)
    });
    let bot = ["MicrosoftAppId", "MICROSOFT_APP_ID", "botId", "bot id"]
        .iter()
        .find_map(|mark| {
            let rest = scan::after(&facts.said, mark)?;
            scan::guid(crate::reading::cut(rest, 80))
        });
    let token = of_token.unwrap_or_else(|| "another one".to_owned());
    Some(
        said(
            Code::BotApplication,
            match &bot {
                Some(bot) => format!("the connector's token is of the application {token}, and the bot is registered as {bot}"),
                None => format!("the connector's token is of the application {token}, which is not the one that the bot is registered with"),
            },
        )
        .why("the connector takes an answer from the bot's own application only")
        .change("set `MicrosoftAppId` (with its secret, certificate or managed identity) to the id in the Azure Bot resource's configuration, and get the token with it")
        .change(Change::scope("https://api.botframework.com/.default"))
        .source_is("Bot Service doc \"Authentication with the Bot Connector API\""),
    )
}

/// A database that is given a password, or a token that is none for it.
fn database(facts: &Facts<'_>) -> Option<Finding> {
    const SOURCE: &str = "Azure Database for PostgreSQL doc \"Microsoft Entra authentication\"";
    let (name, scope) = facts.wanted()?;
    if !scope.contains("ossrdbms") {
        return None;
    }
    let resource = crate::diagnosis::accept::resource_of(&scope);
    // A token for another resource is the audience rule's.
    if facts
        .verdict()
        .is_some_and(|it| it != crate::diagnosis::accept::Verdict::Accepted)
    {
        return None;
    }
    if facts.says_any(&[
        "neither an aad user nor",
        "does not match the role",
        "role \"*\" does not exist",
        "azure ad user token for role",
        "is not permitted to log in",
    ]) {
        return Some(
            said(Code::NotAMember, "the database has no role for the identity that the token names".to_owned())
                .why("the user name of the connection must be a role that the database knows as an identity of Entra ID")
                .change("create it, connected as the server's Entra administrator: PostgreSQL `SELECT * FROM pgaadauth_create_principal('<name>', false, false)`, MySQL `CREATE AADUSER '<name>'`")
                .change("use exactly that name as the user name: of a user the user principal name, of an application or managed identity its display name")
                .source_is(SOURCE),
        );
    }
    let refused = facts.says_any(&[
        "password authentication failed",
        "access denied for user",
        "error 1045",
        "28p01",
    ]);
    if !refused {
        return None;
    }
    let command = format!(
        "az account get-access-token --resource {resource} --query accessToken --output tsv"
    );
    let with_token = facts.token().is_some();
    Some(
        Finding::new(
            Code::PasswordInsteadOfToken,
            if with_token { Certainty::Likely } else { Certainty::Certain },
            if with_token {
                "the server took the token for no valid password of this user name".to_owned()
            } else {
                format!("{name} refuses the password: with Entra ID, the password is an access token for `{resource}`")
            },
        )
        .why("a password of the directory is never one of the database; the token stands in its place, whole and younger than an hour, and the user name is the identity's name in the database")
        .change(Change::run("get a token and use it as the password (`PGPASSWORD`; for MySQL with `--enable-cleartext-plugin`)", command))
        .change("or, where the user is one of the database itself: use its own password, and allow password authentication on the server")
        .said()
        .source_is(SOURCE),
    )
}
