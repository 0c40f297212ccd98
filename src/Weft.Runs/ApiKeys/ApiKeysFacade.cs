namespace Weft.Runs;

/// <summary>Creates, lists and revokes API keys. They are not scoped by an actor: only administrators may call this.</summary>
public sealed class ApiKeysFacade(IApiKeyStore store, TimeProvider time)
{
    private const int TextLengthMax = 200;
    private const int PermissionsMax = 100;

    /// <summary>Creates a key.</summary>
    /// <exception cref="WeftException">A member of the request is not valid.</exception>
    public async Task<NewApiKey> CreateAsync(ApiKeyRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var now = time.GetUtcNow();
        Check(request, now);
        while (true)
        {
            var (id, key) = ApiKeyText.New();
            var record = new ApiKeyRecord
            {
                Id = id,
                Name = request.Name,
                Owner = request.Owner,
                Permissions = [.. request.Permissions.Distinct()],
                Hash = ApiKeyText.HashOf(key),
                CreatedAt = now,
                ExpiresAt = request.ExpiresAt,
            };
            if (await store.TryAddAsync(record, cancellationToken))
            {
                return new NewApiKey(key, record);
            }
        }
    }

    /// <summary>Returns all keys, also those that are revoked or expired, in the order of their creation.</summary>
    public Task<IReadOnlyList<ApiKeyRecord>> ListAsync(CancellationToken cancellationToken = default) => store.ListAsync(cancellationToken);

    /// <summary>
    /// Revokes a key by its id, or by the key itself. Servers may accept it for a few seconds more. Returns false if it does not
    /// exist.
    /// </summary>
    public Task<bool> RevokeAsync(string idOrKey, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(idOrKey);
        return store.RevokeAsync(ApiKeyText.IdOf(idOrKey) ?? idOrKey, time.GetUtcNow(), cancellationToken);
    }

    private static void Check(ApiKeyRequest request, DateTimeOffset now)
    {
        CheckText(request.Name, "name");
        CheckText(request.Owner, "owner");
        if (request.Permissions.Count > PermissionsMax)
        {
            throw Invalid("permissions", $"A key has at most {PermissionsMax} permissions (was {request.Permissions.Count}).");
        }

        foreach (var permission in request.Permissions)
        {
            CheckText(permission, "permissions");
            if (permission.Any(char.IsWhiteSpace))
            {
                throw Invalid("permissions", $"A permission must not contain spaces (was '{permission}').");
            }
        }

        if (request.ExpiresAt <= now)
        {
            throw Invalid("expires", "A key must expire in the future.");
        }
    }

    private static void CheckText(string text, string field)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > TextLengthMax || text.Any(char.IsControl))
        {
            throw Invalid(field, $"It must have 1 to {TextLengthMax} characters, without control characters.");
        }
    }

    private static WeftException Invalid(string field, string message) => new(ProblemKind.Invalid, message, field);
}
