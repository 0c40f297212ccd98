using System.Diagnostics;
using System.Text;

namespace Weft.Tests;

/// <summary>
/// The spans of one trace. While a test has them, the work of other tests is traced too; the id of the trace tells them apart.
/// </summary>
internal sealed class RecordedSpans : IDisposable
{
    /// <summary>The source of requests, whose spans end some time after the client has the answer.</summary>
    public const string RequestSource = "Microsoft.AspNetCore";

    private readonly Lock _lock = new();
    private readonly List<Activity> _started = [];
    private readonly HashSet<Activity> _ended = [];
    private readonly ActivityListener _listener;

    /// <summary>Begins to listen.</summary>
    /// <param name="sources">The names of the sources; by default Weft alone.</param>
    public RecordedSpans(params string[] sources)
    {
        string[] names = sources is [] ? ["Weft"] : sources;
        _listener = new ActivityListener
        {
            ShouldListenTo = source => names.Contains(source.Name),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = activity => Add(activity, _started),
            ActivityStopped = activity => Add(activity, _ended),
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public ActivityTraceId TraceId { get; } = ActivityTraceId.CreateRandom();

    public ActivitySpanId CallerId { get; } = ActivitySpanId.CreateRandom();

    /// <summary>The header of a caller whose spans are elsewhere.</summary>
    public (string Name, string Value) Header => ("traceparent", $"00-{TraceId}-{CallerId}-01");

    /// <summary>Those of the trace that have ended, in the order in which they started, without requests.</summary>
    public IReadOnlyList<Activity> Ended
    {
        get
        {
            lock (_lock)
            {
                return [.. _started.Where(span => span.Source.Name != RequestSource && _ended.Contains(span))];
            }
        }
    }

    /// <summary>The ids of the trace's requests.</summary>
    public IReadOnlyList<ActivitySpanId> RequestIds
    {
        get
        {
            lock (_lock)
            {
                return [.. _started.Where(span => span.Source.Name == RequestSource).Select(span => span.SpanId)];
            }
        }
    }

    /// <summary>The names of those that have ended, each indented below its parent.</summary>
    public string Tree
    {
        get
        {
            var text = new StringBuilder();
            var ended = Ended;
            foreach (var root in ended.Where(span => !ended.Any(other => other.SpanId == span.ParentSpanId)))
            {
                Write(text, ended, root, 0);
            }

            return text.ToString().TrimEnd();
        }
    }

    /// <summary>The span with this name.</summary>
    public Activity this[string name] => Ended.Single(span => span.DisplayName == name);

    /// <summary>Makes the trace the current one of this flow.</summary>
    public Activity Enter()
    {
        var activity = new Activity("test");
        activity.SetParentId(TraceId, CallerId, ActivityTraceFlags.Recorded);
        return activity.Start();
    }

    public void Dispose() => _listener.Dispose();

    private static void Write(StringBuilder text, IReadOnlyList<Activity> spans, Activity span, int depth)
    {
        text.Append(' ', 2 * depth).Append(span.DisplayName).Append('\n');
        foreach (var child in spans.Where(other => other.ParentSpanId == span.SpanId))
        {
            Write(text, spans, child, depth + 1);
        }
    }

    private void Add(Activity activity, ICollection<Activity> activities)
    {
        if (activity.TraceId == TraceId)
        {
            lock (_lock)
            {
                activities.Add(activity);
            }
        }
    }
}
