// azure-identity for Java: credentials of the Azure SDK.
package interop;

import static interop.Report.claims;
import static interop.Report.equal;

import com.azure.core.credential.TokenCredential;
import com.azure.core.credential.TokenRequestContext;
import com.azure.core.http.policy.FixedDelayOptions;
import com.azure.core.http.policy.RetryOptions;
import com.azure.identity.ClientCertificateCredentialBuilder;
import com.azure.identity.ClientSecretCredentialBuilder;
import com.azure.identity.ManagedIdentityCredentialBuilder;
import com.azure.identity.OnBehalfOfCredentialBuilder;

final class AzureIdentity {
    private static final String NAME = "azure-identity (Java)";

    private AzureIdentity() { }

    private static String token(TokenCredential credential, String scope) {
        return credential.getTokenSync(new TokenRequestContext().addScopes(scope)).getToken();
    }

    private static TokenCredential secret(World w, String id, String secret) {
        return new ClientSecretCredentialBuilder().authorityHost(w.text("base")).disableInstanceDiscovery()
            .tenantId(w.text("tenant")).clientId(id).clientSecret(secret).build();
    }

    private static TokenCredential certificate(World w, String pem) {
        return new ClientCertificateCredentialBuilder().authorityHost(w.text("base")).disableInstanceDiscovery()
            .tenantId(w.text("tenant")).clientId(w.text("api", "id")).pemCertificate(pem).build();
    }

    private static TokenCredential onBehalfOf(World w, String assertion) {
        return new OnBehalfOfCredentialBuilder().authorityHost(w.text("base")).disableInstanceDiscovery()
            .tenantId(w.text("tenant")).clientId(w.text("api", "id")).clientSecret(w.text("api", "secret"))
            .userAssertion(w.text("assertions", assertion)).build();
    }

    private static TokenCredential machine(World w) {
        RetryOptions once = new RetryOptions(new FixedDelayOptions(0, java.time.Duration.ofMillis(1)));
        return new ManagedIdentityCredentialBuilder().clientId(w.text("identity", "worker")).retryOptions(once).build();
    }

    static void cases(World w, Report report) {
        String daemon = w.text("daemon", "id");
        String scope = w.text("daemon", "scope");
        String orders = w.text("orders", "scope");
        report.test(NAME, "ClientSecretCredential", () -> {
            String token = token(secret(w, daemon, w.text("daemon", "secret")), scope);
            equal(claims(token).get("roles").get(0).asText(), w.text("daemon", "role"));
        });
        report.test(NAME, "ClientCertificateCredential", () -> {
            String pem = w.pem("test-only-client");
            equal(claims(token(certificate(w, pem), w.text("orders", "default"))).get("azpacr").asText(), "2");
        });
        report.test(NAME, "OnBehalfOfCredential", () ->
            equal(claims(token(onBehalfOf(w, "right"), orders)).get("oid").asText(), w.text("alice", "oid")));
        report.test(NAME, "ManagedIdentityCredential, App Service", () ->
            equal(claims(token(machine(w), scope)).get("azp").asText(), w.text("identity", "worker")));
        report.refused(NAME, "a wrong secret", 7000215, () -> token(secret(w, daemon, "wrong"), scope));
        report.refused(NAME, "a stranger's certificate", 700027,
            () -> token(certificate(w, w.pem("test-only-stranger")), w.text("orders", "default")));
        report.refused(NAME, "on-behalf-of: expired", 500133, () -> token(onBehalfOf(w, "expired"), orders));
        report.refused(NAME, "on-behalf-of: foreign audience", 500131, () -> token(onBehalfOf(w, "foreign_audience"), orders));
        report.refused(NAME, "on-behalf-of: no consent", 65001, () -> token(onBehalfOf(w, "right"), w.text("payroll", "scope")));
        report.refused(NAME, "managed identity: an unknown resource", 500011,
            () -> token(machine(w), "https://unknown.example/.default"));
    }
}
