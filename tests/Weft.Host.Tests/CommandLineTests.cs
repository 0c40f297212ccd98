namespace Weft.Host.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--port 8421", "--urls=http://localhost:8421")]
    [InlineData("--port=0", "--urls=http://localhost:0")]
    [InlineData("--urls http://*:1;http://*:2", "--urls=http://*:1;http://*:2")]
    [InlineData("--data /srv/weft", "--Weft:Data=/srv/weft")]
    [InlineData("--data=a=b", "--Weft:Data=a=b")]
    [InlineData("--data a --DATA b", "--Weft:Data=b")]
    [InlineData("--Weft:Runs:DrainTimeout 00:01:00", "--Weft:Runs:DrainTimeout=00:01:00")]
    [InlineData("--logging:LogLevel:Default Debug", "--logging:LogLevel:Default=Debug")]
    [InlineData("--Weft:Runs:AttemptsMax -1", "--Weft:Runs:AttemptsMax=-1")]
    [InlineData("--insecure", "--Weft:Insecure=True")]
    [InlineData("--cluster", "--Weft:Cluster:Enabled=True")]
    [InlineData("--silo-address 10.0.0.7", "--Weft:Cluster:Address=10.0.0.7")]
    [InlineData("--silo-port 11111", "--Weft:Cluster:SiloPort=11111")]
    [InlineData("--gateway-port 30000", "--Weft:Cluster:GatewayPort=30000")]
    [InlineData("--insecure=false", "--Weft:Insecure=false")]
    public void A_flag_is_a_setting(string arguments, string setting) =>
        CommandLine.Parse(arguments.Split(' ')).Settings.ShouldBe([setting]);

    [Theory]
    [InlineData("--urlz x", "Unknown option '--urlz'. Did you mean '--urls'?")]
    [InlineData("--prot 1", "Unknown option '--prot'. Did you mean '--port'?")]
    [InlineData("--versoin", "Unknown option '--versoin'. Did you mean '--version'?")]
    [InlineData("--insecur", "Unknown option '--insecur'. Did you mean '--insecure'?")]
    [InlineData("--insecure yes", "Unexpected argument 'yes'.")]
    [InlineData("-help", "Unknown option '-help'. Did you mean '--help'?")]
    [InlineData("--Wetf:Data x", "Unknown option '--Wetf:Data'.")]
    [InlineData("--auth token", "Unknown option '--auth'.")]
    [InlineData("--OPENAI_API_KEY k", "Unknown option '--OPENAI_API_KEY'.")]
    [InlineData("start", "Unexpected argument 'start'.")]
    [InlineData("--data", "--data needs a value.")]
    [InlineData("--data --port 1", "--data needs a value.")]
    [InlineData("--port x", "--port must be a number from 0 to 65535 (was 'x').")]
    [InlineData("--port -1", "--port must be a number from 0 to 65535 (was '-1').")]
    [InlineData("--port 1 --urls http://localhost:2", "--port and --urls can't be used together.")]
    public void An_argument_that_is_wrong_is_refused(string arguments, string message) =>
        Should.Throw<CommandLineException>(() => CommandLine.Parse(arguments.Split(' '))).Message.ShouldBe($"{message} See --help.");

    [Theory]
    [InlineData("--help", "Usage: weft [options]")]
    [InlineData("-h", "Usage: weft [options]")]
    [InlineData("--port 1 --help", "Usage: weft [options]")]
    [InlineData("--version", "Weft 0.1.0")]
    public void Help_and_version_start_nothing(string arguments, string text)
    {
        var commandLine = CommandLine.Parse(arguments.Split(' '));

        commandLine.Text.ShouldNotBeNull().ShouldStartWith(text);
        commandLine.Settings.ShouldBeEmpty();
    }

    [Fact]
    public void Without_arguments_nothing_is_set() => CommandLine.Parse([]).Settings.ShouldBeEmpty();
}
