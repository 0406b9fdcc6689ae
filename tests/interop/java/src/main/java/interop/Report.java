// Runs cases and prints one line for each.
package interop;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

final class Report {
    interface Check { void run() throws Exception; }

    private record Case(String name, Check check) { }

    private static final Pattern NUMBER = Pattern.compile("AADSTS(\\d+)");
    private final List<Case> cases = new ArrayList<>();

    /** Registers the case of a client and a flow. */
    void test(String client, String flow, Check check) {
        cases.add(new Case(client + ": " + flow, check));
    }

    /** A call that must fail with this AADSTS number, as the client reports it. */
    void refused(String client, String flow, int code, Check call) {
        test(client, flow + " refused (" + code + ")", () -> {
            try {
                call.run();
            } catch (Exception error) {
                equal(codeIn(error), code);
                return;
            }
            throw new AssertionError("it was not refused");
        });
    }

    static void equal(Object seen, Object expected) {
        if (!Objects.equals(seen, expected)) throw new AssertionError(seen + " is not " + expected);
    }

    /** The number in the message of an error or of what caused it. */
    static int codeIn(Throwable error) {
        for (Throwable one = error; one != null; one = one.getCause()) {
            Matcher found = NUMBER.matcher(String.valueOf(one.getMessage()));
            if (found.find()) return Integer.parseInt(found.group(1));
        }
        throw new AssertionError("no AADSTS number", error);
    }

    /** The claims of a token, not verified. */
    static JsonNode claims(String token) throws Exception {
        byte[] bytes = Base64.getUrlDecoder().decode(token.split("\\.")[1]);
        return new ObjectMapper().readTree(new String(bytes, StandardCharsets.UTF_8));
    }

    /** Runs all; gives the exit code. */
    int run() {
        int failed = 0;
        for (Case one : cases) {
            try {
                one.check().run();
                System.out.println("ok " + one.name());
            } catch (Throwable error) {
                failed++;
                System.out.println("FAILED " + one.name());
                error.printStackTrace();
            }
        }
        System.out.println("ran " + cases.size());
        return failed == 0 ? 0 : 1;
    }
}
