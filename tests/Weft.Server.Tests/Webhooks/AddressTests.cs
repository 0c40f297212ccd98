using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;

namespace Weft.Server.Tests.Webhooks;

/// <summary>Which addresses may be called.</summary>
public sealed class AddressTests(SharedServer shared) : ServerTests(shared)
{
    [Theory]
    [InlineData("")]
    [InlineData("hook")]
    [InlineData("//other/hook")]
    [InlineData("ftp://host.example/hook")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://")]
    [InlineData("http://user:password@host.example/hook")]
    [InlineData("http://user@host.example/hook")]
    [InlineData("http://localhost/hook")]
    [InlineData("http://LOCALHOST./hook")]
    [InlineData("http://a.localhost/hook")]
    [InlineData("http://receiver/hook")]
    [InlineData("http://printer.local/hook")]
    [InlineData("http://metadata.google.internal/hook")]
    [InlineData("http://127.0.0.1/hook")]
    [InlineData("http://127.1/hook")]
    [InlineData("http://0x7f.1/hook")]
    [InlineData("http://2130706433/hook")]
    [InlineData("http://0/hook")]
    [InlineData("http://10.0.0.1/hook")]
    [InlineData("http://100.100.100.200/hook")]
    [InlineData("http://169.254.169.254/latest")]
    [InlineData("http://172.31.0.1/hook")]
    [InlineData("http://192.168.0.1/hook")]
    [InlineData("http://224.0.0.1/hook")]
    [InlineData("http://255.255.255.255/hook")]
    [InlineData("http://[::]/hook")]
    [InlineData("http://[::1]/hook")]
    [InlineData("http://[::ffff:127.0.0.1]/hook")]
    [InlineData("http://[::127.0.0.1]/hook")]
    [InlineData("http://[64:ff9b::10.0.0.1]/hook")]
    [InlineData("http://[64:ff9b:1::1]/hook")]
    [InlineData("http://[2002:7f00:1::]/hook")]
    [InlineData("http://[2001::1]/hook")]
    [InlineData("http://[2001:db8::1]/hook")]
    [InlineData("http://[fc00::1]/hook")]
    [InlineData("http://[fd12:3456::1]/hook")]
    [InlineData("http://[fe80::1]/hook")]
    [InlineData("http://[fec0::1]/hook")]
    [InlineData("http://[ff02::1]/hook")]
    [InlineData("/threads/x/state")]
    [InlineData("/runs")]
    [InlineData("/elsewhere")]
    [InlineData("/hook/../runs")]
    [InlineData("/hook/%2e%2e/runs")]
    [InlineData("/hook/./a")]
    [InlineData("/hook//a")]
    [InlineData("/hook/a#b")]
    [InlineData("/hook\\\\a")]
    public async Task A_webhook_that_may_not_be_called_is_refused_by_name(string url)
    {
        foreach (var api in (Api[])[Root, Gateway])
        {
            var refused = (await api.PostAsync("/runs", Bodies.Echo(more: $$""","webhook":"{{url}}" """)))
                .ShouldBe(HttpStatusCode.UnprocessableEntity);
            refused.Text.ShouldContain("webhook");
        }
    }

    [Theory]
    [InlineData("https://hooks.example/ended?a=1#b")]
    [InlineData("http://93.184.215.14:8080/hook")]
    [InlineData("http://[2606:4700::1111]/hook")]
    [InlineData("http://[64:ff9b::93.184.215.14]/hook")]
    [InlineData("/hook")]
    [InlineData("/hook/a/b-c_d.e~f?a=%20")]
    public void A_public_address_and_a_listed_path_may_be_called(string url) => Rules("/hook", "/hook/*").FindProblem(url).ShouldBeNull();

    [Theory]
    [InlineData("hooks.internal", "http://hooks.internal:81/a", "http://other.internal/a")]
    [InlineData("*.internal", "http://hooks.internal/a", "http://internal/a")]
    [InlineData("localhost", "http://localhost:3000/a", "http://127.0.0.1/a")]
    [InlineData("10.1.0.0/16", "http://10.1.2.3/a", "http://10.2.2.3/a")]
    [InlineData("10.1.2.3", "http://[::ffff:10.1.2.3]/a", "http://10.1.2.4/a")]
    [InlineData("fd12::/16", "http://[fd12::1]/a", "http://[fd13::1]/a")]
    [InlineData("*", "http://127.0.0.1/a", "http://user:password@host.example/a")]
    public void Listed_hosts_and_networks_may_be_called(string entry, string allowed, string refused)
    {
        var options = new WebhookOptions();
        options.AllowedHosts.Add(entry);
        var rules = new WebhookAddresses(options, false, _ => false);

        WebhookAddresses.IsHostEntry(entry).ShouldBeTrue();
        rules.FindProblem(allowed).ShouldBeNull();
        rules.FindProblem(refused).ShouldNotBeNull();
    }

    [Fact]
    public void Loopback_may_be_called_in_development_and_no_other_network()
    {
        var rules = new WebhookAddresses(new WebhookOptions(), allowsLoopback: true, _ => false);

        foreach (var url in (string[])["http://localhost:3000/a", "http://app.localhost/a", "http://127.0.0.1/a", "http://[::1]/a"])
        {
            rules.FindProblem(url).ShouldBeNull();
        }

        rules.FindProblem("http://10.0.0.1/a").ShouldNotBeNull();
        rules.FindProblem("http://0.0.0.0/a").ShouldNotBeNull();
        rules.FindProblem("http://receiver/a").ShouldNotBeNull();
    }

    [Fact]
    public void A_path_of_the_api_is_never_called() =>
        new WebhookAddresses(OptionsOf("/threads/*"), false, path => path == "/threads/a/runs").FindProblem("/threads/a/runs")
            .ShouldBe("The path '/threads/a/runs' belongs to the API.");

    [Theory]
    [InlineData("10.1.0.0/33")]
    [InlineData("http://host")]
    [InlineData("a b")]
    [InlineData("")]
    public void An_entry_that_is_no_host_is_not_accepted(string entry) => WebhookAddresses.IsHostEntry(entry).ShouldBeFalse();

    [Theory]
    [InlineData("hook")]
    [InlineData("/")]
    [InlineData("/*")]
    [InlineData("/a/../b")]
    public void An_entry_that_is_no_path_is_not_accepted(string entry) => WebhookAddresses.IsPathEntry(entry).ShouldBeFalse();

    [Fact]
    public async Task A_path_of_the_api_is_refused_also_if_it_is_listed()
    {
        await using var server = await HookServer.StartAsync(options => options.Paths.Add("/threads/*"));
        var thread = await server.Root.NewThreadAsync();

        foreach (var prefix in (string[])["", "/api"])
        {
            var more = $$""","webhook":"{{prefix}}/threads/{{thread}}/state" """;
            (await server.Root.PostAsync("/runs", Bodies.Echo(more: more))).ShouldBe(HttpStatusCode.UnprocessableEntity);
        }
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var secret = await HookReceiver.StartAsync();
        await using var receiver = await HookReceiver.StartAsync(http =>
        {
            http.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            http.Response.Headers.Location = secret.Address.ToString();
            return Task.CompletedTask;
        });
        await using var server = await HookServer.StartAsync(options => options.AttemptsMax = 1);

        var run = await server.RunAsync(receiver.Address);

        var delivery = await server.DeliveryAsync(run, delivery => delivery.Text("status") == "failed");
        delivery.GetProperty("last_attempt").GetProperty("status_code").GetInt32().ShouldBe(307);
        secret.All.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_name_that_resolves_to_an_address_of_this_machine_is_not_called()
    {
        await using var receiver = await HookReceiver.StartAsync();
        var names = new Rebinding(IPAddress.Loopback);
        await using var server = await TestServer.StartAsync(add: weft => weft.Services.AddSingleton<WebhookNames>(names));

        var run = await server.RunAsync(new Uri($"http://rebound.example:{receiver.Address.Port}/"));

        var delivery = await server.DeliveryAsync(run, delivery => delivery.Text("status") == "failed");
        delivery.GetProperty("last_attempt").Text("error").ShouldBe("address_refused");
        receiver.All.ShouldBeEmpty();
        names.Asked.ShouldBe(["rebound.example"]);
    }

    private static WebhookAddresses Rules(params string[] paths) => new(OptionsOf(paths), false, _ => false);

    private static WebhookOptions OptionsOf(params string[] paths)
    {
        var options = new WebhookOptions();
        foreach (var path in paths)
        {
            options.Paths.Add(path);
        }

        return options;
    }

    private sealed class Rebinding(IPAddress address) : WebhookNames
    {
        public List<string> Asked { get; } = [];

        public override Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
        {
            Asked.Add(host);
            return Task.FromResult<IPAddress[]>([address, address.MapToIPv6()]);
        }
    }
}
