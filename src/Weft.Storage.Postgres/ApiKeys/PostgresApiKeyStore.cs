using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Keeps API keys.</summary>
internal sealed class PostgresApiKeyStore(PostgresDatabase database) : IApiKeyStore
{
    private const string Columns = "id, name, owner, permissions, hash, created_at, expires_at, revoked_at";

    private const string Insert = $"""
        INSERT INTO weft.api_keys ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING
        """;

    private const string HasSame = "SELECT 1 FROM weft.api_keys WHERE id = $1 AND hash = $2";
    private const string FindOne = $"SELECT {Columns} FROM weft.api_keys WHERE id = $1";
    private const string FindAll = $"SELECT {Columns} FROM weft.api_keys ORDER BY created_at, id";
    private const string Revoke = "UPDATE weft.api_keys SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1";

    private const char Separator = ' ';

    public Task<bool> TryAddAsync(ApiKeyRecord key, CancellationToken cancellationToken) => database.WriteAsync(
        async session => await session.Use(Insert)
            .Add(key.Id).Add(key.Name).Add(key.Owner).Add(string.Join(Separator, key.Permissions)).Add(key.Hash)
            .Add(key.CreatedAt).Add(key.ExpiresAt).Add(key.RevokedAt)
            .ExecuteAsync() == 1
            || (session.IsRepetition && await session.Use(HasSame).Add(key.Id).Add(key.Hash).FirstAsync(row => row.Integer(0)) == 1),
        cancellationToken);

    public Task<ApiKeyRecord?> FindAsync(string id, CancellationToken cancellationToken) =>
        database.ReadAsync(session => session.Use(FindOne).Add(id).FirstAsync(Read), cancellationToken);

    public Task<IReadOnlyList<ApiKeyRecord>> ListAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ApiKeyRecord>>(
            async session => await session.Use(FindAll).ListAsync(Read), cancellationToken);

    public Task<bool> RevokeAsync(string id, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        async session => await session.Use(Revoke).Add(id).Add(now).ExecuteAsync() == 1, cancellationToken);

    private static ApiKeyRecord Read(Row row) => new()
    {
        Id = row.Text(0),
        Name = row.Text(1),
        Owner = row.Text(2),
        Permissions = row.Text(3).Split(Separator, StringSplitOptions.RemoveEmptyEntries),
        Hash = row.Bytes(4),
        CreatedAt = row.Time(5),
        ExpiresAt = row.TimeOrNull(6),
        RevokedAt = row.TimeOrNull(7),
    };
}
