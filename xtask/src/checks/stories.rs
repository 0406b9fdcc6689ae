//! Self-checks of the examples: each runs offline and prints its steps, which are compared with a list.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::report::{Outcome, StepResult};
use crate::workspace::Workspace;

/// An example, how it is told to speak to programs, and what it must tell.
pub(super) struct Story {
    pub(super) package: &'static str,
    argument: &'static str,
    /// In this order; others may stand between them.
    steps: &'static [&'static str],
}

const STORIES: &[Story] = &[
    Story {
        package: "quickstart",
        argument: "--json",
        steps: &[
            "start",
            "challenge",
            "resource_rule",
            "sign_in",
            "tool_call",
            "on_behalf_of",
            "refused_no_token",
            "refused_audience",
            "refused_scope",
            "refused_consent",
            "endpoint",
            "no_secrets",
        ],
    },
    Story {
        package: "mcp-server-obo",
        argument: "--self-check",
        steps: &[
            "challenge",
            "foreign_host",
            "whoami",
            "graph_as_the_user",
            "foundry_as_the_user",
            "consent_is_missing",
            "after_consent",
            "step_up_names_all_scopes",
            "mail_as_the_user",
        ],
    },
    Story {
        package: "token-broker",
        argument: "--self-check",
        steps: &[
            "alive",
            "not_ready_without_keys",
            "ready_with_the_age_of_its_keys",
            "names_for_a_user",
            "token_as_the_user",
            "from_the_cache",
            "token_as_the_broker",
            "no_token",
            "application_without_the_role",
            "not_allowed_looks_like_unknown",
            "bad_requests",
            "consent_required",
            "claims_challenge",
            "no_claims_for_who_cannot_use_them",
            "throttled",
            "wrong_method",
            "nothing_is_stored",
        ],
    },
    Story {
        package: "agent-user-context-example",
        argument: "--self-check",
        steps: &[
            "agent_is_ready",
            "three_calls_to_two_apis_in_one_turn",
            "a_turn_of_ten_minutes",
            "a_turn_is_over_after_fifteen",
            "the_agent_may_and_the_user_may_not",
            "another_agent_with_this_turn",
            "a_turn_context_at_an_api",
            "a_write_that_is_replayed",
            "an_agent_alone",
            "more_than_the_context_covers",
            "another_apis_context",
            "two_contexts",
            "an_unsigned_header",
            "a_route_that_takes_no_context",
            "an_old_context",
            "no_renewal_after_the_sign_out",
            "sign_out",
        ],
    },
    Story {
        package: "foundry-client",
        argument: "--self-check",
        steps: &[
            "endpoints",
            "one_sign_in_two_audiences",
            "openai_as_the_user",
            "oauth_consent_request",
            "no_answer_before_the_consent",
            "resumed_with_previous_response_id",
            "an_unknown_response_is_refused",
            "the_other_audience_is_refused",
            "openai_as_the_application",
            "openai_by_managed_identity",
            "foundry_by_managed_identity",
            "an_agents_address_leaves_its_audience_open",
            "agent_by_roles",
            "agent_by_its_blueprint",
            "the_blueprints_token_where_roles_decide",
            "foundrys_token_where_the_blueprint_decides",
            "x_ms_user_identity_parts_the_sessions",
            "x_ms_user_identity_needs_its_data_action",
        ],
    },
    Story {
        package: "hosted-agent",
        argument: "--self-check",
        steps: &[
            "readiness",
            "oauth_consent_request",
            "missing_consent_leaves_it_ready",
            "response_incomplete_as_a_stream",
            "no_answer_before_the_consent",
            "another_users_response_is_not_there",
            "resumed_with_previous_response_id",
            "answer_as_a_stream",
            "consent_is_each_users_own",
            "the_toolbox_sees_the_agents_own_token",
            "the_call_id_goes_to_the_toolbox_only",
            "consent_of_several_sources",
            "consent_beside_an_error_is_an_error",
            "a_link_to_a_foreign_host_is_not_shown",
            "a_link_without_tls_is_not_shown",
            "without_a_call_there_is_no_user",
            "the_toolbox_refuses_another_audience",
            "the_toolbox_refuses_a_missing_version",
        ],
    },
    Story {
        package: "agent-identity",
        argument: "--self-check",
        steps: &[
            "set_up_names_the_token_that_cannot_work",
            "graph_refuses_it",
            "set_up_in_a_tenant_without_agents",
            "set_up",
            "sign_in_at_the_app",
            "sign_in_by_device_code",
            "the_app_calls_the_agent",
            "graph_on_behalf_of_the_user",
            "mcp_server_on_behalf_of_the_user",
            "last_api_after_the_second_exchange",
            "autonomously",
            "as_its_own_user_account",
            "consent_is_missing",
            "granted_to_the_agent_identity",
            "a_grant_to_the_blueprint_alone_is_not_enough",
            "inherited_from_the_blueprint",
            "blueprint_not_allowed",
            "another_audience",
            "user_of_another_tenant",
            "exchange_tokens_by_certificate",
            "agent_disabled_in_mid_run",
        ],
    },
];

/// The story of an example; there is none that has none.
pub(super) fn of(package: &str) -> Result<&'static Story, String> {
    let found = STORIES.iter().find(|story| story.package == package);
    found.ok_or_else(|| format!("{package} has no story in xtask/src/checks/stories.rs"))
}

impl Story {
    /// One JSON object per line, each with its step and `"ok": true`.
    pub(super) fn check(&self, workspace: &Workspace) -> StepResult {
        let text = run(workspace, self.package, &[self.argument])?;
        print!("{text}");
        self.read(&text)
    }

    fn read(&self, text: &str) -> StepResult {
        let mut expected = self.steps.iter().peekable();
        for line in text.lines() {
            let step: Value = serde_json::from_str(line)
                .map_err(|error| format!("not JSON ({error}): {line}"))?;
            let Some(name) = step.get("step").and_then(Value::as_str) else {
                return Err(format!("a line without a step: {line}"));
            };
            if step.get("ok") != Some(&Value::Bool(true)) {
                return Err(format!(
                    "a step that did not do what the story says: {line}"
                ));
            }
            if expected.peek() == Some(&&name) {
                expected.next();
            }
        }
        match expected.next() {
            None => Ok(Outcome::Passed),
            Some(missing) => Err(format!(
                "the story lacks its step {missing:?}, or has it out of order"
            )),
        }
    }
}

/// The quickstart's text for people: it ends well, and there are no colour codes where no
/// terminal is.
pub(super) fn check_text(workspace: &Workspace) -> StepResult {
    let text = run(workspace, "quickstart", &[])?;
    print!("{text}");
    if text.trim().is_empty() {
        return Err("the quickstart printed nothing".to_owned());
    }
    if text.contains('\u{1b}') {
        return Err(
            "the quickstart writes colour codes although its output is not a terminal".to_owned(),
        );
    }
    Ok(Outcome::Passed)
}

/// Builds the program with the whole workspace and runs it.
fn run(workspace: &Workspace, package: &str, arguments: &[&str]) -> Result<String, String> {
    super::cargo(workspace, "build --quiet --bin")
        .args([package])
        .run()?;
    let program = workspace.target().join("debug").join(package);
    let program = program.with_extension(std::env::consts::EXE_EXTENSION);
    println!("$ {} {}", program.display(), arguments.join(" "));
    let output = Command::new(&program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot start {}: {error}", program.display()))?;
    if !output.status.success() {
        return Err(format!("{package} ended with {}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("{package} did not write UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::{Story, of};

    fn quickstart() -> &'static Story {
        of("quickstart").unwrap()
    }

    fn whole() -> Vec<String> {
        let steps = quickstart().steps.iter();
        steps
            .map(|step| format!("{{\"step\":\"{step}\",\"ok\":true}}"))
            .collect()
    }

    #[test]
    fn a_whole_story_passes() {
        assert!(quickstart().read(&whole().join("\n")).is_ok());
    }

    #[test]
    fn a_story_without_its_last_step_fails() {
        let mut lines = whole();
        lines.pop();
        assert!(quickstart().read(&lines.join("\n")).is_err());
    }

    #[test]
    fn a_step_that_went_wrong_fails() {
        for bad in [
            "{\"step\":\"more\",\"ok\":false}",
            "{\"step\":\"more\"}",
            "{\"ok\":true}",
            "hello",
        ] {
            let mut lines = whole();
            lines.push(bad.to_owned());
            assert!(quickstart().read(&lines.join("\n")).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_example_without_a_story_is_an_error() {
        assert!(of("an-example-to-come").is_err());
    }
}
