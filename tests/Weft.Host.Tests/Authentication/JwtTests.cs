using System.Net;
using System.Net.WebSockets;
using System.Text.Json;

namespace Weft.Host.Tests.Authentication;

/// <summary>Tokens of an OpenID Connect issuer, alone and next to API keys.</summary>
public sealed class JwtTests : HostTests
{
    [Fact]
    public async Task A_token_of_the_issuer_is_accepted_and_no_other()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var server = await StartAsync(issuer.Address);
        var past = DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeSeconds();

        var thread = (await CallAsync(server, issuer.Token())).Body.GetProperty("thread_id").GetString();
        (await server.CallAsync(HttpMethod.Get, $"/threads/{thread}", Bearer(issuer.Token()))).Status.ShouldBe(HttpStatusCode.OK);
        (await server.CallAsync(HttpMethod.Get, $"/threads/{thread}", Bearer(issuer.Token(claims => claims["sub"] = "bob"))))
            .Status.ShouldBe(HttpStatusCode.NotFound);

        Dictionary<string, string> wrong = new()
        {
            ["issuer"] = issuer.Token(claims => claims["iss"] = "https://other.example"),
            ["audience"] = issuer.Token(claims => claims["aud"] = "other"),
            ["no audience"] = issuer.Token(claims => claims.Remove("aud")),
            ["expired"] = issuer.Token(claims => claims["exp"] = past),
            ["no expiry"] = issuer.Token(claims => claims.Remove("exp")),
            ["not yet"] = issuer.Token(claims => claims["nbf"] = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds()),
            ["no user"] = issuer.Token(claims => claims.Remove("sub")),
            ["unsigned"] = issuer.UnsignedToken(),
            ["signed with the public key"] = issuer.SymmetricToken(),
            ["signed by another"] = issuer.ForgedToken(),
            ["changed"] = issuer.Token()[..^4] + "AAAA",
            ["not a token"] = "e30.e30.e30",
            ["long"] = new string('a', 20_000),
        };
        foreach (var (what, token) in wrong)
        {
            var answer = await CallAsync(server, token);
            answer.Status.ShouldBe(HttpStatusCode.Unauthorized, what);
            answer.Challenge.ShouldStartWith("Bearer error=\"invalid_token\"", Case.Sensitive, what);
            answer.Body.GetProperty("detail").GetString().ShouldBe("The credentials are unknown, revoked or expired.");
        }

        var none = await server.CallAsync(HttpMethod.Post, "/threads");
        (none.Status, none.Challenge).ShouldBe((HttpStatusCode.Unauthorized, "Bearer"));
        none.Body.GetProperty("detail").GetString().ShouldBe("The request has no credentials that this server accepts.");
    }

    [Fact]
    public async Task The_settings_name_the_claim_of_the_user()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        await using var server = await StartAsync(issuer.Address, "--Weft:Auth:Jwt:NameClaim", "email");

        var thread = (await CallAsync(server, issuer.Token())).Body.GetProperty("thread_id").GetString();

        (await server.CallAsync(HttpMethod.Get, $"/threads/{thread}", Bearer(issuer.Token(claims => claims["sub"] = "other"))))
            .Status.ShouldBe(HttpStatusCode.OK);
        (await server.CallAsync(HttpMethod.Get, $"/threads/{thread}", Bearer(issuer.Token(claims => claims["email"] = "bob@example.com"))))
            .Status.ShouldBe(HttpStatusCode.NotFound);
        (await CallAsync(server, issuer.Token(claims => claims.Remove("email")))).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Keys_and_tokens_work_side_by_side_for_the_same_user()
    {
        await using var issuer = await OidcIssuer.StartAsync();
        var (_, output, _) = await HostProcess.RunAsync(Folder, [], "keys", "create", "--name", "ci", "--owner", "alice", "--data", Folder);
        var key = output.TrimEnd();
        await using var server = await StartAsync(issuer.Address, "--Weft:Auth:ApiKeys:Enabled", "true");

        var thread = (await server.CallAsync(HttpMethod.Post, "/threads", ("x-api-key", key))).Body.GetProperty("thread_id").GetString();

        var path = $"/threads/{thread}";
        (await server.CallAsync(HttpMethod.Get, path, Bearer(issuer.Token()))).Status.ShouldBe(HttpStatusCode.OK);
        (await server.CallAsync(HttpMethod.Get, path, Bearer(key))).Status.ShouldBe(HttpStatusCode.OK);
        // The key of another service, which the SDKs find in the environment.
        (await server.CallAsync(HttpMethod.Get, path, Bearer(issuer.Token()), ("x-api-key", "lsv2_other")))
            .Status.ShouldBe(HttpStatusCode.OK);
        (await server.CallAsync(HttpMethod.Get, path, Bearer(issuer.ForgedToken()))).Status.ShouldBe(HttpStatusCode.Unauthorized);
        // The key decides, so an invalid one is not replaced by a valid token.
        (await server.CallAsync(HttpMethod.Get, path, Bearer(issuer.Token()), ("x-api-key", key + "A")))
            .Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await server.CallAsync(HttpMethod.Get, path)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await CloseStatusAsync(server, issuer.ForgedToken())).ShouldBe(4401);
        (await CloseStatusAsync(server, null)).ShouldBe(4401);
    }

    [Fact]
    public async Task An_issuer_that_can_not_be_reached_is_not_the_fault_of_the_caller()
    {
        var issuer = await OidcIssuer.StartAsync();
        var (address, token) = (issuer.Address, issuer.Token());
        await issuer.DisposeAsync();
        await using var server = await StartAsync(address);

        var answer = await CallAsync(server, token);

        answer.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Body.GetProperty("detail").GetString().ShouldBe("The issuer of the token can't be reached.");
    }

    /// <summary>Opens a socket of a thread, which the server closes. Returns the code.</summary>
    private static async Task<int> CloseStatusAsync(RunningHost server, string? token)
    {
        using var socket = new ClientWebSocket();
        if (token is not null)
        {
            socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        }

        var address = new UriBuilder(server.Client.BaseAddress!) { Scheme = "ws", Path = $"/threads/{Guid.NewGuid()}/stream/events" };
        await socket.ConnectAsync(address.Uri, Stop);
        (await socket.ReceiveAsync(new byte[100], Stop)).MessageType.ShouldBe(WebSocketMessageType.Close);
        return (int)socket.CloseStatus!;
    }

    private static (string, string) Bearer(string token) => ("Authorization", $"Bearer {token}");

    private static Task<(HttpStatusCode Status, JsonElement Body, string Challenge)> CallAsync(RunningHost server, string token) =>
        server.CallAsync(HttpMethod.Post, "/threads", Bearer(token));

    private Task<RunningHost> StartAsync(string authority, params string[] arguments) => RunningHost.StartAsync(
        Folder,
        ["--urls", "http://127.0.0.1:0", "--Weft:Auth:Jwt:Authority", authority, "--Weft:Auth:Jwt:Audience", "weft", .. arguments]);
}
