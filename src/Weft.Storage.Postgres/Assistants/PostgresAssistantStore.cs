using System.Text;
using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Keeps assistants and their versions.</summary>
internal sealed class PostgresAssistantStore(PostgresDatabase database) : IAssistantStore
{
    private const string Columns = """
        assistants.assistant_id, assistants.owner, versions.graph_id, versions.name, versions.description, versions.config,
        versions.context, versions.metadata, versions.version, assistants.created_at, assistants.updated_at, versions.created_at
        """;

    private const int ColumnCount = 12;

    private const string Select = $"""
        SELECT {Columns}
        FROM weft.assistants AS assistants
        JOIN weft.assistant_versions AS versions USING (assistant_key, version)
        """;

    private const string Find = $"{Select} WHERE owner = $1 AND assistant_id = $2";

    private const string Insert = """
        WITH added AS (
            INSERT INTO weft.assistants (owner, assistant_id, version, created_at, updated_at) VALUES ($1, $2, $3, $10, $11)
            ON CONFLICT (owner, assistant_id) DO NOTHING
            RETURNING assistant_key)
        INSERT INTO weft.assistant_versions (
            assistant_key, version, graph_id, name, description, config, context, metadata, created_at)
        SELECT assistant_key, $3, $4, $5, $6, $7, $8, $9, $10 FROM added
        """;

    private const string LockAt = """
        SELECT assistant_key FROM weft.assistants WHERE owner = $1 AND assistant_id = $2 AND version = $3 FOR UPDATE
        """;

    private const string InsertVersion = """
        INSERT INTO weft.assistant_versions (
            assistant_key, version, graph_id, name, description, config, context, metadata, created_at)
        SELECT $1, max(version) + 1, $2, $3, $4, $5, $6, $7, $8 FROM weft.assistant_versions WHERE assistant_key = $1
        RETURNING version
        """;

    private const string SetVersion = """
        UPDATE weft.assistants AS assistants SET version = $3, updated_at = $4
        WHERE owner = $1 AND assistant_id = $2
          AND (SELECT true FROM weft.assistant_versions AS known
               WHERE known.assistant_key = assistants.assistant_key AND known.version = $3 LIMIT 1)
        """;

    // What it returns stays true until the commit.
    private const string LockMetadata = """
        SELECT version.metadata
        FROM (SELECT assistant_key FROM weft.assistants WHERE owner = $1 AND assistant_id = $2 FOR UPDATE) AS assistant
        CROSS JOIN LATERAL (
            SELECT metadata FROM weft.assistant_versions AS found
            WHERE found.assistant_key = assistant.assistant_key AND found.version = $3 LIMIT 1) AS version
        """;

    private const string Delete = "DELETE FROM weft.assistants WHERE owner = $1 AND assistant_id = $2";

    // The metadata is returned only if a condition needs it.
    private const string AllVersions = """
        SELECT versions.version, CASE WHEN $3 THEN metadata END,
            octet_length(config) + octet_length(context) + octet_length(metadata)
        FROM weft.assistants AS assistants
        JOIN weft.assistant_versions AS versions USING (assistant_key)
        WHERE owner = $1 AND assistant_id = $2 ORDER BY versions.version DESC
        """;

    private const string ListVersions = $"""
        SELECT {Columns}, chosen.place
        FROM unnest($1::bigint[]) WITH ORDINALITY AS chosen (version, place)
        CROSS JOIN LATERAL (
            SELECT * FROM weft.assistants AS found WHERE found.owner = $2 AND found.assistant_id = $3 LIMIT 1) AS assistants
        CROSS JOIN LATERAL (
            SELECT * FROM weft.assistant_versions AS found
            WHERE found.assistant_key = assistants.assistant_key AND found.version = chosen.version LIMIT 1) AS versions
        ORDER BY chosen.place
        """;

    // The rows are chosen and sorted without reading their configurations, and their metadata only if it is asked for.
    private const string All = """
        SELECT assistant_key, graph_id, name, CASE WHEN $3 THEN metadata END,
            octet_length(config) + octet_length(context) + octet_length(metadata)
        FROM weft.assistants AS assistants
        JOIN weft.assistant_versions AS versions USING (assistant_key, version)
        WHERE owner = $1 AND ($2::text IS NULL OR graph_id = $2)
        """;

    private const string List = $"""
        SELECT {Columns}, chosen.place
        FROM unnest($1::bigint[]) WITH ORDINALITY AS chosen (assistant_key, place)
        CROSS JOIN LATERAL (
            SELECT * FROM weft.assistants AS found WHERE found.assistant_key = chosen.assistant_key LIMIT 1) AS assistants
        CROSS JOIN LATERAL (
            SELECT * FROM weft.assistant_versions AS found
            WHERE found.assistant_key = assistants.assistant_key AND found.version = assistants.version LIMIT 1) AS versions
        ORDER BY chosen.place
        """;

    // A constant text for each order, because a statement is prepared once for each constant.
    private const string ById = $"{All} ORDER BY assistant_id";
    private const string ByIdDown = $"{All} ORDER BY assistant_id DESC";
    private const string ByGraph = $"{All} ORDER BY graph_id, assistant_key";
    private const string ByGraphDown = $"{All} ORDER BY graph_id DESC, assistant_key";
    private const string ByName = $"{All} ORDER BY name, assistant_key";
    private const string ByNameDown = $"{All} ORDER BY name DESC, assistant_key";
    private const string ByCreation = $"{All} ORDER BY assistants.created_at, assistant_key";
    private const string ByCreationDown = $"{All} ORDER BY assistants.created_at DESC, assistant_key";
    private const string ByUpdate = $"{All} ORDER BY assistants.updated_at, assistant_key";
    private const string ByUpdateDown = $"{All} ORDER BY assistants.updated_at DESC, assistant_key";

    public Task<AssistantRecord?> FindAsync(Actor actor, AssistantId assistantId, CancellationToken cancellationToken) =>
        database.ReadAsync(session => Use(session, Find, actor, assistantId).FirstAsync(Read), cancellationToken);

    public Task<bool> TryCreateAsync(AssistantRecord assistant, CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            var actor = new Actor(assistant.Owner);
            var insert = Use(session, Insert, actor, assistant.AssistantId).Add(assistant.Version);
            return await AddValues(insert, assistant, assistant.CreatedAt).Add(assistant.UpdatedAt).ExecuteAsync() == 1
                || await Use(session, Find, actor, assistant.AssistantId).FirstAsync(Read) is { } stored && IsSame(stored, assistant);
        },
        cancellationToken);

    public Task<int?> TryAddVersionAsync(AssistantRecord next, int from, CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            var actor = new Actor(next.Owner);
            var key = await Use(session, LockAt, actor, next.AssistantId).Add(from).FirstAsync(row => row.Integer(0));
            if (key == 0)
            {
                return await Use(session, Find, actor, next.AssistantId).FirstAsync(Read) is { } stored && IsSame(stored, next)
                    ? stored.Version
                    : (int?)null;
            }

            // A statement of its own sees the versions that were added before the row was locked.
            var version = await AddValues(session.Use(InsertVersion).Add(key), next, next.UpdatedAt)
                .FirstAsync(row => (int)row.Integer(0));
            await Use(session, SetVersion, actor, next.AssistantId).Add(version).Add(next.UpdatedAt).ExecuteAsync();
            return version;
        },
        cancellationToken);

    public Task<AssistantRecord?> SetLatestAsync(
        Actor actor, AssistantId assistantId, int version, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        async session => await SeesVersionAsync(session, actor, assistantId, version)
            && await Use(session, SetVersion, actor, assistantId).Add(version).Add(now).ExecuteAsync() == 1
                ? await Use(session, Find, actor, assistantId).FirstAsync(Read)
                : null,
        cancellationToken);

    public Task<bool> DeleteAsync(Actor actor, AssistantId assistantId, CancellationToken cancellationToken) => database.WriteAsync(
        Removal.Of(async session => await Use(session, Delete, actor, assistantId).ExecuteAsync() == 1), cancellationToken);

    public async Task<LazyPage<AssistantRecord>> OpenVersionsAsync(
        Actor actor, AssistantId assistantId, JsonElement? metadata, int limit, int offset, CancellationToken cancellationToken)
    {
        Statement AddAssistant(Statement statement) => statement.Add(actor.Id).Add(assistantId.Value);

        var needsMetadata = metadata is not null || actor.Scope is not null;
        var found = await database.SearchAsync(
            async session =>
            {
                var (page, skipped) = (new PageRows<AssistantRecord>(RowSizes.Of), 0);
                await Use(session, AllVersions, actor, assistantId).Add(needsMetadata).ReadWhileAsync(row =>
                {
                    if (page.Count < limit
                        && (!needsMetadata || AssistantCandidate.MatchesVersion(actor, metadata, Json(row, 1)))
                        && skipped++ >= offset)
                    {
                        page.AddSizedKey(row.Integer(0), (int)row.Integer(2));
                    }

                    return page.Count < limit;
                });
                return await page.WithFirstRowsAsync(session, ListVersions, ColumnCount, ReadVersion, AddAssistant);
            },
            cancellationToken);
        return LazyRows.Of(
            database,
            found,
            ListVersions,
            ColumnCount,
            row => ReadVersion(row) is var version && AssistantCandidate.MatchesVersion(actor, metadata, version.Metadata)
                ? version
                : null,
            AddAssistant);
    }

    public async Task<LazyPage<AssistantRecord>> OpenSearchAsync(
        Actor actor, AssistantQuery query, CancellationToken cancellationToken)
    {
        var found = await database.SearchAsync(session => SearchAsync(session, actor, query), cancellationToken);
        return LazyRows.Of(
            database,
            found,
            List,
            ColumnCount,
            row => Read(row) is var assistant && AssistantCandidate.MatchesLater(assistant, actor, query) ? assistant : null);
    }

    private static async Task<PageRows<AssistantRecord>> SearchAsync(Session session, Actor actor, AssistantQuery query)
    {
        var page = new PageRows<AssistantRecord>(RowSizes.Of);
        var total = 0;
        var needsMetadata = AssistantCandidate.NeedsMetadata(actor, query);
        await session.Use(SqlOf(query)).Add(actor.Id).Add(query.GraphId).Add(needsMetadata).ReadWhileAsync(row =>
        {
            if (AssistantCandidate.Matches(actor, query, row.Text(1), row.Text(2), needsMetadata ? Json(row, 3) : null))
            {
                if (total >= query.Offset && page.Count < query.Limit)
                {
                    page.AddSizedKey(row.Integer(0), (int)row.Integer(4));
                }

                total++;
            }

            return true;
        });
        return await page.WithTotal(total).WithFirstRowsAsync(session, List, ColumnCount, Read);
    }

    /// <summary>Whether the actor sees a version of one of its assistants. Without a scope it sees those that exist.</summary>
    private static async Task<bool> SeesVersionAsync(Session session, Actor actor, AssistantId assistantId, int version) =>
        actor.Scope is null
        || (await Use(session, LockMetadata, actor, assistantId).Add(version).FirstAsync(static row => (JsonElement?)Json(row, 0))
                is { } metadata
            && AssistantCandidate.MatchesVersion(actor, null, metadata));

    /// <summary>Whether a write is stored already, because it is a repetition whose first answer was lost with a connection.</summary>
    private static bool IsSame(AssistantRecord stored, AssistantRecord given) =>
        UnixMicroseconds.From(stored.UpdatedAt) == UnixMicroseconds.From(given.UpdatedAt)
        && (stored.GraphId, stored.Name, stored.Description) == (given.GraphId, given.Name, given.Description)
        && stored.Config.GetRawText() == given.Config.GetRawText()
        && stored.Context.GetRawText() == given.Context.GetRawText()
        && stored.Metadata.GetRawText() == given.Metadata.GetRawText();

    private static Statement Use(Session session, string sql, Actor actor, AssistantId assistantId) =>
        session.Use(sql).Add(actor.Id).Add(assistantId.Value);

    private static Statement AddValues(Statement statement, AssistantRecord version, DateTimeOffset createdAt) => statement
        .Add(version.GraphId).Add(version.Name).Add(version.Description)
        .Add(version.Config.GetRawText()).Add(version.Context.GetRawText()).Add(version.Metadata.GetRawText())
        .Add(createdAt);

    private static AssistantRecord Read(Row row) => new()
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

    private static AssistantRecord ReadVersion(Row row) => Read(row) with { CreatedAt = row.Time(11) };

    private static JsonElement Json(Row row, int column) => GraphJson.Parse(Encoding.UTF8.GetBytes(row.Text(column)));

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
