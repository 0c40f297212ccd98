using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Keeps API keys.</summary>
internal sealed class SqliteApiKeyStore(SqliteDatabase database) : IApiKeyStore
{
    private const string Columns = "id, name, owner, permissions, hash, created_at, expires_at, revoked_at";
    private const string Insert = $"INSERT INTO api_keys ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
    private const string FindOne = $"SELECT {Columns} FROM api_keys WHERE id = ?1";
    private const string FindAll = $"SELECT {Columns} FROM api_keys ORDER BY created_at, id";
    private const string Revoke = "UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1";

    private const char Separator = ' ';

    public Task<bool> TryAddAsync(ApiKeyRecord key, CancellationToken cancellationToken) => database.WriteAsync(
        connection => connection.Use(Insert)
            .Add(key.Id).Add(key.Name).Add(key.Owner).Add(string.Join(Separator, key.Permissions)).Add(key.Hash)
            .Add(key.CreatedAt).Add(key.ExpiresAt).Add(key.RevokedAt)
            .Execute() > 0,
        cancellationToken);

    public Task<ApiKeyRecord?> FindAsync(string id, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.Use(FindOne).Add(id).First(Read), cancellationToken);

    public Task<IReadOnlyList<ApiKeyRecord>> ListAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ApiKeyRecord>>(connection => connection.Use(FindAll).List(Read), cancellationToken);

    public Task<bool> RevokeAsync(string id, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        connection => connection.Use(Revoke).Add(id).Add(now).Execute() > 0, cancellationToken);

    private static ApiKeyRecord Read(Statement row) => new()
    {
        Id = row.Text(0),
        Name = row.Text(1),
        Owner = row.Text(2),
        Permissions = row.Text(3).Split(Separator, StringSplitOptions.RemoveEmptyEntries),
        Hash = row.Bytes(4).ToArray(),
        CreatedAt = row.Time(5),
        ExpiresAt = row.TimeOrNull(6),
        RevokedAt = row.TimeOrNull(7),
    };
}
