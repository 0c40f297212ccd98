using System.Text;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>Reads runs.</summary>
internal static class RunRows
{
    /// <summary>The columns of a run, of the tables <c>runs</c>, <c>input</c> and <c>thread</c>.</summary>
    public const string Columns = """
        runs.run_id, thread.thread_id, runs.assistant_id, runs.status, runs.attempt, input.metadata, runs.multitask_strategy,
        input.kwargs, runs.not_before, runs.error, runs.created_at, runs.updated_at, runs.cancel_action, runs.cancel_reason, runs.owner,
        runs.headers, runs.begun, runs.usage, runs.started_at, runs.error_name, runs.server
        """;

    /// <summary>The number of <see cref="Columns"/>.</summary>
    public const int ColumnCount = 21;

    /// <summary>Joins the input and the thread of a run.</summary>
    public const string WithInput = """
        JOIN LATERAL (
            SELECT metadata, kwargs FROM weft.run_inputs WHERE run_inputs.run_key = runs.run_key LIMIT 1) AS input ON true
        JOIN LATERAL (
            SELECT thread_id, metadata FROM weft.threads WHERE threads.thread_key = runs.thread_key LIMIT 1) AS thread ON true
        """;

    /// <summary>Reads runs, of the table <c>runs</c>. It ends before <c>WHERE</c>.</summary>
    public const string Select = $"SELECT {Columns} FROM weft.runs {WithInput}";

    public static RunRecord Read(Row row) => Read(row, new AssistantId(row.Guid(2)));

    private static RunRecord Read(Row row, AssistantId assistantId) => new()
    {
        RunId = new RunId(row.Guid(0)),
        ThreadId = new ThreadId(row.Text(1)),
        AssistantId = assistantId,
        Status = ColumnEnums.RunStatus(row.Text(3)),
        Attempt = (int)row.Integer(4),
        Metadata = MetadataText.RunMetadata(row.Text(5), assistantId.ToString()),
        MultitaskStrategy = ColumnEnums.MultitaskStrategy(row.Text(6)),
        Kwargs = row.Bytes(7),
        NotBefore = row.TimeOrNull(8),
        Error = row.TextOrNull(9),
        CreatedAt = row.Time(10),
        UpdatedAt = row.Time(11),
        CancelRequest = row.IsNull(12) ? null : new CancelRequest(ColumnEnums.CancelAction(row.Text(12)), row.TextOrNull(13)),
        Owner = row.Text(14),
        Headers = row.TextOrNull(15),
        StartOrder = row.Integer(16),
        Usage = UsageOf(row, 17),
        StartedAt = row.TimeOrNull(18),
        ErrorName = row.TextOrNull(19),
        Server = row.IsNull(20) ? null : (int)row.Integer(20),
    };

    /// <summary>Returns the tokens that the models of a run took.</summary>
    public static UsageByModel? UsageOf(Row row, int column) =>
        row.TextOrNull(column) is { } usage ? UsageByModel.FromJson(GraphJson.Parse(Encoding.UTF8.GetBytes(usage))) : null;
}
