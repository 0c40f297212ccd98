using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Weft.Runs;

namespace Weft.Storage.Postgres.Tests;

/// <summary>Connections over TLS, with a server that accepts no others.</summary>
public sealed class TlsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Data_is_stored_over_a_connection_whose_server_is_verified()
    {
        await using var server = await StartAsync();
        var root = Path.Combine(server.Folder, "data", "server.crt");
        await using var database = Open($"{server.ConnectionString};SSL Mode=VerifyFull;Root Certificate={root}");
        await StoredRuns.AddAsync(new PostgresRunStore(database));
        (await database.TryHoldLockAsync(Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_certificate_that_nobody_trusts_is_refused_in_one_line()
    {
        await using var server = await StartAsync();
        await using var database = Open($"{server.ConnectionString};SSL Mode=VerifyFull");
        var refused = await Should.ThrowAsync<DatabaseUnavailableException>(database.OpenAsync(Token));
        refused.Message.ShouldNotContain('\n');
    }

    [Fact]
    public async Task A_connection_without_TLS_is_refused_in_one_line()
    {
        await using var server = await StartAsync();
        await using var database = Open($"{server.ConnectionString};SSL Mode=Disable");
        var refused = await Should.ThrowAsync<DatabaseUnavailableException>(database.OpenAsync(Token));
        refused.Message.ShouldNotContain('\n');
    }

    private static PostgresDatabase Open(string connectionString) =>
        new(new PostgresStorageOptions { ConnectionString = connectionString, LockTimeout = TimeSpan.Zero });

    private static Task<TcpPostgres> StartAsync() => TcpPostgres.StartAsync(static server =>
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        server.Write("server.crt", certificate.ExportCertificatePem());
        server.Write("server.key", key.ExportPkcs8PrivateKeyPem());
        server.Write("pg_hba.conf", "local all all trust\nhostssl all all 127.0.0.1/32 trust\n");
        return ["ssl=on"];
    });
}
