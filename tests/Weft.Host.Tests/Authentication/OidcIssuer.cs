using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Weft.Host.Tests.Authentication;

/// <summary>An issuer of tokens on loopback, with a discovery document and one key.</summary>
internal sealed class OidcIssuer : IAsyncDisposable
{
    private const string KeyId = "k1";

    private readonly RSA _key = RSA.Create(2048);
    private readonly WebApplication _app;

    private OidcIssuer(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    public static async Task<OidcIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var issuer = new OidcIssuer(builder.Build());
        issuer._app.MapGet(
            "/.well-known/openid-configuration",
            () => Results.Text(new JsonObject { ["issuer"] = issuer.Address, ["jwks_uri"] = issuer.Address + "/keys" }.ToJsonString()));
        issuer._app.MapGet("/keys", () => Results.Text(issuer.KeysJson()));
        await issuer._app.StartAsync(TestContext.Current.CancellationToken);
        return issuer;
    }

    /// <summary>Makes a token that is valid, unless a change of its claims or of its header makes it invalid.</summary>
    public string Token(Action<JsonObject>? claims = null, Action<JsonObject>? header = null) =>
        Sign(Content(claims, header), bytes => _key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    /// <summary>Makes a token that is signed by someone else.</summary>
    public string ForgedToken()
    {
        using var other = RSA.Create(2048);
        return Sign(Content(null, null), bytes => other.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    /// <summary>Makes a token that is signed with the issuer's public key, as if it were a shared secret.</summary>
    public string SymmetricToken() =>
        Sign(Content(null, header => header["alg"] = "HS256"), bytes => HMACSHA256.HashData(_key.ExportRSAPublicKey(), bytes));

    /// <summary>Makes a token that says it is not signed.</summary>
    public string UnsignedToken() => Content(null, header => header["alg"] = "none") + ".";

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _key.Dispose();
    }

    private static string Sign(string content, Func<byte[], byte[]> sign) =>
        $"{content}.{Base64Url.EncodeToString(sign(Encoding.UTF8.GetBytes(content)))}";

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private string Content(Action<JsonObject>? claims, Action<JsonObject>? header)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var head = new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = KeyId };
        var body = new JsonObject
        {
            ["iss"] = Address,
            ["aud"] = "weft",
            ["sub"] = "alice",
            ["email"] = "alice@example.com",
            ["scope"] = "threads:read runs:create",
            ["iat"] = now,
            ["exp"] = now + 600,
        };
        claims?.Invoke(body);
        header?.Invoke(head);
        return $"{Encode(head)}.{Encode(body)}";
    }

    private string KeysJson()
    {
        var key = _key.ExportParameters(false);
        return new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["kty"] = "RSA",
                ["use"] = "sig",
                ["alg"] = "RS256",
                ["kid"] = KeyId,
                ["n"] = Base64Url.EncodeToString(key.Modulus),
                ["e"] = Base64Url.EncodeToString(key.Exponent),
            }),
        }.ToJsonString();
    }
}
