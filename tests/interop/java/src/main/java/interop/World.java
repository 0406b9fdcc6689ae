// The emulator that the clients meet, and its authority.
package interop;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

record World(JsonNode facts) {
    static World read() throws Exception {
        World world = new World(new ObjectMapper().readTree(Files.readString(Path.of(System.getenv("ENTRA_WORLD")))));
        trust(Path.of(world.text("ca")));
        return world;
    }

    /** Java has no variable for one more authority: a trust store does, before the first connection. */
    private static void trust(Path pem) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(pem)) {
            store.setCertificateEntry("emulator", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        Path file = Files.createTempFile("entra-emulator", ".p12");
        file.toFile().deleteOnExit();
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, "changeit".toCharArray());
        }
        System.setProperty("javax.net.ssl.trustStore", file.toString());
        System.setProperty("javax.net.ssl.trustStoreType", "PKCS12");
        System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
    }

    /** A fact, by the path to it. */
    String text(String... path) {
        JsonNode node = facts;
        for (String name : path) node = node.get(name);
        return node.asText();
    }

    String authority() {
        return text("base") + "/" + text("tenant") + "/";
    }

    /** A file with the key and the certificate: the Azure SDK reads one file. */
    String pem(String name) throws Exception {
        Path file = Files.createTempFile(name, ".pem");
        file.toFile().deleteOnExit();
        Files.writeString(file, Files.readString(Path.of(key(name + ".key.pem"))) + Files.readString(Path.of(key(name + ".cert.pem"))));
        return file.toString();
    }

    String key(String name) {
        return Path.of(text("keys"), name).toString();
    }
}
