using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Graphs;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>What a run did, and when (docs/protocol/weft.md 7).</summary>
internal sealed class RunTimelineEndpoints(Mount mount, RunsFacade runs)
{
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapMethods("/weft/threads/{thread_id}/runs/{run_id}/timeline", Verbs.Read, (Delegate)GetAsync).WithAccess(Threads, Read)
            .WithTags("Thread Runs")
            .Returns<RunTimelineResponse>().ReturnsProblem(404, 422)
            .WithSummary("Get the supersteps, tasks, model calls and tool calls of a run, with their times");

    private async Task GetAsync(HttpContext http, string thread_id, string run_id)
    {
        var run = await runs.GetAsync(
            Requests.ActorOf(http), Requests.ReadThreadId(mount, thread_id), Requests.ReadRunId(mount, run_id), http.RequestAborted);
        var timeline = Timeline.Of(await runs.ReadTimelineAsync(run, http.RequestAborted));
        await JsonResponse.WriteListAsync(http, "entries", timeline.Entries.ToAsyncEnumerable(), Write, writer =>
        {
            writer.WriteNumber("omitted"u8, timeline.Omitted);
            writer.WriteStartObject("totals"u8);
            Write(writer, "supersteps"u8, timeline.Sums[(int)TimelineKind.Superstep], hasUsage: false);
            Write(writer, "tasks"u8, timeline.Sums[(int)TimelineKind.Task], hasUsage: false);
            Write(writer, "model_calls"u8, timeline.Sums[(int)TimelineKind.Model], hasUsage: true);
            Write(writer, "tool_calls"u8, timeline.Sums[(int)TimelineKind.Tool], hasUsage: false);
            writer.WriteEndObject();
            writer.WriteStartArray("attempts"u8);
            foreach (var attempt in timeline.Attempts)
            {
                writer.WriteNumberValue(attempt);
            }

            writer.WriteEndArray();
            writer.WriteBoolean("is_running"u8, timeline.IsRunning);
            writer.Time("started_at"u8, run.StartedAt);
        });
    }

    private static void Write(Utf8JsonWriter writer, (int Attempt, TimelineEntry Entry) item)
    {
        var entry = item.Entry;
        writer.WriteStartObject();
        writer.WriteString("type"u8, NameOf(entry.Kind));
        writer.WriteNumber("run_attempt"u8, item.Attempt);
        writer.WriteString("status"u8, NameOf(entry.Status));
        Milliseconds(writer, "start_ms"u8, entry.Start);
        if (entry.Status == TimelineStatus.Running)
        {
            writer.WriteNull("end_ms"u8);
        }
        else
        {
            Milliseconds(writer, "end_ms"u8, entry.End);
        }

        writer.WriteString("error"u8, entry.Error);
        switch (entry.Kind)
        {
            case TimelineKind.Superstep:
                writer.WriteString("namespace"u8, entry.Scope);
                writer.WriteNumber("step"u8, entry.Step);
                writer.WriteString("checkpoint_id"u8, entry.Id);
                writer.WriteString("source"u8, entry.Name);
                break;
            case TimelineKind.Task:
                writer.WriteString("namespace"u8, entry.Scope);
                writer.WriteNumber("step"u8, entry.Step);
                writer.WriteString("id"u8, entry.Id);
                writer.WriteString("node"u8, entry.Name);
                writer.WriteNumber("attempt"u8, Math.Max(1, entry.Tries));
                writer.WriteBoolean("cached"u8, entry.IsCached);
                break;
            case TimelineKind.Model:
                writer.WriteString("task_id"u8, entry.Scope);
                writer.WriteString("name"u8, entry.Name);
                writer.WriteString("model"u8, entry.Model);
                Write(writer, entry.Usage?.Value);
                break;
            default:
                writer.WriteString("task_id"u8, entry.Scope);
                writer.WriteString("name"u8, entry.Name);
                writer.WriteString("tool_call_id"u8, entry.Id);
                break;
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, TimelineSum sum, bool hasUsage)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("count"u8, sum.Count);
        writer.WriteNumber("errors"u8, sum.Errors);
        Milliseconds(writer, "ms"u8, sum.Time);
        if (hasUsage)
        {
            Write(writer, sum.Usage);
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, TokenUsage? usage)
    {
        writer.WritePropertyName("usage"u8);
        if (usage is { } tokens)
        {
            tokens.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static void Milliseconds(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long microseconds) =>
        writer.WriteNumber(name, microseconds / 1000m);

    private static string NameOf(TimelineKind kind) => kind switch
    {
        TimelineKind.Superstep => "superstep",
        TimelineKind.Task => "task",
        TimelineKind.Model => "model_call",
        _ => "tool_call",
    };

    private static string NameOf(TimelineStatus status) => status switch
    {
        TimelineStatus.Running => "running",
        TimelineStatus.Success => "success",
        TimelineStatus.Error => "error",
        TimelineStatus.Interrupted => "interrupted",
        _ => "cancelled",
    };

    /// <summary>What the known attempts did.</summary>
    private sealed record Timeline(
        List<(int Attempt, TimelineEntry Entry)> Entries, long Omitted, TimelineSum[] Sums, IEnumerable<int> Attempts, bool IsRunning)
    {
        public static Timeline Of(IReadOnlyList<TimelineSegment> segments)
        {
            var sums = new TimelineSum[(int)TimelineKind.Tool + 1];
            var entries = new List<(int, TimelineEntry)>();
            var omitted = 0L;
            foreach (var (attempt, state) in segments)
            {
                foreach (ref readonly var entry in state.Entries.Span)
                {
                    ref var sum = ref sums[(int)entry.Kind];
                    sum = sum.Plus(SumOf(entry));
                    if (entries.Count < RunTimeline.EntriesMax)
                    {
                        entries.Add((attempt, entry));
                    }
                    else
                    {
                        omitted++;
                    }
                }

                for (var kind = 0; kind < (state.Omitted?.Length ?? 0); kind++)
                {
                    sums[kind] = sums[kind].Plus(state.Omitted![kind]);
                    omitted += state.Omitted[kind].Count;
                }
            }

            return new Timeline(
                entries, omitted, sums, segments.Select(segment => segment.Attempt), segments.Any(segment => segment.State.IsRunning));
        }

        private static TimelineSum SumOf(in TimelineEntry entry) => new(
            1,
            entry.Status == TimelineStatus.Error ? 1 : 0,
            entry.Status == TimelineStatus.Running ? 0 : entry.End - entry.Start,
            entry.Usage?.Value ?? default);
    }
}
