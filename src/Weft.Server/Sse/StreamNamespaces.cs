using Microsoft.AspNetCore.Http;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The graphs whose events a stream of a run has (docs/protocol/streaming.md D1). It belongs to one stream.</summary>
internal sealed class StreamNamespaces
{
    private const string Name = "namespace";

    private readonly string[][] _given;
    private string? _last;
    private bool _hasLast;

    private StreamNamespaces(IEnumerable<string> given) => _given = [.. given.Select(SegmentsOf)];

    /// <summary>Reads the query; null if it restricts nothing. Names of nodes may have commas, which separate nothing.</summary>
    /// <exception cref="WeftException">It is not a list of namespaces, or has too many.</exception>
    public static StreamNamespaces? Read(HttpContext http, WeftServerOptions options)
    {
        var values = http.Request.Query[Name];
        if (values.Count == 0)
        {
            return null;
        }

        List<string> given = values is [['[', ..]] ? Requests.ReadList(http, Name)! : [.. values.Select(static value => value ?? "")];
        return given.Count <= options.FilterNamespacesMax
            ? new StreamNamespaces(given)
            : throw Requests.Invalid("query." + Name, $"It must have at most {options.FilterNamespacesMax} namespaces.");
    }

    /// <summary>Whether events of a graph are in the stream, without those of the graphs inside it.</summary>
    /// <param name="checkpointNamespace">The namespace of the graph; empty for the root graph.</param>
    public bool Contains(string checkpointNamespace)
    {
        // Events of one graph follow each other.
        if (_last != checkpointNamespace)
        {
            var segments = SegmentsOf(checkpointNamespace);
            _hasLast = Array.Exists(_given, given => IsSame(given, segments));
            _last = checkpointNamespace;
        }

        return _hasLast;
    }

    private static string[] SegmentsOf(string text) => text.Length == 0 ? [] : text.Split('|');

    /// <summary>A segment that names no task stands for each task of its node.</summary>
    private static bool IsSame(string[] given, string[] segments) => given.Length == segments.Length
        && given.Zip(segments).All(static pair => pair.First == pair.Second
            || (!pair.First.Contains(':', StringComparison.Ordinal) && pair.First == pair.Second.Split(':', 2)[0]));
}
