using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Keeps assistants and their versions.</summary>
internal sealed class SqliteAssistantStore(SqliteDatabase database) : IAssistantStore
{
    private const string Columns = """
        assistants.assistant_id, owner, graph_id, name, description, config, context, metadata, assistant_versions.version,
        assistants.created_at, assistants.updated_at, assistant_versions.created_at
        """;

    private const string Current = $"SELECT {Columns} FROM assistants JOIN assistant_versions USING (assistant_key, version)";

    private const string Key = "(SELECT assistant_key FROM assistants WHERE owner = ?1 AND assistant_id = ?2)";

    private const string Find = $"{Current} WHERE owner = ?1 AND assistant_id = ?2";

    private const string Insert = """
        INSERT INTO assistants (owner, assistant_id, version, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT DO NOTHING
        """;

    private const string InsertVersion = $"""
        INSERT INTO assistant_versions (assistant_key, version, graph_id, name, description, config, context, metadata, created_at)
        VALUES ({Key}, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        """;

    private const string FindNext = $"""
        SELECT max(assistant_versions.version) + 1
        FROM assistants JOIN assistant_versions USING (assistant_key)
        WHERE assistant_key = {Key} AND assistants.version = ?3
        """;

    private const string SetVersion = $"""
        UPDATE assistants SET version = ?3, updated_at = ?4
        WHERE assistant_key = {Key}
          AND EXISTS (SELECT 1 FROM assistant_versions AS known WHERE known.assistant_key = assistants.assistant_key AND known.version = ?3)
        """;

    private const string DeleteVersions = $"DELETE FROM assistant_versions WHERE assistant_key = {Key}";
    private const string Delete = "DELETE FROM assistants WHERE owner = ?1 AND assistant_id = ?2";

    // The metadata is returned only if a condition needs it.
    private const string AllVersions = $"""
        SELECT assistant_versions.version, CASE WHEN ?3 THEN metadata END
        FROM assistant_versions WHERE assistant_key = {Key} ORDER BY version DESC
        """;

    private const string FindMetadata = $"SELECT metadata FROM assistant_versions WHERE assistant_key = {Key} AND version = ?3";

    private const string FindVersion = $"""
        SELECT {Columns} FROM assistants JOIN assistant_versions USING (assistant_key)
        WHERE assistant_key = {Key} AND assistant_versions.version = ?3
        """;

    // The rows are chosen and sorted without reading their configurations, and their metadata only if it is asked for.
    private const string All = """
        SELECT assistant_key, graph_id, name, CASE WHEN ?3 THEN metadata END
        FROM assistants JOIN assistant_versions USING (assistant_key, version)
        WHERE owner = ?1 AND (?2 IS NULL OR graph_id = ?2)
        """;

    private const string FindByKey = $"{Current} WHERE assistant_key = ?1";
    private const string FindId = "SELECT hex(assistant_id) FROM assistants WHERE assistant_key = ?1";
    private const string FindLater = $"{Current} WHERE assistant_key = ?1 AND hex(assistant_id) = ?2";

    // A constant text for each order, because a statement is prepared once for each constant.
    private const string ById = $"{All} ORDER BY assistant_id";
    private const string ByIdDown = $"{All} ORDER BY assistant_id DESC";
    private const string ByGraph = $"{All} ORDER BY graph_id, assistant_key";
    private const string ByGraphDown = $"{All} ORDER BY graph_id DESC, assistant_key";
    private const string ByName = $"{All} ORDER BY name, assistant_key";
    private const string ByNameDown = $"{All} ORDER BY name DESC, assistant_key";
    public const string ByCreation = $"{All} ORDER BY assistants.created_at, assistant_key";
    private const string ByCreationDown = $"{All} ORDER BY assistants.created_at DESC, assistant_key";
    private const string ByUpdate = $"{All} ORDER BY assistants.updated_at, assistant_key";
    private const string ByUpdateDown = $"{All} ORDER BY assistants.updated_at DESC, assistant_key";

    public Task<AssistantRecord?> FindAsync(Actor actor, AssistantId assistantId, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => Use(connection, Find, actor, assistantId).First(Read), cancellationToken);

    public Task<bool> TryCreateAsync(AssistantRecord assistant, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            var isNew = connection.Use(Insert)
                .Add(assistant.Owner).Add(assistant.AssistantId.Value).Add((long)assistant.Version)
                .Add(assistant.CreatedAt).Add(assistant.UpdatedAt).Execute() == 1;
            if (isNew)
            {
                AddVersion(connection, assistant, assistant.Version, assistant.CreatedAt);
            }

            return isNew;
        },
        cancellationToken);

    public Task<int?> TryAddVersionAsync(AssistantRecord next, int from, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            var actor = new Actor(next.Owner);
            var version = Use(connection, FindNext, actor, next.AssistantId).Add((long)from)
                .First(row => row.IsNull(0) ? (int?)null : (int)row.Integer(0));
            if (version is { } number)
            {
                AddVersion(connection, next, number, next.UpdatedAt);
                Use(connection, SetVersion, actor, next.AssistantId).Add((long)number).Add(next.UpdatedAt).Execute();
            }

            return version;
        },
        cancellationToken);

    public Task<AssistantRecord?> SetLatestAsync(
        Actor actor, AssistantId assistantId, int version, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        connection => SeesVersion(connection, actor, assistantId, version)
            && Use(connection, SetVersion, actor, assistantId).Add((long)version).Add(now).Execute() == 1
                ? Use(connection, Find, actor, assistantId).First(Read)
                : null,
        cancellationToken);

    public Task<bool> DeleteAsync(Actor actor, AssistantId assistantId, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            Use(connection, DeleteVersions, actor, assistantId).Execute();
            return Use(connection, Delete, actor, assistantId).Execute() == 1;
        },
        cancellationToken);

    public async Task<LazyPage<AssistantRecord>> OpenVersionsAsync(
        Actor actor, AssistantId assistantId, JsonElement? metadata, int limit, int offset, CancellationToken cancellationToken)
    {
        AssistantRecord? Find(StoreConnection connection, long version) =>
            Use(connection, FindVersion, actor, assistantId).Add(version).First(ReadVersion);

        var needsMetadata = metadata is not null || actor.Scope is not null;
        var found = await database.ReadAsync(
            connection =>
            {
                var (page, skipped) = (new PageRows<AssistantRecord>(RowSizes.Of), 0);
                // The versions are read before the statement ends, so in its snapshot.
                Use(connection, AllVersions, actor, assistantId).Add(needsMetadata).ReadWhile(row =>
                {
                    if (page.Count < limit
                        && (!needsMetadata || AssistantCandidate.MatchesVersion(actor, metadata, Json(row, 1)))
                        && skipped++ >= offset)
                    {
                        if (page.IsFull)
                        {
                            page.AddKey(row.Integer(0));
                        }
                        else
                        {
                            page.Add(Find(connection, row.Integer(0))!);
                        }
                    }

                    return page.Count < limit;
                });
                return page;
            },
            cancellationToken);
        return LazyRows.Of(
            database,
            found,
            (connection, row) => Find(connection, row.Key) is { } version
                && AssistantCandidate.MatchesVersion(actor, metadata, version.Metadata)
                    ? version
                    : null);
    }

    public async Task<LazyPage<AssistantRecord>> OpenSearchAsync(
        Actor actor, AssistantQuery query, CancellationToken cancellationToken)
    {
        var found = await database.ReadOrScanAsync(
            (connection, budget) => Search(connection, actor, query, budget), cancellationToken);
        return LazyRows.Of(
            database,
            found,
            (connection, row) => connection.Use(FindLater).Add(row.Key).Add(row.Id).First(Read) is { } assistant
                && AssistantCandidate.MatchesLater(assistant, actor, query)
                    ? assistant
                    : null);
    }

    private static PageRows<AssistantRecord> Search(StoreConnection connection, Actor actor, AssistantQuery query, ReadBudget budget)
    {
        var page = new PageRows<AssistantRecord>(RowSizes.Of);
        var total = 0;
        var needsMetadata = AssistantCandidate.NeedsMetadata(actor, query);
        // The assistants are read before the statement ends, so in its snapshot.
        connection.Use(SqlOf(query)).Add(actor.Id).Add(query.GraphId).Add(needsMetadata).ReadWhile(row =>
        {
            budget.Spend();
            if (AssistantCandidate.Matches(actor, query, row.Text(1), row.Text(2), needsMetadata ? Json(row, 3) : null))
            {
                if (total >= query.Offset && page.Count < query.Limit)
                {
                    page.Add(connection, FindByKey, row.Integer(0), Read, FindId);
                }

                total++;
            }

            return true;
        });
        return page.WithTotal(total);
    }

    /// <summary>Whether the actor sees a version of one of its assistants. Without a scope it sees those that exist.</summary>
    private static bool SeesVersion(StoreConnection connection, Actor actor, AssistantId assistantId, int version) =>
        actor.Scope is null
        || (Use(connection, FindMetadata, actor, assistantId).Add((long)version).First(static row => (JsonElement?)Json(row, 0))
                is { } metadata
            && AssistantCandidate.MatchesVersion(actor, null, metadata));

    private static void AddVersion(StoreConnection connection, AssistantRecord assistant, int version, DateTimeOffset createdAt) =>
        Use(connection, InsertVersion, new Actor(assistant.Owner), assistant.AssistantId)
            .Add((long)version).Add(assistant.GraphId).Add(assistant.Name).Add(assistant.Description)
            .Add(assistant.Config.GetRawText()).Add(assistant.Context.GetRawText()).Add(assistant.Metadata.GetRawText())
            .Add(createdAt).Execute();

    private static Statement Use(StoreConnection connection, string sql, Actor actor, AssistantId assistantId) =>
        connection.Use(sql).Add(actor.Id).Add(assistantId.Value);

    private static AssistantRecord Read(Statement row) => new()
    {
        AssistantId = new AssistantId(row.Guid(0)),
        Owner = row.Text(1),
        GraphId = row.Text(2),
        Name = row.Text(3),
        Description = row.TextOrNull(4),
        Config = Json(row, 5),
        Context = Json(row, 6),
        Metadata = Json(row, 7),
        Version = (int)row.Integer(8),
        CreatedAt = row.Time(9),
        UpdatedAt = row.Time(10),
    };

    private static AssistantRecord ReadVersion(Statement row) => Read(row) with { CreatedAt = row.Time(11) };

    private static JsonElement Json(Statement row, int column) => GraphJson.Parse(row.Bytes(column));

    private static string SqlOf(AssistantQuery query) => (query.SortBy, query.Descending) switch
    {
        (AssistantSort.AssistantId, false) => ById,
        (AssistantSort.AssistantId, true) => ByIdDown,
        (AssistantSort.GraphId, false) => ByGraph,
        (AssistantSort.GraphId, true) => ByGraphDown,
        (AssistantSort.Name, false) => ByName,
        (AssistantSort.Name, true) => ByNameDown,
        (AssistantSort.UpdatedAt, false) => ByUpdate,
        (AssistantSort.UpdatedAt, true) => ByUpdateDown,
        (_, false) => ByCreation,
        (_, true) => ByCreationDown,
    };
}
