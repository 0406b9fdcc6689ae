// MSAL4J: secrets, certificates, on-behalf-of.
package interop;

import static interop.Report.claims;
import static interop.Report.equal;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Set;

import com.microsoft.aad.msal4j.ClientCredentialFactory;
import com.microsoft.aad.msal4j.ClientCredentialParameters;
import com.microsoft.aad.msal4j.ConfidentialClientApplication;
import com.microsoft.aad.msal4j.IClientCredential;
import com.microsoft.aad.msal4j.OnBehalfOfParameters;
import com.microsoft.aad.msal4j.UserAssertion;

final class Msal {
    private static final String NAME = "msal4j";

    private Msal() { }

    private static ConfidentialClientApplication client(World w, String id, IClientCredential credential) throws Exception {
        return ConfidentialClientApplication.builder(id, credential)
            .authority(w.authority()).validateAuthority(false).instanceDiscovery(false).build();
    }

    private static ConfidentialClientApplication secret(World w, String id, String secret) throws Exception {
        return client(w, id, ClientCredentialFactory.createFromSecret(secret));
    }

    private static ConfidentialClientApplication certificate(World w, String name) throws Exception {
        String pem = Files.readString(Path.of(w.key(name + ".key.pem")));
        byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        PrivateKey key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
        try (InputStream in = Files.newInputStream(Path.of(w.key(name + ".cert.pem")))) {
            X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
            return client(w, w.text("api", "id"), ClientCredentialFactory.createFromCertificate(key, certificate));
        }
    }

    private static String app(ConfidentialClientApplication client, String scope) throws Exception {
        return client.acquireToken(ClientCredentialParameters.builder(Set.of(scope)).build()).get().accessToken();
    }

    private static String onBehalfOf(World w, String assertion, String scope) throws Exception {
        UserAssertion user = new UserAssertion(w.text("assertions", assertion));
        return secret(w, w.text("api", "id"), w.text("api", "secret"))
            .acquireToken(OnBehalfOfParameters.builder(Set.of(scope), user).build()).get().accessToken();
    }

    static void cases(World w, Report report) {
        String daemon = w.text("daemon", "id");
        String scope = w.text("daemon", "scope");
        String orders = w.text("orders", "scope");
        String all = w.text("orders", "default");
        report.test(NAME, "client credentials, secret", () -> {
            String token = app(secret(w, daemon, w.text("daemon", "secret")), scope);
            equal(claims(token).get("roles").get(0).asText(), w.text("daemon", "role"));
        });
        report.test(NAME, "client credentials, certificate", () ->
            equal(claims(app(certificate(w, "test-only-client"), all)).get("azpacr").asText(), "2"));
        report.test(NAME, "on-behalf-of", () -> {
            String token = onBehalfOf(w, "right", orders);
            equal(claims(token).get("oid").asText(), w.text("alice", "oid"));
            equal(claims(token).get("scp").asText(), w.text("orders", "short"));
        });
        report.refused(NAME, "on-behalf-of: expired", 500133, () -> onBehalfOf(w, "expired", orders));
        report.refused(NAME, "on-behalf-of: foreign audience", 500131, () -> onBehalfOf(w, "foreign_audience", orders));
        report.refused(NAME, "on-behalf-of: wrong signature", 50013, () -> onBehalfOf(w, "wrong_signature", orders));
        report.refused(NAME, "on-behalf-of: no consent", 65001, () -> onBehalfOf(w, "right", w.text("payroll", "scope")));
        report.refused(NAME, "on-behalf-of: a policy", 50076, () -> onBehalfOf(w, "right", w.text("reports", "scope")));
        report.refused(NAME, "a wrong secret", 7000215, () -> app(secret(w, daemon, "wrong"), scope));
        report.refused(NAME, "a stranger's certificate", 700027, () -> app(certificate(w, "test-only-stranger"), all));
        report.refused(NAME, "an unknown client", 700016,
            () -> app(secret(w, "c0de0000-0000-4000-8000-0000000000ff", "x"), scope));
    }
}
