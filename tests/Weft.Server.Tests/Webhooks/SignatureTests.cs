using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Weft.Server.Tests.Webhooks;

/// <summary>Calls are signed as the Standard Webhooks specification says. The test has an implementation of its own.</summary>
public sealed class SignatureTests
{
    private const string One = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Two = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    [Fact]
    public async Task A_receiver_with_any_of_the_secrets_can_verify_each_call()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var server = await HookServer.StartAsync(options =>
        {
            options.Secrets.Add(One);
            options.Secrets.Add(Two);
        });

        await server.RunAsync(receiver.Address);
        var call = await receiver.NextAsync();

        Verifies(call, One).ShouldBeTrue();
        Verifies(call, Two).ShouldBeTrue();
        Verifies(call, "whsec_" + Convert.ToBase64String(new byte[32])).ShouldBeFalse();
        Verifies(call with { Body = [.. call.Body, (byte)' '] }, One).ShouldBeFalse();
        var sent = DateTimeOffset.FromUnixTimeSeconds(long.Parse(call.Headers["webhook-timestamp"], CultureInfo.InvariantCulture));
        (DateTimeOffset.UtcNow - sent).Duration().ShouldBeLessThan(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void A_signature_is_that_of_the_specification() =>
        WebhookSignature.Of(
            [WebhookSignature.TryReadKey(One)!], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}"""u8)
            .ShouldBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");

    [Theory]
    [InlineData("")]
    [InlineData("hidden")]
    [InlineData("whsec_c2hvcnQ=")]
    public async Task A_secret_that_is_too_short_is_refused_at_the_start(string secret)
    {
        var refused = await Should.ThrowAsync<OptionsValidationException>(HookServer.StartAsync(options => options.Secrets.Add(secret)));

        refused.Message.ShouldContain("WeftServerOptions.Webhooks.Secrets must have the form");
        if (secret.Length > 0)
        {
            refused.Message.ShouldNotContain(secret);
        }
    }

    private static bool Verifies(HookCall call, string secret)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Convert.FromBase64String(secret["whsec_".Length..]));
        hmac.AppendData(Encoding.ASCII.GetBytes(call.Headers["webhook-id"]));
        hmac.AppendData("."u8);
        hmac.AppendData(Encoding.ASCII.GetBytes(call.Headers["webhook-timestamp"]));
        hmac.AppendData("."u8);
        hmac.AppendData(call.Body);
        var expected = Convert.ToBase64String(hmac.GetHashAndReset());
        return call.Headers["webhook-signature"].Split(' ').Contains("v1," + expected);
    }
}
