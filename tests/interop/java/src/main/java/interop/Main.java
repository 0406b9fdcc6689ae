// The official clients for Java against the emulator.
package interop;

final class Main {
    private Main() { }

    public static void main(String[] arguments) throws Exception {
        World world = World.read();
        Report report = new Report();
        Msal.cases(world, report);
        AzureIdentity.cases(world, report);
        System.exit(report.run());
    }
}
