using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>An outcome of a task that an attempt puts.</summary>
internal readonly record struct NewOutcome(RunAttempt Attempt, TaskOutcomeRecord Outcome);

/// <summary>Puts outcomes of tasks of many threads.</summary>
internal sealed class OutcomePut : GroupedWrite<NewOutcome, FencedResult>
{
    public static readonly OutcomePut Kind = new();

    private const string Put = """
        WITH
            placed AS MATERIALIZED (
                SELECT
                    given.*, run.thread_key,
                    coalesce(run.attempt = given.attempt AND run.status = 'running', false) AS is_owned,
                    found.checkpoint_id IS NOT NULL AS has_checkpoint
                FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::uuid[], $5::text[], $6::bytea[])
                WITH ORDINALITY AS given (owner_id, attempt, ns, checkpoint_id, task_id, body, place)
                LEFT JOIN LATERAL (
                    SELECT thread_key, attempt, status FROM weft.runs WHERE runs.run_id = given.owner_id FOR SHARE) AS run ON true
                LEFT JOIN LATERAL (
                    SELECT checkpoint_id FROM weft.checkpoints
                    WHERE checkpoints.thread_key = run.thread_key
                        AND checkpoints.ns = given.ns AND checkpoints.checkpoint_id = given.checkpoint_id
                    LIMIT 1) AS found ON true),
            stored AS (
                INSERT INTO weft.task_outcomes (thread_key, ns, checkpoint_id, task_id, body)
                SELECT thread_key, ns, checkpoint_id, task_id, body FROM placed WHERE is_owned AND has_checkpoint
                ON CONFLICT (thread_key, ns, checkpoint_id, task_id) DO UPDATE SET body = excluded.body)
        SELECT place, CASE WHEN NOT is_owned THEN 1 WHEN NOT has_checkpoint THEN 2 ELSE 0 END FROM placed
        """;

    public override string Sql => Put;

    public override FencedResult Missing => FencedResult.Stale;

    public override void Bind(Statement statement, IReadOnlyList<NewOutcome> rows) => statement
        .Add(rows.Select(static row => row.Attempt.RunId.Value).ToArray())
        .Add(rows.Select(static row => row.Attempt.Attempt).ToArray())
        .Add(rows.Select(static row => row.Outcome.Namespace).ToArray())
        .Add(rows.Select(static row => row.Outcome.CheckpointId.Value).ToArray())
        .Add(rows.Select(static row => row.Outcome.TaskId).ToArray())
        .Add(rows.Select(static row => row.Outcome.Body).ToArray());

    public override FencedResult Read(Row row) => (FencedResult)row.Integer(1);

    public override int BytesOf(NewOutcome row) => row.Outcome.Body.Length;
}
