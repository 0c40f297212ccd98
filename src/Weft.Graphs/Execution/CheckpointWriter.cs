using System.Globalization;
using System.Text;

namespace Weft.Graphs;

/// <summary>Makes the checkpoints that follow one another in a run or an edit.</summary>
internal sealed class CheckpointWriter(GraphRunOptions options, GraphScope scope, string? newestId)
{
    private readonly string _parents = scope.IsRoot ? "{}" : Parents(scope);

    /// <summary>The greatest id of the thread and namespace so far; the next one is greater.</summary>
    public string? NewestId { get; set; } = newestId;

    /// <summary>
    /// Makes the checkpoint after <paramref name="parent"/>, with its values and tasks unless others are set.
    /// </summary>
    public Checkpoint Next(Checkpoint parent, CheckpointSource source)
    {
        var now = options.Time.GetUtcNow();
        var step = parent.Step + 1;
        var id = CheckpointIds.Next(now, step, NewestId);
        NewestId = id;
        return parent with
        {
            Id = id,
            ParentId = parent.Id.Length == 0 ? null : parent.Id,
            Step = step,
            Source = source,
            CreatedAt = now,
            RunId = options.RunId,
            Metadata = Metadata(source, step),
            Input = null,
            Completed = [],
            Call = scope.Call ?? parent.Call,
        };
    }

    private string Metadata(CheckpointSource source, int step)
    {
        var comma = options.Metadata.Length <= 2 ? "" : ",";
        var members = options.Metadata.Length <= 2 ? "}" : options.Metadata.AsSpan(1);
        return string.Create(
            CultureInfo.InvariantCulture,
            stackalloc char[512],
            $"{{\"source\":\"{Name(source)}\",\"step\":{step},\"parents\":{_parents}{comma}{members}");
    }

    private static string Parents(GraphScope scope) => Encoding.UTF8.GetString(GraphJson.Encode(scope.Parents, static (writer, parents) =>
    {
        writer.WriteStartObject();
        foreach (var (checkpointNamespace, id) in parents)
        {
            writer.WriteString(checkpointNamespace, id);
        }

        writer.WriteEndObject();
    }));

    public static string Name(CheckpointSource source) => source switch
    {
        CheckpointSource.Input => "input",
        CheckpointSource.Loop => "loop",
        CheckpointSource.Update => "update",
        _ => "fork",
    };
}
