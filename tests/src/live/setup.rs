//! Commands that prepare a test tenant and clean it up, for a person to read and run.
//!
//! They name everything that they make `entra-live-kit`, and print the settings file.

/// The commands of the set-up, for a POSIX shell with the Azure CLI.
pub const SETUP: &str = r#"# Prepares a TEST tenant for `cargo xtask live`. Read it, then run it: every line that writes is here.
set -eu
tenant=$(az account show --query tenantId -o tsv)
read_id=$(uuidgen); write_id=$(uuidgen)

# 1. An API with two permissions, a secret and a redirect URI.
api=$(az ad app create --display-name entra-live-kit-api --sign-in-audience AzureADMyOrg \
  --web-redirect-uris http://localhost/callback --query appId -o tsv)
api_object=$(az ad app show --id "$api" --query id -o tsv)
az rest --method PATCH --url "https://graph.microsoft.com/v1.0/applications/$api_object" --body "{
  \"identifierUris\": [\"api://$api\"],
  \"api\": { \"requestedAccessTokenVersion\": 2, \"oauth2PermissionScopes\": [
    { \"id\": \"$read_id\", \"value\": \"kit.read\", \"type\": \"User\", \"isEnabled\": true,
      \"adminConsentDisplayName\": \"read\", \"adminConsentDescription\": \"read\" },
    { \"id\": \"$write_id\", \"value\": \"kit.write\", \"type\": \"User\", \"isEnabled\": true,
      \"adminConsentDisplayName\": \"write\", \"adminConsentDescription\": \"write\" } ] } }"
api_principal=$(az ad sp create --id "$api" --query id -o tsv)
secret=$(az ad app credential reset --id "$api" --display-name entra-live-kit --years 1 --query password -o tsv)

# 2. A public client.
client=$(az ad app create --display-name entra-live-kit-client --sign-in-audience AzureADMyOrg \
  --public-client-redirect-uris http://localhost/callback --is-fallback-public-client true --query appId -o tsv)
client_principal=$(az ad sp create --id "$client" --query id -o tsv)

# 3. Consent for all users: the client to the API and Graph, the API to itself and Graph.
graph=$(az ad sp show --id 00000003-0000-0000-c000-000000000000 --query id -o tsv)
grant() {
  az rest --method POST --url https://graph.microsoft.com/v1.0/oauth2PermissionGrants --body "{
    \"clientId\": \"$1\", \"consentType\": \"AllPrincipals\", \"resourceId\": \"$2\", \"scope\": \"$3\" }"
}
grant "$client_principal" "$api_principal" "kit.read kit.write"
grant "$api_principal" "$api_principal" "kit.read kit.write"
grant "$client_principal" "$graph" "User.Read openid profile offline_access"
grant "$api_principal" "$graph" "User.Read openid profile offline_access"

# 4. The ids, read back. The file holds a secret: it stays on this machine.
umask 077
cat > entra-live.json <<END
{ "authority": "https://login.microsoftonline.com", "tenant": "$tenant", "client": "$client",
  "api": "$api", "api_uri": "api://$api", "api_secret": "$secret", "read": "kit.read", "write": "kit.write",
  "downstream": "https://graph.microsoft.com/User.Read" }
END
# By hand, if the tenant has the licences: an authentication context without a policy
# (\"declared_context\": \"c42\"), an agent identity (\"agent\", \"agent_redirect\", and of its
# blueprint \"blueprint\", \"blueprint_secret\"), a guest (\"guest\": true).
# Agent identities cannot be made with a token of the Azure CLI: it carries Directory.AccessAsUser.All. Use an app of
# your own with AgentIdentityBlueprint.Create and AgentIdentity.Create.All.
"#;

/// The commands that remove what the set-up made.
pub const CLEANUP: &str = r#"# Removes what the set-up of `cargo xtask live` made: two registrations, by the ids in the settings file.
set -eu
for name in api client; do
  id=$(python3 -c "import json; print(json.load(open('entra-live.json'))['$name'])")
  az ad app delete --id "$id"
done
rm entra-live.json
"#;
