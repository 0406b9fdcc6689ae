// JUnit 5: a local Entra ID for a class of tests. `entra-emulator` is on the PATH.
import static org.junit.jupiter.api.Assertions.*;

import java.net.URI;
import java.net.http.*;
import java.util.regex.*;
import org.junit.jupiter.api.*;

class EmulatorTest {
    static Process process;
    static String facts;

    @BeforeAll static void start() throws Exception {
        process = new ProcessBuilder("entra-emulator", "--port", "0", "--json").start();
        facts = process.inputReader().readLine();
    }

    @AfterAll static void stop() { process.destroy(); }

    static String fact(String name) {
        Matcher found = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(facts);
        assertTrue(found.find(), facts);
        return found.group(1);
    }

    @Test void aToken() throws Exception {
        String form = "grant_type=client_credentials&client_id=c0de0000-da30-4000-8000-0000000000d1"
            + "&client_secret=demo-secret-of-the-daemon&scope=api://c0de0000-a4b1-4000-8000-0000000000a1/.default";
        URI uri = URI.create(fact("base_url") + "/" + fact("tenant") + "/oauth2/v2.0/token");
        HttpRequest request = HttpRequest.newBuilder(uri).header("content-type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form)).build();
        String body = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
        assertTrue(body.contains("\"token_type\":\"Bearer\""), body);
    }
}
