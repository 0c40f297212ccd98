using Microsoft.Extensions.Time.Testing;
using Weft.Host.Authentication;

namespace Weft.Host.Tests.Authentication;

public sealed class KeysCommandLineTests
{
    private const string ATime = "a number of days, hours or minutes, such as 90d, 12h or 30m";

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData("90d", 90 * 24 * 60)]
    [InlineData("12h", 12 * 60)]
    [InlineData("30m", 30)]
    public void A_key_has_a_name_an_owner_permissions_and_a_time(string expires, int minutes)
    {
        var arguments = $"create --name ci --owner=alice --permission a --data /srv --permission=b --expires {expires}";

        var commandLine = KeysCommandLine.Parse(arguments.Split(' '), _time);

        commandLine.Settings.ShouldBe(["--Weft:Data=/srv"]);
        var request = commandLine.Request.ShouldNotBeNull();
        (request.Name, request.Owner).ShouldBe(("ci", "alice"));
        request.Permissions.ShouldBe(["a", "b"]);
        request.ExpiresAt.ShouldNotBeNull().ShouldBe(_time.GetUtcNow().AddMinutes(minutes), TimeSpan.FromMilliseconds(1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-h")]
    [InlineData("create --help")]
    public void Help_does_nothing_else(string arguments) =>
        KeysCommandLine.Parse(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), _time).Verb.ShouldBeNull();

    [Theory]
    [InlineData("create --owner alice", "keys create needs --name.")]
    [InlineData("create --name ci", "keys create needs --owner.")]
    [InlineData("create --name ci --owner", "--owner needs a value.")]
    [InlineData("create --name ci --owner a --owner b", "--owner can be given once.")]
    [InlineData("create --name ci --owner a --expires soon", $"--expires must be {ATime} (was 'soon').")]
    [InlineData("create --name ci --owner a --expires=", $"--expires must be {ATime} (was '').")]
    [InlineData("create --name ci --owner a --expires 0d", $"--expires must be {ATime} (was '0d').")]
    [InlineData("create --name ci --owner a --expires -1d", $"--expires must be {ATime} (was '-1d').")]
    [InlineData("create --name ci --owner a --expires 99999d", $"--expires must be {ATime} (was '99999d').")]
    [InlineData("create --name ci --owner a --permision x", "Unknown option '--permision'.")]
    [InlineData("list all", "Unexpected argument 'all'.")]
    [InlineData("list --name x", "Unknown option '--name'.")]
    [InlineData("revoke", "keys revoke needs the id of a key.")]
    [InlineData("revoke --data x", "keys revoke needs the id of a key.")]
    [InlineData("delete", "Unknown command 'keys delete'. The commands are create, list, revoke.")]
    public void An_argument_that_is_wrong_is_refused(string arguments, string message) =>
        Should.Throw<CommandLineException>(() => KeysCommandLine.Parse(arguments.Split(' '), _time))
            .Message.ShouldBe($"{message} See --help.");
}
